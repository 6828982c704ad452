"""Which records have which fact: the records are the bits of whole numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from errata.lessons.described import Described
from errata.patterns.sessions import MINUTE, count_sessions

WORD = "~"
"""What the stem of a word begins with among facts; no fact does."""


def items_of(record: Described) -> frozenset[str]:
    """The facts of a record, and its stems as words."""
    return record.facts | {f"{WORD}{stem}" for stem in record.stems}


class Index:
    """Records, ordered by time, and the facts that they have.

    Attributes:
        records: bit ``n`` of a mask stands for ``records[n]``.
        masks: fact or word (:data:`WORD` and a stem) -> the records that have it.
        sessions_of: their sessions.
        everything: all records.
        total: the sessions of all records.
    """

    def __init__(self, records: Sequence[Described]) -> None:
        self.records = sorted(records, key=lambda record: (record.when, record.session))
        self.masks = _masks(items_of(record) for record in self.records)
        self.everything = (1 << len(self.records)) - 1
        self._plain = _plain(self.records)
        self.total = self.sessions(self.everything)
        self.sessions_of = {item: self.sessions(mask) for item, mask in self.masks.items()}

    def sessions(self, mask: int) -> int:
        """The sessions of these records; see :func:`errata.patterns.sessions.count_sessions`."""
        others = mask & ~self._plain
        if not others:
            return mask.bit_count()
        chosen = [self.records[bit] for bit in self.bits(others)]
        crowded = count_sessions([r.when for r in chosen], [r.session for r in chosen])
        return (mask & self._plain).bit_count() + crowded

    @staticmethod
    def bits(mask: int) -> Iterator[int]:
        """The numbers of the bits that are set, in ascending order."""
        while mask:
            low = mask & -mask
            yield low.bit_length() - 1
            mask ^= low


def _plain(records: Sequence[Described]) -> int:
    """The records that are a session of their own: without its name, and alone in their minute."""
    minutes = Counter(record.when // MINUTE for record in records)
    alone = [
        bit
        for bit, record in enumerate(records)
        if not record.session and minutes[record.when // MINUTE] == 1
    ]
    return _mask(alone) if alone else 0


def _masks(sets: Iterable[frozenset[str]]) -> dict[str, int]:
    bits: defaultdict[str, list[int]] = defaultdict(list)
    for bit, facts in enumerate(sets):
        for fact in facts:
            bits[fact].append(bit)
    return {fact: _mask(numbers) for fact, numbers in sorted(bits.items())}


def _mask(numbers: Sequence[int]) -> int:
    """The number with these bits, which are in ascending order."""
    content = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        content[number // 8] |= 1 << number % 8
    return int.from_bytes(content, "little")
