"""What the newest records of each pattern tell, kept beside the ledger.

Reading ten lines of every pattern anew, and asking of each text whether it speaks to its reader,
was a fifth of what an ``evolve`` with a few new lines took. What is kept holds for the very lines
it was made of: they are in the part of the logs that the ledger is known to describe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from errata import rules
from errata.core import safe_open
from errata.patterns.ledger import located
from errata.records.injection import sign_in
from errata.records.model import Record

# What is longer than descriptions are, or of more lines than one would think, is read again.
_MOST_TEXT = 8_000
_MOST_ROWS = 256


class Telling(NamedTuple):
    """One record that tells what was seen, and gives no orders to who reads it.

    Attributes:
        when: its instant.
        text: what was seen.
        fix, file, feature: as recorded; "" where it is no more than an order.
        weight: of its source.
    """

    when: int
    text: str
    fix: str
    file: str
    feature: str
    weight: float


def telling(record: Record) -> Telling | None:
    """What a record tells; None if its text speaks to who reads it."""
    if sign_in(record.text):
        return None
    fix, file, feature = (
        "" if sign_in(text) else text for text in (record.fix, record.file, record.feature)
    )
    return Telling(record.when, record.text, fix, file, feature, record.source.weight)


Kept = list[tuple[tuple[int, ...], tuple[Telling | None, ...]]]


@dataclass
class Memo:
    """What is kept for the ledger of one work tree.

    Attributes:
        path: the file; None keeps nothing.
        of: the ledger that it belongs to, as a digest.
        sizes: of each log by its number, how many bytes the ledger describes.
        known: by the places of the records of one instant, what the first of them tell.
    """

    path: Path | None = None
    of: str = ""
    sizes: Mapping[int, int] = field(default_factory=dict)
    known: dict[tuple[int, ...], tuple[Telling | None, ...]] = field(default_factory=dict)
    _new: bool = False

    @classmethod
    def open(cls, path: Path, ledger: str, sizes: Mapping[int, int]) -> Memo:
        """The memo of a ledger; an empty one if there is none that belongs to it."""
        import msgspec

        signs = hashlib.sha256((rules.folder() / "instructions.toml").read_bytes())
        of = f"{ledger}-{signs.hexdigest()}"
        try:
            with open(path, "rb", opener=safe_open.open_nofollow) as file:
                found, known = msgspec.msgpack.decode(file.read(), type=tuple[str, Kept])
        except (OSError, ValueError):
            return cls(path, of, sizes)
        return cls(path, of, sizes, dict(known) if found == of else {})

    def told(
        self, rows: tuple[int, ...], read: Callable[[], Iterable[Record]]
    ) -> tuple[Telling | None, ...]:
        """What the records of one instant tell; they are only read if that is not known.

        Args:
            rows: their places, as the ledger has them.
            read: the records that are of interest, in their order.
        """
        known = self.known.get(rows)
        if known is not None:
            return known
        told = tuple(map(telling, read()))
        if self.path and len(rows) <= _MOST_ROWS and all(map(self._lasting, rows)):
            length = sum(len(one.text) + len(one.fix) + len(one.file) for one in told if one)
            if length <= _MOST_TEXT:
                self.known[rows] = told
                self._new = True
        return told

    def _lasting(self, row: int) -> bool:
        log, offset = located(row)
        return offset < self.sizes.get(log, 0)

    def content(self) -> bytes | None:
        """What is to be written at :attr:`path`; None if that is there."""
        import msgspec

        kept = (self.of, list(self.known.items()))
        return msgspec.msgpack.encode(kept) if self._new else None
