"""The repository's skills (SKILL.md): read, checked, offered by relevance; and those of errata."""
