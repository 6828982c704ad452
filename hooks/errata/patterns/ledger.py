"""All occurrences of all patterns, in columns: what every analysis and view asks.

A million records are a few arrays. Per pattern: instants (sorted), a code that stands for
everything else that is counted (:class:`Combo`), where the line is, and its session. A window is
two bisections; nothing is looked at line by line again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import gt

from errata.patterns import sessions
from errata.patterns.sessions import Minute, Weighed, Worth
from errata.records.model import CorrectionType, Kind, Severity, Source

# `where` packs the log's number above the byte offset of the line: 256 logs of 64 PiB.
_OFFSET_BITS = 56
# Records of named sessions in one minute, above which counting anew is quicker than looking.
_CROWD = 50


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

    def worth(self) -> Worth:
        """Severity score and source weight, in tenths."""
        return round(self.severity.score * 10), round(self.source.weight * 10)


COLUMNS = (("when", "q"), ("where", "Q"), ("session", "Q"), ("code", "I"))
"""The columns of a group and their types, the widest first."""


@dataclass(slots=True)
class Group:
    """The occurrences of one pattern, as parallel columns ordered by instant.

    Attributes:
        session: :func:`errata.patterns.sessions.key` of each.
        totals, weighed: of all occurrences, once they were asked for.
    """

    when: Sequence[int] = field(default_factory=lambda: array("q"))
    code: Sequence[int] = field(default_factory=lambda: array("I"))
    where: Sequence[int] = field(default_factory=lambda: array("Q"))
    session: Sequence[int] = field(default_factory=lambda: array("Q"))
    totals: Counter[int] | None = None
    weighed: Weighed | None = None

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

    def weigh(self, low: int, high: int, worth: Callable[[], Sequence[Worth]]) -> Weighed:
        """What the occurrences between two positions come to, floods aside.

        Args:
            worth: gives that of each combo; asked only where it is not known yet.
        """
        whole = (low, high) == (0, len(self.when))
        if whole and self.weighed is not None:
            return self.weighed
        columns = (self.when[low:high], self.session[low:high], self.code[low:high])
        weighed = sessions.weigh(*columns, worth())
        if whole:
            self.weighed = weighed
        return weighed

    def sessions(self, low: int, high: int) -> int:
        """The sessions between two positions."""
        if (low, high) == (0, len(self.when)) and self.weighed is not None:
            return self.weighed.count
        return sessions.count(self.when[low:high], self.session[low:high])

    def at(self, instant: int) -> Iterator[int]:
        """Positions of the occurrences at exactly this instant."""
        return iter(range(bisect_left(self.when, instant), bisect_right(self.when, instant)))

    def sort(self, ordered: int = 0, worth: Callable[[], Sequence[Worth]] | None = None) -> None:
        """Restore the order by instant after appending; cheap where it already holds.

        Args:
            ordered: how many rows at the beginning are in order already.
            worth: as of :meth:`weigh`; with it, what is known of all occurrences is carried on
                where only a few came.
        """
        added = len(self.when) - ordered
        if ordered and added * 50 < ordered:
            self._insert(ordered, worth)
            return
        self.totals = self.weighed = None
        if _descends(self.when):
            order: list[int] = list(range(len(self.when)))
            if _descends(self.where):
                order.sort(key=self.where.__getitem__)
            # Equal instants stay as they are: in the order of their places.
            order.sort(key=self.when.__getitem__)
            for name, kind in COLUMNS:
                column = array(kind)
                column.fromlist(list(map(getattr(self, name).__getitem__, order)))
                setattr(self, name, column)

    def _insert(self, ordered: int, worth: Callable[[], Sequence[Worth]] | None) -> None:
        """Move the few rows after the first ``ordered`` to their places."""
        columns = self.own()
        rows = list(zip(*(column[ordered:] for column in columns), strict=True))
        for column in columns:
            del column[ordered:]
        minutes = {row[0] // sessions.MINUTE for row in rows}
        carried = self.weighed if worth and all(map(self._simple, rows)) else None
        known = worth() if worth and carried else ()
        old = [self._minute(minute, known) for minute in minutes if carried]
        for row in rows:
            position = bisect_right(columns[0], row[0])
            for column, value in zip(columns, row, strict=True):
                column.insert(position, value)
        if self.totals is not None:
            self.totals.update(row[1] for row in rows)
        new = [self._minute(minute, known) for minute in minutes if carried]
        self.weighed = carried.moved(old, new) if carried else None

    def _simple(self, row: tuple[int, ...]) -> bool:
        """Whether a row that comes changes nothing but its own minute, which is quick to look at.

        It does not if its session had a later beginning until now.
        """
        when, _, _, session = self.own()
        low, high = self._within(row[0] // sessions.MINUTE)
        if high - low > _CROWD and any(session[low:high]):
            return False
        return not row[3] or row[3] not in session or when[session.index(row[3])] <= row[0]

    def _within(self, minute: int) -> tuple[int, int]:
        start = minute * sessions.MINUTE
        return bisect_left(self.when, start), bisect_left(self.when, start + sessions.MINUTE)

    def _minute(self, minute: int, worth: Sequence[Worth]) -> Minute:
        """What a minute holds: its records, without those of sessions that began before."""
        _, code, _, session = self.own()
        low, high = self._within(minute)
        n, severity, weight = 0, 0, 0
        for position in range(low, high):
            if not session[position] or session.index(session[position]) >= low:
                n += 1
                severity += worth[code[position]][0]
                weight += worth[code[position]][1]
        return n, severity, weight

    def own(self) -> tuple[array[int], array[int], array[int], array[int]]:
        """When, code, where, session as arrays that can grow (a loaded ledger's are views)."""
        if not isinstance(self.when, array):
            for name, kind in COLUMNS:
                column = array(kind)
                # Of bytes: an array made of a view would look at every number of it.
                column.frombytes(memoryview(getattr(self, name)).cast("B"))
                setattr(self, name, column)
        assert isinstance(self.when, array) and isinstance(self.code, array)
        assert isinstance(self.where, array) and isinstance(self.session, array)
        return self.when, self.code, self.where, self.session

    def some(self, mask: bytes, low: int) -> Group:
        """The occurrences from a position on whose byte in the mask is not 0."""
        return Group(
            array("q", compress(self.when[low:], mask)),
            array("I", compress(self.code[low:], mask)),
            array("Q", compress(self.where[low:], mask)),
            array("Q", compress(self.session[low:], mask)),
        )

    def drop(self, position: int) -> None:
        """Forget one occurrence."""
        for column in self.own():
            del column[position]
        self.totals = self.weighed = None


def _descends(values: Sequence[int]) -> bool:
    """Whether any value is less than the one before it."""
    return any(map(gt, values, islice(values, 1, None)))


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
    _worth: list[Worth] = field(default_factory=list)

    def worth(self) -> Sequence[Worth]:
        """:meth:`Combo.worth` of each combo."""
        self._worth.extend(combo.worth() for combo in self.combos[len(self._worth) :])
        return self._worth

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

    def only(self, wanted: Callable[[Combo], bool], after: int | None = None) -> Ledger:
        """The occurrences whose combo is wanted, as a ledger of its own.

        Args:
            after: what is not later may be left out: nobody is going to ask for it.
        """
        keep = [wanted(combo) for combo in self.combos]
        groups = {}
        for name, group in self.groups.items():
            low, high = group.span(after, group.when[-1]) if len(group.when) else (0, 0)
            held = {keep[code] for code in group.codes(low, high)}
            if held == {True}:
                groups[name] = group
            elif True in held:
                groups[name] = group.some(bytes(map(keep.__getitem__, group.code[low:])), low)
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
            when, code, where, session = self.groups.setdefault(name, Group()).own()
            their_when, their_code, their_where, their_session = theirs.own()
            when.extend(their_when)
            code.extend(array("I", map(recode.__getitem__, their_code)))
            where.extend(their_where)
            session.extend(their_session)
        self.rejected.extend(other.rejected)
        self.withdrawn |= other.withdrawn
