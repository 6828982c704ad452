"""Everything that can go wrong in a way the user can mend, with its exit code.

A person's mistake becomes one of these and prints as one line; a traceback is always a bug of ours.
"""

from __future__ import annotations


class ErrataError(Exception):
    """Base of every expected failure.

    Attributes:
        exit_code: status of the process when this ends a command.
        hint: what to do about it, or an empty string.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        """One line that is harmless on a terminal, whatever names stand in it."""
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
    """A log as a whole cannot be read or written (directory, permissions, binary, ...)."""


class RecordError(ErrataError):
    """One record is not valid; the message says where, what, and what is allowed."""

    exit_code = 1


class RunbookError(ErrataError):
    """A runbook cannot be read or safely written."""

    exit_code = 1
