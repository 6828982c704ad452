"""A time limit: a hook must not keep a person waiting, however large the commit is."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from errata.core.git import Repository


class DeadlineError(Exception):
    """The time limit passed; a run with more time has to finish the work."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant of :func:`time.monotonic`, in seconds, after which work stops."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline in so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def seconds_left(self) -> float | None:
        """The remaining time; None without a limit.

        Raises:
            DeadlineError: none remains.
        """
        if self.at == math.inf:
            return None
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise DeadlineError
        return seconds

    def has_passed(self) -> bool:
        """Whether no time remains."""
        return time.monotonic() >= self.at

    def run_git(self, repo: Repository, *args: str | bytes, stdin: bytes | None = None) -> bytes:
        """Run git, and stop it at the deadline.

        Raises:
            DeadlineError: the deadline passed.
            GitError: git failed.
        """
        try:
            return repo.git(*args, stdin=stdin, timeout=self.seconds_left())
        except TimeoutError as error:
            raise DeadlineError from error


NO_DEADLINE = Deadline(math.inf)
