"""Grouping, confidence, trends, routing, registry."""
