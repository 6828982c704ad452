"""Data, not code: the tables that the rest of the package reads (TOML)."""
