"""Set errata up in a repository, diagnose the installation, and remove it."""
