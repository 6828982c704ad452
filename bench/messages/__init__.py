"""Labelled messages to coding agents: how well corrections in words are found, and the training."""
