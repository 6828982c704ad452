"""Corrections that nobody logs: line origin, detection, classification."""
