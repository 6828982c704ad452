"""All occurrences of all patterns, in columns: what every analysis and view asks.

A million records are a few arrays. Per pattern: instants (sorted), a code that stands for
everything else that is counted (:class:`Combo`), and where the line is. A window is two bisections;
nothing is looked at line by line again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import gt

from errata.records.model import CorrectionType, Kind, Severity, Source

# `where` packs the log's number above the byte offset of the line: 256 logs of 64 PiB.
_OFFSET_BITS = 56


def locate(log: int, offset: int) -> int:
    """Pack a log's number and a byte offset into one int."""
    return log << _OFFSET_BITS | offset


def located(where: int) -> tuple[int, int]:
    """The log's number and the byte offset of :func:`locate`."""
    return where >> _OFFSET_BITS, where & ((1 << _OFFSET_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Combo:
    """What occurrences have in common apart from pattern, time, file and words."""

    kind: Kind
    source: Source
    severity: Severity
    agent: str
    affected: tuple[str, ...]
    by_path: tuple[str, ...]
    service: str
    category: str
    tip: str
    correction_type: CorrectionType | None


@dataclass(slots=True)
class Group:
    """The occurrences of one pattern, as parallel columns ordered by instant."""

    when: Sequence[int] = field(default_factory=lambda: array("q"))
    code: Sequence[int] = field(default_factory=lambda: array("I"))
    where: Sequence[int] = field(default_factory=lambda: array("Q"))
    totals: Counter[int] | None = None

    def span(self, after: int | None, until: int) -> tuple[int, int]:
        """Positions of the occurrences in the half-open window ``(after, until]``."""
        low = 0 if after is None else bisect_right(self.when, after)
        return low, max(low, bisect_right(self.when, until))

    def codes(self, low: int, high: int) -> Counter[int]:
        """How often each combo occurs between two positions."""
        if (low, high) == (0, len(self.when)):
            if self.totals is None:
                self.totals = Counter(self.code)
            return self.totals
        return Counter(self.code[low:high])

    def at(self, instant: int) -> Iterator[int]:
        """Positions of the occurrences at exactly this instant."""
        return iter(range(bisect_left(self.when, instant), bisect_right(self.when, instant)))

    def sort(self, ordered: int = 0) -> None:
        """Restore the order by instant after appending; cheap where it already holds.

        Args:
            ordered: how many rows at the beginning are in order already.
        """
        self.totals = None
        added = len(self.when) - ordered
        if ordered and added * 50 < ordered:
            self._insert(ordered)
        elif any(map(gt, self.when, islice(self.when, 1, None))):
            rows = sorted(zip(self.when, self.where, self.code, strict=True))
            self.when = array("q", (row[0] for row in rows))
            self.where = array("Q", (row[1] for row in rows))
            self.code = array("I", (row[2] for row in rows))

    def _insert(self, ordered: int) -> None:
        """Move the few rows after the first ``ordered`` to their places."""
        when, code, where = self.own()
        rows = list(zip(when[ordered:], code[ordered:], where[ordered:], strict=True))
        for column in (when, code, where):
            del column[ordered:]
        for row in rows:
            position = bisect_right(when, row[0])
            for column, value in zip((when, code, where), row, strict=True):
                column.insert(position, value)

    def own(self) -> tuple[array[int], array[int], array[int]]:
        """The columns as arrays that can grow (a loaded ledger's are views of its file)."""
        if not isinstance(self.when, array):
            self.when = array("q", self.when)
            self.code = array("I", self.code)
            self.where = array("Q", self.where)
        assert isinstance(self.code, array) and isinstance(self.where, array)
        return self.when, self.code, self.where

    def drop(self, position: int) -> None:
        """Forget one occurrence."""
        for column in self.own():
            del column[position]
        self.totals = None


@dataclass(frozen=True, slots=True, order=True)
class Rejected:
    """A line that is not analysed: its log's number, byte offset, and why."""

    log: int
    offset: int
    why: str


@dataclass(slots=True)
class Ledger:
    """Every record of every log, grouped by pattern ("" holds those without a name)."""

    groups: dict[str, Group] = field(default_factory=dict)
    combos: list[Combo] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    @property
    def newest(self) -> int | None:
        """The instant of the newest record, or None without records."""
        return max(
            (group.when[-1] for group in self.groups.values() if len(group.when)), default=None
        )

    def newest_until(self, limit: int) -> int | None:
        """The newest instant that is not after ``limit``."""
        found = None
        for group in self.groups.values():
            high = bisect_right(group.when, limit)
            if high and (found is None or group.when[high - 1] > found):
                found = group.when[high - 1]
        return found

    def only(self, wanted: Callable[[Combo], bool]) -> Ledger:
        """The occurrences whose combo is wanted, as a ledger of its own."""
        keep = [wanted(combo) for combo in self.combos]
        groups = {}
        for name, group in self.groups.items():
            held = {keep[code] for code in group.codes(0, len(group.when))}
            if held == {True}:
                groups[name] = group
            elif True in held:
                mask = bytes(map(keep.__getitem__, group.code))
                groups[name] = Group(
                    array("q", compress(group.when, mask)),
                    array("I", compress(group.code, mask)),
                    array("Q", compress(group.where, mask)),
                )
        return Ledger(groups, self.combos, self.rejected, self.ids, self.withdrawn)

    def merge(self, other: Ledger) -> None:
        """Take over another ledger's occurrences (groups need :meth:`Group.sort` afterwards)."""
        index = {combo: code for code, combo in enumerate(self.combos)}
        recode = []
        for combo in other.combos:
            if combo not in index:
                index[combo] = len(self.combos)
                self.combos.append(combo)
            recode.append(index[combo])
        for name, theirs in other.groups.items():
            when, code, where = self.groups.setdefault(name, Group()).own()
            their_when, their_code, their_where = theirs.own()
            when.extend(their_when)
            code.extend(array("I", map(recode.__getitem__, their_code)))
            where.extend(their_where)
        self.rejected.extend(other.rejected)
        self.withdrawn |= other.withdrawn
