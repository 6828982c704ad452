"""What became of rules that people wrote into AGENTS.md and the like, on real histories."""
