"""The figures of lessons over many repositories, from the sums of the expressions.

Confidence and trend are those of one repository (:mod:`errata.patterns.score`), of the sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from errata.fleet import keys
from errata.fleet.expressions import COUNTED, counter
from errata.patterns import score
from errata.patterns.sessions import SessionWeights
from errata.records.model import Severity

Row = Mapping[str, Any]


@dataclass(slots=True)
class _Work:
    """The chances of one fact of a lesson, over the repositories that have it."""

    before: int = 0
    since: int = 0


@dataclass
class Figures:
    """One lesson, as of a moment.

    Attributes:
        key: of the lesson; ``name`` is that of most repositories.
        names: every name that it has somewhere.
        sums: the row of :func:`errata.fleet.expressions.lessons`.
        shares: of :class:`~errata.patterns.sessions.SessionWeights`.
        roles: role -> value -> records.
        current, previous: records in this window, and in the one before it.
        current_sessions, previous_sessions: sessions, likewise.
        work: fact -> its chances.
        promoted: repositories in whose runbooks it is.
    """

    key: str
    now: int
    sums: Row
    name: str = ""
    names: tuple[str, ...] = ()
    instruction: str = ""
    category: str = "convention"
    is_grouped: bool = False
    places: int = 0
    shares: tuple[tuple[int, int, int, int], ...] = ()
    minutes: int = 0
    roles: dict[str, dict[str, int]] = field(default_factory=dict)
    current: int = 0
    previous: int = 0
    current_sessions: int = 0
    previous_sessions: int = 0
    work: dict[str, _Work] = field(default_factory=dict)
    promoted: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """All its records."""
        return int(self.sums["records"])

    @property
    def before(self) -> int:
        """Records before both windows."""
        return self.count - self.current - self.previous

    @property
    def repositories(self) -> int:
        """In how many repositories it was seen."""
        return int(self.sums["repositories"])

    def counts(self, column: str) -> dict[str, int]:
        """How many records have each value of a column, the values that occur sorted."""
        counted = {value: self.sums[counter(column, value)] for value in COUNTED[column]}
        return {value: counted[value] for value in sorted(counted) if counted[value]}

    def names_of(self, role: str) -> list[str]:
        """The names that its records give a role, sorted."""
        return sorted(self.roles.get(role, ()))

    @property
    def services(self) -> list[str]:
        """The services that its records name."""
        return [name for name in self.names_of("service") if not name.startswith(keys.OPAQUE)]

    @property
    def severity(self) -> Severity:
        """The most frequent severity; the worse one of equally frequent ones."""
        counts = {Severity(value): count for value, count in self.counts("severity").items()}
        return max(counts.items(), key=lambda item: (item[1], item[0].score))[0]

    @cached_property
    def missed(self) -> float | None:
        """How many more were to be expected since the newest one.

        See :attr:`errata.patterns.analysis.Pattern.missed`.
        """
        if not self.is_grouped:
            return None
        facts = [work for fact, work in self.work.items() if fact]
        spans = [(max(work.before, self.count), work.since) for work in facts]
        if not spans and (work := self.work.get("")) and work.before:
            spans = [(work.before, work.since)]
        return min((self.count * since / before for before, since in spans), default=None)

    @cached_property
    def trend(self) -> score.Trend:
        """See :func:`errata.patterns.score.trend`."""
        could_recur = bool(self.current) or self._could_recur()
        return score.trend(self.current, self.previous, self.before, could_recur=could_recur)

    def _could_recur(self) -> bool:
        if not self.is_grouped:
            return bool(self.sums["active"])
        return (self.missed or 0.0) >= score.MEANINGFUL_SILENCE

    @property
    def is_alarming(self) -> bool:
        """Whether it is rising or back, with enough sessions."""
        urgent = (score.Trend.INCREASING, score.Trend.REGRESSED)
        current = self.current_sessions
        if self.trend not in urgent or current < score.ALERT_OCCURRENCES:
            return False
        return score.trend(current, self.previous_sessions, self.before) in urgent

    @cached_property
    def confidence(self) -> score.Confidence:
        """See :func:`errata.patterns.score.confidence`; several repositories count as services."""
        weights = SessionWeights(self.minutes, self.shares)
        services = len(self.roles.get("service", ()))
        if self.repositories > 1:
            services = max(services, self.repositories)
        return score.confidence(
            count=weights.count,
            expected=weights.expected,
            severity_sum=weights.severity,
            weight_sum=weights.weight,
            last=self.sums["last"],
            now=self.now,
            services=services,
            agents=len(self.roles.get("named", ())),
            places=self.places,
            missed=self.missed,
        )


@dataclass(frozen=True)
class Sums:
    """The rows of the expressions that figures are made of; each attribute is one of them."""

    lessons: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    movement: list[dict[str, Any]]
    current_sessions: list[dict[str, Any]]
    previous_sessions: list[dict[str, Any]]
    names: list[dict[str, Any]]
    chances: list[dict[str, Any]]
    promoted: list[dict[str, Any]]


def of_sums(sums: Sums, now: int) -> tuple[dict[str, Figures], int]:
    """The figures of every lesson by its key, and how many records have none."""
    figures = {row["lesson"]: Figures(row["lesson"], now, row) for row in sums.lessons}
    _add_shares(figures, sums.shares)
    for row in sums.roles:
        figures[row["lesson"]].roles.setdefault(row["role"], {})[row["value"]] = row["records"]
    for row in sums.movement:
        lesson = figures[row["lesson"]]
        lesson.current, lesson.previous = row["current"], row["previous"]
    for row in sums.current_sessions:
        figures[row["lesson"]].current_sessions = row["sessions"]
    for row in sums.previous_sessions:
        figures[row["lesson"]].previous_sessions = row["sessions"]
    _add_names(figures, sums.names)
    _add_work(figures, sums.chances)
    for key, rows in _by_lesson(sums.promoted).items():
        if key in figures:
            figures[key].promoted = tuple(sorted({row["repository"] for row in rows}))
    unnamed = figures.pop("", None)
    return figures, unnamed.count if unnamed else 0


def _by_lesson(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["lesson"]].append(row)
    return grouped


def _add_shares(figures: Mapping[str, Figures], shares: Iterable[Row]) -> None:
    for lesson, rows in _by_lesson(shares).items():
        figures[lesson].minutes = sum(row["minutes"] for row in rows)
        columns = ("n", "severity_points", "weight_points", "certainty")
        parts = [tuple(row[column] for column in columns) for row in rows]
        figures[lesson].shares = tuple(sorted((n, s, w, c) for n, s, w, c in parts))


def _add_names(figures: Mapping[str, Figures], names: Iterable[Row]) -> None:
    for key, rows in _by_lesson(names).items():
        if (lesson := figures.get(key)) is None:
            continue
        ranked = sorted(
            rows, key=lambda row: (-row["repositories"], -row["occurrences"], row["name"])
        )
        lesson.name = ranked[0]["name"]
        lesson.names = tuple(sorted({row["name"] for row in rows}))
        lesson.category = ranked[0]["category"]
        lesson.instruction = next((row["instruction"] for row in ranked if row["instruction"]), "")
        lesson.is_grouped = any(row["grouped"] for row in rows)
        lesson.places = sum(row["places"] for row in rows)


def _add_work(figures: Mapping[str, Figures], chances: Iterable[Row]) -> None:
    for row in chances:
        if (lesson := figures.get(row["lesson"])) is None:
            continue
        work = lesson.work.setdefault(row["fact"], _Work())
        part = row["part"] * row["inside"] / row["span"] if row["part"] else 0.0
        work.before += row["before"]
        work.since += int(row["since"] + part + 0.5)
