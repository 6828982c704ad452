"""A fleet: the tables of many repositories, and the views of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from errata.fleet import expressions as ex
from errata.fleet.engine import Engine
from errata.fleet.figures import Figures, Sums, of_sums
from errata.fleet.outcomes import FleetOutcome, of_rows
from errata.lessons.chances import Chances
from errata.lessons.chances_log import ChancesLine
from errata.records import instants
from errata.records.model import DAY

WINDOW_DAYS = 30


@dataclass(frozen=True)
class Tables:
    """Tables of Ibis: the partials, and the tables of the bundles that go with them.

    Attributes:
        records: every record; the partials are used where they suffice.
    """

    records: Any
    totals: Any
    shares: Any
    named: Any
    recent: Any
    repositories: Any
    lessons: Any
    facts: Any
    chances: Any
    outcomes: Any
    promotions: Any


@dataclass(frozen=True)
class Fleet:
    """All repositories as of one moment: that of the newest record among them.

    Attributes:
        now: that moment; ``days`` is the length of a window.
        names: the repositories.
    """

    engine: Engine
    tables: Tables
    now: int
    names: tuple[str, ...]
    days: int = WINDOW_DAYS

    @property
    def start(self) -> int:
        """Where the current window begins (exclusive)."""
        return self.now - self.days * DAY

    @cached_property
    def _evaluated(self) -> tuple[dict[str, Figures], int]:
        tables, rows, window = self.tables, self.engine.rows, self.days * DAY
        sums = Sums(
            lessons=rows(ex.lessons(tables.totals, self._idle)),
            shares=rows(ex.lesson_shares(tables.shares)),
            roles=rows(ex.lesson_roles(tables.named)),
            movement=rows(ex.movement(tables.recent, self.now, window)),
            current_sessions=rows(ex.sessions(tables.recent, self.start, self.now)),
            previous_sessions=rows(ex.sessions(tables.recent, self.start - window, self.start)),
            names=rows(ex.lesson_names(tables.lessons)),
            chances=rows(
                ex.chances(
                    tables.lessons, tables.facts, tables.chances, tables.repositories, self.now
                )
            ),
            promoted=rows(ex.in_runbooks(tables.lessons)),
        )
        return of_sums(sums, self.now)

    @property
    def figures(self) -> dict[str, Figures]:
        """The figures of every lesson, by its key."""
        return self._evaluated[0]

    @property
    def unnamed(self) -> int:
        """How many records are about no lesson."""
        return self._evaluated[1]

    @cached_property
    def outcomes(self) -> list[FleetOutcome]:
        """What became of every lesson, and of every rule that people wrote."""
        return of_rows(self.engine.rows(self.tables.outcomes))

    @cached_property
    def _idle(self) -> list[str]:
        """The repositories whose agents did nothing in the current window, as far as is known."""
        by_name: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for row in self.engine.rows(ex.agents_work(self.tables.chances, self.start, self.now)):
            by_name[row["repository"]][row["month"]] = row["chances"], row["corrected"]
        counted = self.engine.rows(self.tables.repositories.select("repository", "counted"))
        return sorted(
            row["repository"]
            for row in counted
            if row["counted"] and self._is_idle(row["counted"], by_name[row["repository"]])
        )

    def _is_idle(self, counted: int, commits: dict[str, tuple[int, int]]) -> bool:
        line = ChancesLine(as_of=instants.iso(counted), commit="0" * 40, agent_commits=commits)
        return Chances(line).agent_commits(self.start, self.now) == 0

    def by_count(self) -> Iterator[Figures]:
        """The lessons, those with most records in the current window first."""
        lessons = self.figures.values()
        yield from sorted(lessons, key=lambda f: (-f.current, -f.count, f.name, f.key))
