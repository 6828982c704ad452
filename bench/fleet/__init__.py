"""``python -m bench.fleet``: a fleet of a thousand repositories and ten million records."""
