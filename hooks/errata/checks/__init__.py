"""Checks: lessons that a machine can look for in added lines, as rules of ast-grep or of words."""
