"""What a group of corrections teaches. The package :mod:`errata.lessons` makes lessons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from errata.records.model import Severity


@dataclass(frozen=True, slots=True)
class Example:
    """Lines of a real correction.

    Attributes:
        file: its path in the repository.
        before, after: at most three lines each, without the indentation that they share.
        commit: the person's commit; "" if the record names none.
    """

    file: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often agents' work of one kind was corrected.

    Attributes:
        corrected, chances: agents' commits that were corrected, of those that could have been.
        low, high: limits of the 95% interval of ``corrected / chances``.
        base: the share that is corrected of comparable work.
        compared_with: what that comparable work is, as a noun phrase.
        is_comparable: whether ``base`` is of the same kind of edit; corrections of any kind are
            too different for a lesson to be judged by them.
    """

    corrected: int
    chances: int
    low: float
    high: float
    base: float
    compared_with: str
    is_comparable: bool = True


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a group of corrections teaches.

    Attributes:
        name: kebab-case; the name of its pattern.
        facts: what all its members have in common, as in the field ``edits`` of a record.
        words: stems that all its members have in common, where they are texts.
        instruction: what to do; "" if only the members' own words say it.
        reason: why, in one sentence; "" if it is not known.
        example: lines of one member, or None.
        rate: how often it happened, or None if the chances are not known.
        folders: where, the most frequent ones first, each with a final slash.
        contradicts: the lessons that say the opposite, by name.
        scope: the deepest folder in which all of it happened, with its slash; "" for the root.
        places: in how many parts of the code it happened: folders of at most two levels.
        languages: of the files in which it happened, sorted.
        tests: whether it holds in tests only.
        severity: how bad the mistake is; None if its records say that.
        needs_example: whether only lines show what is meant. A complaint says it.
    """

    name: str
    facts: tuple[str, ...]
    words: tuple[str, ...] = ()
    instruction: str = ""
    reason: str = ""
    example: Example | None = None
    rate: Rate | None = None
    folders: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    scope: str = ""
    places: int = 0
    languages: tuple[str, ...] = ()
    tests: bool = False
    severity: Severity | None = None
    needs_example: bool = True


class WorkCounts(Protocol):
    """What agents committed, corrected or not. The package :mod:`errata.lessons` counts it."""

    def of(self, fact: str, since: int | None = None, until: int | None = None) -> int | None:
        """Agents' commits in ``(since, until]`` that could have called for an edit.

        None if that is not known.
        """

    def agent_commits(self, since: int | None = None, until: int | None = None) -> int | None:
        """Agents' commits in ``(since, until]``; None if that is not known."""
