"""What errata keeps in the git directory: a database, the outbox, and a log of errors."""
