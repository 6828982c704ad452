"""git, configuration, errors, and files that are written atomically."""
