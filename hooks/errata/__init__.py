"""Git hooks that make a repository learn from how people correct coding agents."""

from errata.import_path import leave_out_repository

__version__ = "0.2.0"

leave_out_repository()
