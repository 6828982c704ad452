"""Setting errata up in a repository, looking at what is set up, and taking it out again."""
