"""Every speed claim beside its peer, measured in one run: ``python -m bench``."""
