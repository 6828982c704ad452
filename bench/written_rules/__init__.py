"""What became of rules that people wrote into AGENTS.md, CLAUDE.md and the like, on real histories."""
