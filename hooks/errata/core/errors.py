"""The errors that the user can fix, with their exit codes.

Each prints as one line; a traceback is always a bug of errata.
"""

from __future__ import annotations


class ErrataError(Exception):
    """Base of every expected failure.

    Attributes:
        exit_code: exit status of a command that fails with this error.
        hint: what to do about it, or "".
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        """One line that is safe on a terminal, whatever names it contains."""
        message = super().__str__()
        line = f"{message} ({self.hint})" if self.hint else message
        if line.isprintable():
            return line
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


class ConfigError(ErrataError):
    """``errata.toml`` cannot be used as written."""


class GitError(ErrataError):
    """A git command failed, or this is not a git repository."""


class LogError(ErrataError):
    """A log cannot be read or written (directory, permissions, binary, ...)."""


class RecordError(ErrataError):
    """A record is not valid; the message says where, why, and what is allowed."""

    exit_code = 1


class RunbookError(ErrataError):
    """A runbook cannot be read, or not be written safely."""

    exit_code = 1
