"""Patterns at one moment: what every command shows and what promotion decides on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

from errata.core.config import Config
from errata.patterns import infer, score
from errata.patterns.cache import Book
from errata.patterns.counts import Tally, most
from errata.patterns.ingest import canonical_line
from errata.patterns.ledger import Group, Rejected
from errata.patterns.newest_text import Telling
from errata.patterns.route import Route, Router
from errata.patterns.sessions import Weighed
from errata.records.injection import is_name, sign_in
from errata.records.model import (
    DAY,
    FUTURE_TOLERANCE,
    Kind,
    Record,
    Severity,
)

T = TypeVar("T")

# Enough of the newest records to describe a pattern and to show examples of it.
_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Windows:
    """The half-open windows of a comparison, as instants: (start, now] against (earlier, start]."""

    now: int
    days: int
    # Clocks differ: what is up to a day ahead of a clock counts as now, not as the future.
    ahead: int = FUTURE_TOLERANCE

    @property
    def until(self) -> int:
        """The newest instant that counts as now."""
        return self.now + self.ahead

    @property
    def start(self) -> int:
        """Where the current window begins (exclusive)."""
        return self.now - self.days * DAY

    @property
    def earlier(self) -> int:
        """Where the previous window begins (exclusive)."""
        return self.now - 2 * self.days * DAY


class Pattern:
    """One pattern as of ``windows.now``; everything about it is computed when asked for.

    Attributes:
        name: kebab-case.
        count: occurrences analysed (all, or those since ``since``).
        current, previous, before: occurrences in this window, the one before it, and earlier.
    """

    def __init__(
        self,
        name: str,
        group: Group,
        book: Book,
        router: Router,
        windows: Windows,
        since: int | None,
        per_session: bool = True,
    ) -> None:
        self.name = name
        self._per_session = per_session
        self._group, self._book, self._router, self._windows = group, book, router, windows
        self._low, self._high = group.span(since, windows.until)
        first_current = group.span(windows.start, windows.until)[0]
        first_previous = group.span(windows.earlier, windows.until)[0]
        end = self._high
        self.count = self._high - self._low
        self.current = end - min(first_current, end)
        self.previous = min(first_current, end) - min(first_previous, end)
        self.before = min(first_previous, end)
        self._current_from = min(first_current, end)

    @cached_property
    def tally(self) -> Tally:
        """All analysed occurrences."""
        return self._book.tally(self.name, self._low, self._high)

    @cached_property
    def recent(self) -> Tally:
        """The occurrences of the current window."""
        return self._book.tally(self.name, self._current_from, self._high)

    @cached_property
    def weighed(self) -> Weighed:
        """What the analysed occurrences come to: sessions, or records if the settings say so."""
        if not self._per_session:
            return self._records()
        return self._group.weigh(self._low, self._high, self._book.ledger.worth)

    def _records(self) -> Weighed:
        # Sums of tenths as whole numbers: the order of the lines must not show in the last bit.
        tally = self.tally
        severity = sum(round(s.score * 10) * n for s, n in tally.severities().items())
        weight = sum(round(s.weight * 10) * n for s, n in tally.sources().items())
        return Weighed(tally.count, ((1, severity, weight),))

    @property
    def sessions(self) -> int:
        """What promotion counts: see :mod:`errata.patterns.sessions`."""
        return self.weighed.count

    @cached_property
    def alarming(self) -> bool:
        """Rising or back, and not just once or twice; neither by what one session wrote."""
        urgent = (score.Trend.INCREASING, score.Trend.REGRESSED)
        if self.trend not in urgent or self.current < score.ALERT_OCCURRENCES:
            return False
        if not self._per_session:
            return True
        start, end = self._current_from, self._high
        earlier = start - self.previous
        current, previous, before = (
            self._group.sessions(low, high)
            for low, high in ((start, end), (earlier, start), (0, earlier))
        )
        return (
            current >= score.ALERT_OCCURRENCES and score.trend(current, previous, before) in urgent
        )

    @property
    def first(self) -> int:
        """Instant of the first occurrence ever."""
        return self._group.when[0]

    @property
    def last(self) -> int:
        """Instant of the newest occurrence."""
        return self._group.when[self._high - 1]

    @cached_property
    def trend(self) -> score.Trend:
        """See :func:`errata.patterns.score.trend`."""
        return score.trend(self.current, self.previous, self.before)

    @cached_property
    def confidence(self) -> score.Confidence:
        """See :func:`errata.patterns.score.confidence`."""
        return self._confidence(self.weighed)

    @cached_property
    def confidence_of_records(self) -> score.Confidence:
        """The same if each record counted."""
        return self._confidence(self._records())

    def _confidence(self, weighed: Weighed) -> score.Confidence:
        return score.confidence(
            count=weighed.count,
            severity_sum=weighed.severity,
            weight_sum=weighed.weight,
            last=self.last,
            now=self._windows.now,
            services=len(self.tally.services()),
            agents=len(self.tally.named_agents()),
        )

    @cached_property
    def severity(self) -> Severity:
        """The most frequent severity; of equals the worse one."""
        return max(self.tally.severities().items(), key=lambda item: (item[1], item[0].score))[0]

    @cached_property
    def category(self) -> str:
        """As recorded most often; else by name; else by the corrections' types; else convention."""
        recorded = Counter({k: n for k, n in self.tally.categories().items() if is_name(k)})
        if recorded:
            return most(recorded)
        if named := infer.category_of(self.name):
            return named
        if types := self.tally.types():
            return infer.CATEGORY_OF_TYPE.get(most(types), "convention")
        return "convention"

    @cached_property
    def route(self) -> Route:
        """Who should learn it."""
        tally = self.tally
        return self._router.route(
            self.name,
            category=self.category,
            affected=tally.affected(),
            authors=tally.corrected(),
            by_path=tally.by_path(),
            recorded=tally.recorded(),
        )

    @cached_property
    def told(self) -> list[Telling]:
        """What the newest records tell, newest first, without those that speak to their reader.

        The same whatever the order of the lines.
        """
        found: list[Telling | None] = []
        for rows in self._newest():
            told = self._book.memo.told(rows, partial(self._records_at, rows))
            found += told[: _SAMPLE - len(found)]
        return [one for one in found if one]

    def _newest(self) -> Iterator[tuple[int, ...]]:
        """Where enough of the newest records are: those of each instant, the last first."""
        end, left = self._high, _SAMPLE
        while end > self._low and left > 0:
            instant = self._group.when[end - 1]
            first = self._group.span(instant - 1, instant)[0]
            rows = tuple(self._group.where[max(self._low, first) : end])
            yield rows
            end, left = end - len(rows), left - len(rows)

    def _records_at(self, rows: tuple[int, ...]) -> Iterator[Record]:
        ingest = self._book.ingest
        if len(rows) > 1:
            # Only what is as old needs an order: by content.
            rows = tuple(
                sorted(rows, key=lambda row: (canonical_line(ingest.line(row)), row), reverse=True)
            )
        return (ingest.raw(row).record() for row in rows[:_SAMPLE])

    @property
    def shipped(self) -> bool:
        """Whether the description is a sentence of errata's own, not one of a log."""
        return self.name in infer.known()

    @cached_property
    def description(self) -> str:
        """What the pattern is: the rule's sentence for a known name, else the best recent record's.

        Best is the record with the highest source weight; of equals the newest. Where every one of
        them speaks to the reader, or the very name does, there is none.
        """
        if rule := infer.known().get(self.name):
            return rule.description
        if sign_in(self.name.replace("-", " ")):
            return ""
        best = max(self.told, key=lambda one: one.weight, default=None)
        return best.text if best else ""

    @cached_property
    def fix(self) -> str:
        """What to do instead, as a person wrote it most recently; "" if nobody did."""
        return next((one.fix for one in self.told if one.fix), "")

    @cached_property
    def services(self) -> list[str]:
        """The services that it was seen in, sorted; what is no name of one is left out."""
        return sorted(name for name in self.tally.services() if is_name(name))

    @property
    def tip(self) -> str:
        """pattern, anti-pattern or tip: learnings say; all else is an anti-pattern."""
        kinds = self.tally.kinds()
        if set(kinds) == {Kind.LEARNING}:
            return most(self.tally.tips())
        return "anti-pattern"


@dataclass(frozen=True)
class Analysis:
    """All patterns at one moment.

    Attributes:
        windows: the moment and its windows.
        patterns: by name; only those with an analysed occurrence.
        unnamed: the occurrences that no rule could name, as one pattern, or None.
        future: records left out because they are more than a day ahead of the moment.
        rejected: lines that are not valid, left out.
    """

    windows: Windows
    patterns: dict[str, Pattern]
    unnamed: Pattern | None
    future: int
    rejected: list[Rejected]

    def kinds(self) -> Counter[Kind]:
        """Analysed records by kind, named or not."""
        counts: Counter[Kind] = Counter()
        for pattern in self.all():
            counts.update(pattern.tally.kinds())
        return counts

    def all(self) -> Iterator[Pattern]:
        """Every pattern, and the unnamed occurrences as the last one."""
        yield from self.patterns.values()
        if self.unnamed:
            yield self.unnamed


def analyse(
    book: Book,
    config: Config,
    now: int,
    *,
    since: int | None = None,
    days: int | None = None,
    ahead: int = FUTURE_TOLERANCE,
) -> Analysis:
    """Look at the ledger as of ``now`` (microseconds UTC).

    Args:
        since: analyse only the last so many days; trends always compare whole windows.
        days: length of the windows; default as configured.
        ahead: how far past ``now`` a record may be; 0 where ``now`` is itself a record's instant.
    """
    windows = Windows(now, days or config.evolve.window_days, ahead)
    after = None if since is None else now - since * DAY
    router = Router(config)
    found, future = {}, 0
    for name, group in sorted(book.ledger.groups.items()):
        future += len(group.when) - group.span(None, windows.until)[1]
        pattern = Pattern(name, group, book, router, windows, after, config.evolve.per_session)
        if pattern.count:
            found[name] = pattern
    unnamed = found.pop("", None)
    return Analysis(windows, found, unnamed, future, sorted(book.ledger.rejected))
