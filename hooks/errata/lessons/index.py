"""Which records have which fact: the records are the bits of whole numbers.

An index can be kept between runs and grow: what is counted over all records is found again from a
few columns, and only new records have to be read.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count, product

from errata.lessons.described import Described
from errata.lessons.facts import IN, TESTS, is_file
from errata.patterns.columns import Column
from errata.patterns.sessions import MINUTE, count_sessions

WORD = "~"
"""What the stem of a word begins with among facts; no fact does."""
_FEWEST = 3
"""Fewer records with both of two items are not a pair."""
_APART = 100
"""Bits that are further apart on average are found one by one, others by looking at all."""
_AS_TRUTH = bytes.maketrans(b"01", b"\0\1")
Pair = tuple[str, str]


def items_of(record: Described) -> frozenset[str]:
    """The facts of a record, and its stems as words."""
    return record.facts | {f"{WORD}{stem}" for stem in record.stems}


def goes_with_words(item: str) -> bool:
    """Whether an item of a record is a place that is not a language."""
    if not item.startswith(IN):
        return False
    place = item.removeprefix(IN)
    return place == TESTS or is_file(place) or place.endswith("/")


@dataclass(slots=True)
class IndexColumns:
    """An index as it is kept; the arguments of :class:`Index`.

    Attributes:
        key, session, when: of each record, see :class:`errata.lessons.described.Described`.
        items: facts, and words with :data:`WORD`.
        masks: of each item, the bits of its records (:func:`_packed`).
        first, second: indexes of the items of each pair.
    """

    key: Column = field(default_factory=lambda: array("Q"))
    session: Column = field(default_factory=lambda: array("Q"))
    when: Column = field(default_factory=lambda: array("q"))
    items: list[str] = field(default_factory=list)
    masks: list[bytes] = field(default_factory=list)
    first: Column = field(default_factory=lambda: array("I"))
    second: Column = field(default_factory=lambda: array("I"))


class Index:
    """Records, and the facts and words that they have.

    Attributes:
        keys: bit ``n`` of a mask stands for the record with the key ``keys[n]``.
        masks: fact or word -> the records that have it, if at least three do.
        rare: every other fact and word -> the bits of its records.
        pairs: a word, and a word or a place, that at least three records have both.
    """

    def __init__(self, columns: IndexColumns | None = None) -> None:
        columns = columns or IndexColumns()
        self.keys, self._session, self._when = columns.key, columns.session, columns.when
        self._left_out = 0
        self.masks: dict[str, int] = {}
        self.rare: dict[str, Sequence[int]] = {}
        for item, packed in zip(columns.items, columns.masks, strict=True):
            if packed[:1] == _DENSE or len(packed) > _RARE_SIZE:
                self.masks[item] = _unpacked(packed)
            else:
                self.rare[item] = array("I", packed[1:])
        names = columns.items.__getitem__
        self.pairs: set[Pair] = set(
            zip(map(names, columns.first), map(names, columns.second), strict=True)
        )

    @classmethod
    def of(cls, records: Iterable[Described]) -> Index:
        """The index of some records."""
        index = cls()
        index.add(records)
        return index

    def add(self, records: Iterable[Described]) -> None:
        """Add records; those that are known are left out."""
        known = set(self.keys)
        new = {record.key: record for record in records if record.key not in known}.values()
        bits: defaultdict[str, list[int]] = defaultdict(list)
        counts: Counter[Pair] = Counter()
        for bit, record in enumerate(new, len(self.keys)):
            items = items_of(record)
            for item in items:
                bits[item].append(bit)
            counts.update(_pairs(items))
        for record in new:
            self.keys.append(record.key)
            self._session.append(record.session)
            self._when.append(record.when)
        for item, numbers in bits.items():
            if item in self.masks:
                self.masks[item] |= _mask(numbers)
                continue
            all_numbers = [*self.rare.pop(item, ()), *numbers]
            if len(all_numbers) < _FEWEST:
                self.rare[item] = all_numbers
            else:
                self.masks[item] = _mask(all_numbers)
        self.pairs.update(pair for pair in counts if self._is_frequent(pair))

    def leave_out(self, keys: Collection[int]) -> None:
        """Leave records out of everything that is counted; nothing can be added, or kept, then."""
        bits = [bit for bit, key in enumerate(self.keys) if key in keys]
        if not bits:
            return
        out = _mask(bits)
        self._left_out |= out
        changed = [item for item, mask in self.masks.items() if mask & out]
        for item in changed:
            self.masks[item] &= ~out
            if self.masks[item].bit_count() < _FEWEST:
                self.rare[item] = list(self.bits(self.masks.pop(item)))
        chosen = {*bits}
        for item in [item for item, numbers in self.rare.items() if not chosen.isdisjoint(numbers)]:
            self.rare[item] = [bit for bit in self.rare[item] if bit not in chosen]
        for item in [item for item, numbers in self.rare.items() if not numbers]:
            del self.rare[item]
        affected = {*changed}
        self.pairs = {
            pair for pair in self.pairs if affected.isdisjoint(pair) or self._is_frequent(pair)
        }

    def forget(self, keys: Collection[int]) -> None:
        """Forget records, as if they had never been added."""
        self.leave_out(keys)
        kept = list(self.bits(self.everything))
        number = {bit: n for n, bit in enumerate(kept)}.__getitem__
        self.masks = {i: _mask([*map(number, self.bits(m))]) for i, m in self.masks.items()}
        self.rare = {item: [*map(number, bits)] for item, bits in self.rare.items()}
        self.keys, self._session, self._when = (
            array(column.typecode, map(column.__getitem__, kept))
            for column in (self.keys, self._session, self._when)
        )
        self._left_out = 0

    def _is_frequent(self, pair: Pair) -> bool:
        first, second = (self.masks.get(item, 0) for item in pair)
        return (first & second).bit_count() >= _FEWEST

    def columns(self) -> IndexColumns:
        """The index as it is kept."""
        packed = {item: _packed(mask) for item, mask in self.masks.items()}
        packed |= {item: _SPARSE + array("I", bits).tobytes() for item, bits in self.rare.items()}
        items = sorted(packed)
        number = {item: n for n, item in enumerate(items)}
        pairs = sorted(self.pairs)
        return IndexColumns(
            self.keys,
            self._session,
            self._when,
            items,
            [packed[item] for item in items],
            array("I", (number[first] for first, _ in pairs)),
            array("I", (number[second] for _, second in pairs)),
        )

    @property
    def everything(self) -> int:
        """All records."""
        return (1 << len(self.keys)) - 1 & ~self._left_out

    @cached_property
    def total(self) -> int:
        """The sessions of all records."""
        return self.sessions(self.everything)

    @cached_property
    def sessions_of(self) -> dict[str, int]:
        """The sessions of each fact and word; the number of records of a rare one."""
        sessions = int.bit_count if self._plain == self.everything else self.sessions
        frequent = {item: sessions(mask) for item, mask in self.masks.items()}
        return frequent | {item: len(bits) for item, bits in self.rare.items()}

    def sessions(self, mask: int) -> int:
        """The sessions of these records; see :func:`errata.patterns.sessions.count_sessions`."""
        others = mask & ~self._plain
        if not others:
            return mask.bit_count()
        chosen = sorted((self._when[bit], self._session[bit]) for bit in self.bits(others))
        crowded = count_sessions([when for when, _ in chosen], [session for _, session in chosen])
        return (mask & self._plain).bit_count() + crowded

    def instants(self, mask: int) -> list[int]:
        """When these records were, in ascending order."""
        return sorted(self._when[bit] for bit in self.bits(mask))

    @cached_property
    def _plain(self) -> int:
        """The records that are a session of their own: nameless, and alone in their minute."""
        minutes = [when // MINUTE for when in self._when]
        count = Counter(minutes)
        rows = enumerate(zip(minutes, self._session, strict=True))
        plain = _mask([bit for bit, (minute, name) in rows if not name and count[minute] == 1])
        return plain & self.everything

    @staticmethod
    def bits(mask: int) -> Iterator[int]:
        """The numbers of the bits that are set, in ascending order."""
        if _APART * mask.bit_count() < mask.bit_length():
            return _scattered_bits(mask)
        return compress(count(), bin(mask)[:1:-1].encode().translate(_AS_TRUTH))


def _scattered_bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


_DENSE, _SPARSE = b"\0", b"\1"
_RARE_SIZE = 1 + 4 * (_FEWEST - 1)
_FEW = 8


def _packed(mask: int) -> bytes:
    """A mask as bytes: all its bits, or the numbers of those that are set."""
    size = (mask.bit_length() + 7) // 8
    if 4 * mask.bit_count() >= size:  # Also of a mask with few bits, if they are the first.
        return _DENSE + mask.to_bytes(size, "little")
    return _SPARSE + array("I", Index.bits(mask)).tobytes()


def _unpacked(content: bytes) -> int:
    """The mask of :func:`_packed`."""
    if content[:1] == _DENSE:
        return int.from_bytes(content[1:], "little")
    numbers = array("I", content[1:])
    return sum(1 << number for number in numbers) if len(numbers) < _FEW else _mask(numbers)


def _pairs(items: Iterable[str]) -> Iterator[Pair]:
    """Two words, or a word and a place; each pair in one order."""
    words = sorted(item for item in items if item[0] == WORD)
    places = [item for item in items if goes_with_words(item)]
    yield from product(words, places)
    for n, word in enumerate(words):
        yield from product((word,), words[n + 1 :])


def _mask(numbers: Sequence[int]) -> int:
    """The number with these bits, which are in ascending order."""
    if not numbers:
        return 0
    content = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        content[number // 8] |= 1 << number % 8
    return int.from_bytes(content, "little")
