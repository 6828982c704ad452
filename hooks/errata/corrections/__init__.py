"""Corrections that nobody logs: line origin, detection, classification."""

MIXED = "authorship.jsonl"
"""In the state folder: what is known of mixed commits. Its name tells whether to load the rest
(errata.corrections.attribution.line_attribution)."""
