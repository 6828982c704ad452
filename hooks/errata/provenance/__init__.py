"""Whose commit is this: identities and trailers."""
