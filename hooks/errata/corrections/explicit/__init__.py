"""Corrections in words: is what a person typed to an agent a correction, of what type, and why."""
