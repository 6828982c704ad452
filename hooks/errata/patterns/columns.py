"""All occurrences of all patterns: per pattern a few parallel arrays, ordered by instant."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING

from errata.patterns.facets import Facets, Weights

# A class that is read from the cache needs annotations that exist: array[int] does from 3.12 on.
if TYPE_CHECKING:
    Column = array[int]
else:
    Column = array

Row = tuple[int, int, int, int]
"""One occurrence: instant, place of its line, index of its facets, key of its session."""


@dataclass(slots=True)
class PatternColumns:
    """The occurrences of one pattern, ordered by instant, then by place.

    Attributes:
        when: instants, in microseconds since 1970.
        place: :func:`errata.patterns.log_files.pack_place` of each line.
        facets: indexes into :attr:`Occurrences.facets`.
        session: :func:`errata.patterns.sessions.session_key` of each.
    """

    when: Column = field(default_factory=lambda: array("q"))
    place: Column = field(default_factory=lambda: array("Q"))
    facets: Column = field(default_factory=lambda: array("I"))
    session: Column = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        return len(self.when)

    def window(self, after: int | None, until: int) -> tuple[int, int]:
        """Positions of the occurrences in the half-open window ``(after, until]``."""
        low = 0 if after is None else bisect_right(self.when, after)
        return low, max(low, bisect_right(self.when, until))

    def at(self, instant: int) -> slice:
        """Positions of the occurrences at exactly this instant."""
        return slice(bisect_left(self.when, instant), bisect_right(self.when, instant))

    def add(self, rows: Iterable[Row]) -> None:
        """Insert occurrences at their places in the order; cheap where they are the newest."""
        new = sorted(rows)
        if self.when and new and new[0][:2] < (self.when[-1], self.place[-1]):
            new = sorted([*zip(*self._columns(), strict=True), *new])
            for column in self._columns():
                del column[:]
        for column, values in zip(self._columns(), zip(*new, strict=True), strict=False):
            column.extend(values)

    def rows(self) -> Iterator[Row]:
        """The occurrences, in their order."""
        return zip(*self._columns(), strict=True)

    def select(self, keep: Iterable[bool], low: int = 0) -> PatternColumns:
        """Those occurrences from position ``low`` on whose element of ``keep`` is true."""
        mask = list(keep)
        chosen = (
            array(column.typecode, compress(column[low:], mask)) for column in self._columns()
        )
        return PatternColumns(*chosen)

    def split(self, names: Iterable[Iterable[str]]) -> dict[str, PatternColumns]:
        """The occurrences by the names that each is given, in the order of the names."""
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, given in enumerate(names):
            for name in given:
                positions[name].append(position)
        return {name: self._take(positions[name]) for name in sorted(positions)}

    def _take(self, positions: Sequence[int]) -> PatternColumns:
        columns = self._columns()
        return PatternColumns(*(array(c.typecode, map(c.__getitem__, positions)) for c in columns))

    def _columns(self) -> tuple[Column, ...]:
        return self.when, self.place, self.facets, self.session


@dataclass(frozen=True, slots=True, order=True)
class Rejected:
    """A line that is not valid and not analysed: its place, and why."""

    place: int
    why: str


@dataclass(slots=True)
class Occurrences:
    """Every valid record of every log, by pattern.

    Attributes:
        patterns: by name; "" holds the occurrences that no rule could name.
        facets: all combinations of facets that occur.
        rejected: lines that are not valid.
        ids: place of the record that counts for each id (see :func:`scoped_id`).
        withdrawn: ids, of records or of contents, that a record takes back.
    """

    patterns: dict[str, PatternColumns] = field(default_factory=dict)
    facets: list[Facets] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def newest_until(self, limit: int) -> int | None:
        """The newest instant that is not after ``limit``; None if there is none."""
        windows = [(columns, columns.window(None, limit)[1]) for columns in self.patterns.values()]
        return max((columns.when[end - 1] for columns, end in windows if end), default=None)

    def filter(self, accept: Callable[[Facets], bool], after: int | None = None) -> Occurrences:
        """The occurrences whose facets are accepted.

        Args:
            after: earlier occurrences may be left out: nobody is going to ask for them.
        """
        accepted = [accept(facets) for facets in self.facets]
        patterns = {}
        for name, columns in self.patterns.items():
            low = 0 if after is None else bisect_right(columns.when, after)
            chosen = columns.select(map(accepted.__getitem__, columns.facets[low:]), low)
            if chosen:
                patterns[name] = chosen
        return Occurrences(patterns, self.facets, self.rejected, self.ids, self.withdrawn)

    def count_after(self, limit: int) -> int:
        """How many occurrences are later than an instant."""
        patterns = self.patterns.values()
        return sum(len(columns) - columns.window(None, limit)[1] for columns in patterns)

    def until(self, limit: int) -> Occurrences:
        """The occurrences up to an instant, inclusive."""
        patterns = {}
        for name, columns in self.patterns.items():
            end = columns.window(None, limit)[1]
            if end:
                patterns[name] = columns.select([True] * end + [False] * (len(columns) - end))
        return replace(self, patterns=patterns)

    def remove(self, places: set[int]) -> None:
        """Forget the occurrences whose lines are there."""
        for name, columns in self.patterns.items():
            if not places.isdisjoint(columns.place):
                self.patterns[name] = columns.select(p not in places for p in columns.place)


def scoped_id(kind: str, id: str) -> str:
    """An id within its kind: two logs may each count from 1."""
    return f"{kind}:{id}"


def weights(facets: Sequence[Facets]) -> list[Weights]:
    """:meth:`Facets.weights` of each."""
    return [row.weights() for row in facets]


def repeated(
    shared: Collection[int], patterns: Iterable[Iterable[tuple[int, int]]]
) -> Counter[int]:
    """How often some patterns count what a pattern before them counts, too, by facets.

    So figures about all of them can count each record once.

    Args:
        shared: the places of the records that are in several patterns.
        patterns: (place, facets) of the occurrences of each.
    """
    seen: set[int] = set()
    again: Counter[int] = Counter()
    for rows in patterns if shared else ():
        for place, facets in rows:
            if place in shared:
                again[facets] += place in seen
                seen.add(place)
    return +again
