"""Everything that is kept in the git directory."""
