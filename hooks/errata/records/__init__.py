"""The logs: read, normalise, append, validate."""
