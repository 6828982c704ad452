"""What `errata doctor` looks at: one small function for each thing that can be wrong.

A check takes a :class:`Case` and yields what it finds. It reads only: the repository that is looked
at is the same afterwards, byte for byte.
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
from errata.setup.layout import Layout

Level = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong, or worth knowing.

    Attributes:
        level: a problem fails; a note does not.
        what: where and what, on one line.
        mend: the command that mends it; "" if there is none.
    """

    level: Level
    what: str
    mend: str = ""


def problem(what: str, mend: str = "") -> Found:
    """Something that is wrong."""
    return Found("problem", what, mend)


def note(what: str, mend: str = "") -> Found:
    """Something worth knowing."""
    return Found("note", what, mend)


@dataclass
class Case:
    """The repository that is looked at.

    Attributes:
        config: its settings; the defaults where ``errata.toml`` cannot be used.
        broken: why ``errata.toml`` cannot be used; None if it can.
        now: microseconds UTC.
    """

    repo: Repository
    config: Config
    broken: ErrataError | None
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


Check = Callable[[Case], Iterator[Found]]


def safely(check: Check, case: Case) -> list[Found]:
    """What a check finds; a check that fails itself is one finding."""
    found: list[Found] = []
    try:
        found += check(case)
    except ErrataError as error:
        found.append(problem(Exception.__str__(error), error.hint))
    except Exception as error:
        # Whatever is broken, the other checks still tell what they can.
        name = check.__name__.replace("_", " ")
        said = " ".join(str(error).split())[:200]
        found.append(problem(f"{name}: could not be checked: {type(error).__name__}: {said}"))
    return found


def shell(path: object) -> str:
    """A path as a word for the shell; one that begins with a dash is no option."""
    import shlex

    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
