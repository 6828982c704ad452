"""Hooks that coding agents' tools call: one module per event."""
