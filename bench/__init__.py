"""Measures every performance claim beside a peer, in one run: ``python -m bench``."""
