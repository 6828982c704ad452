"""Git hooks that make a repository learn from how people correct coding agents."""

__version__ = "0.1.0"
