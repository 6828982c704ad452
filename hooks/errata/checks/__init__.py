"""Lessons as rules that a machine checks: proposed from corrections, run on what is added."""
