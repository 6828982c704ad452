"""What a report says, before it is HTML or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from errata.lessons.statistics import wilson
from errata.patterns.lesson import Example
from errata.report.survival import Comparison, Curve


@dataclass(frozen=True)
class Share:
    """So many of so many, with its 95% interval.

    Attributes:
        count, total: for example the agents' commits that were corrected, of all.
    """

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The limits of the 95% interval (Wilson 1927)."""
        return wilson(self.count, self.total)

    def __add__(self, other: Share) -> Share:
        return Share(self.count + other.count, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Row:
    """The corrected commits of one agent, model, area or month."""

    label: str
    share: Share


def together(rows: Iterable[Row]) -> Share:
    """The sum of some rows."""
    return sum((row.share for row in rows), Share(0, 0))


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson and what became of it.

    Attributes:
        name: of the pattern.
        says: the instruction, or what people wrote; the code in it is between backticks.
        reason: why, or "".
        seen: occurrences; ``sessions`` in how many sessions.
        for_whom: the agents that are told.
        since: the day on which it was first taught; "" if the next evolve would teach it.
        before, after: how many commits that could have called for it did, before it was taught
            and since; None where that is not known.
        outcome: what became of it, in a sentence.
        is_over: whether it left the runbooks.
    """

    name: str
    says: str
    reason: str
    example: Example | None
    seen: int
    sessions: int
    confidence: float
    for_whom: tuple[str, ...]
    since: str
    before: Share | None
    after: Share | None
    outcome: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class NearLesson:
    """A pattern that is not a lesson yet, and what it lacks."""

    name: str
    says: str
    seen: int
    why_not: str


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A pattern in the current window and in the one before it."""

    name: str
    trend: str
    previous: int
    current: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A file that was corrected: the share of all months, and of each month."""

    path: str
    share: Share
    by_month: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What one person corrects.

    Attributes:
        label: ``person 1``, or the name if names are wanted.
        corrections: how many.
        commits: in how many commits.
        agents: agent -> corrections.
        areas: area -> corrections that touch it.
        types: type of correction -> corrections.
    """

    label: str
    corrections: int
    commits: int
    agents: Mapping[str, int]
    areas: Mapping[str, int]
    types: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SurvivalRow:
    """The lines of one agent."""

    label: str
    curve: Curve


@dataclass(frozen=True, slots=True)
class Survival:
    """How long lines live.

    Attributes:
        agents, people: all lines of each.
        comparison: of both; None if one has no lines.
        by_agent: those with the most lines first.
    """

    agents: Curve
    people: Curve
    comparison: Comparison | None
    by_agent: Sequence[SurvivalRow] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report says.

    Attributes:
        name: of the repository.
        first, last: the days of the oldest and the newest commit that were read; "" if none was.
        tip: the newest commit.
        commits_by: kind of author -> commits.
        corrections: how many were found, or logged.
        together: what its lessons have in common, such as ``2 lessons: works; ...``; "" of fewer.
        months, agents, models, folders, kinds: corrected commits by each; months in order.
        heat: the files that were corrected most; ``heat_months`` the months of their columns.
        has_names: whether people are named.
        notes: what the reader must know about the history, in sentences.
    """

    name: str
    first: str
    last: str
    tip: str
    commits_by: Mapping[str, int]
    corrections: int
    lessons: Sequence[LessonRow]
    together: str
    nearest: Sequence[NearLesson]
    months: Sequence[Row]
    agents: Sequence[Row]
    models: Sequence[Row]
    folders: Sequence[Row]
    kinds: Sequence[Row]
    heat: Sequence[HeatRow]
    heat_months: Sequence[str]
    trends: Sequence[TrendRow]
    window_days: int
    survival: Survival | None
    people: Sequence[PersonRow]
    has_names: bool
    notes: Sequence[str] = field(default=())

    @property
    def all(self) -> Share:
        """All corrected commits of agents."""
        return together(self.months)

    @property
    def commits(self) -> int:
        """All commits that were read."""
        return sum(self.commits_by.values())
