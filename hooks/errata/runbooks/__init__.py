"""Runbook files: parse, render, promote, archive."""
