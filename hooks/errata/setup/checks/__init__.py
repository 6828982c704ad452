"""The checks of `errata doctor`, one small function each.

A check takes a :class:`DoctorContext` and yields diagnostics. It only reads: the repository is the
same afterwards, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.provenance.commits import Commit
from errata.setup import agents_in_history
from errata.setup.install_manifest import InstallManifest, load
from errata.setup.layout import Layout

Level = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem, or a note.

    Attributes:
        level: a problem fails; a note does not.
        message: the place and the problem, on one line.
        fix: the command that fixes it; "" if there is none.
    """

    level: Level
    message: str
    fix: str = ""


def problem(message: str, fix: str = "") -> Diagnostic:
    """A problem: errata does not work as intended."""
    return Diagnostic("problem", message, fix)


def note(message: str, fix: str = "") -> Diagnostic:
    """A note: information that needs no action, or a minor problem."""
    return Diagnostic("note", message, fix)


@dataclass
class DoctorContext:
    """The repository that is examined.

    Attributes:
        config: its settings; the defaults if ``errata.toml`` cannot be used.
        config_error: why ``errata.toml`` cannot be used; None if it can.
        now: microseconds UTC.
    """

    repo: Repository
    config: Config
    config_error: ErrataError | None
    now: int

    @property
    def root(self) -> Path:
        """The top of the work tree."""
        return self.repo.root

    @cached_property
    def layout(self) -> Layout | None:
        """The repository as hooks are installed in it; None without git or a work tree."""
        try:
            return Layout.of(self.repo)
        except ErrataError:
            return None

    @cached_property
    def recent_commits(self) -> list[Commit]:
        """The last commits of the history; [] without git, or before the first."""
        return agents_in_history.recent_commits(self.root) if self.repo.git_dir else []

    @cached_property
    def manifest(self) -> InstallManifest | None:
        """The install manifest; None if it is missing or cannot be read."""
        try:
            return load(self.layout) if self.layout else None
        except ErrataError:
            return None  # Another check reports it.


Check = Callable[[DoctorContext], Iterator[Diagnostic]]


def run_check(check: Check, context: DoctorContext) -> list[Diagnostic]:
    """The diagnostics of a check; a check that fails itself is one more."""
    diagnostics: list[Diagnostic] = []
    try:
        diagnostics += check(context)
    except ErrataError as error:
        diagnostics.append(problem(Exception.__str__(error), error.hint))
    except Exception as error:
        # The other checks still run.
        name = check.__name__.replace("_", " ")
        reason = " ".join(str(error).split())[:200]
        message = f"{name}: could not be checked: {type(error).__name__}: {reason}"
        diagnostics.append(problem(message))
    return diagnostics


def shell(path: object) -> str:
    """A path as a word for the shell; one that begins with a dash is not read as an option."""
    import shlex

    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def count(number: int, noun: str) -> str:
    """A number with its noun in the singular or the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(items: list[str], shown: int = 3) -> str:
    """The first items of a list, and how many more there are."""
    more = f" and {len(items) - shown} more" if len(items) > shown else ""
    return ", ".join(items[:shown]) + more
