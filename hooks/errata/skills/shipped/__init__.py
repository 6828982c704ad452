"""Data, not code: the skills and slash commands that ``errata init`` puts into a repository."""
