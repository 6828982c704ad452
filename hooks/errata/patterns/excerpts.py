"""Excerpts of the newest records, and a cache of them.

Reading ten lines of every pattern anew, and looking in each text for instructions to its reader,
would be a fifth of what an ``evolve`` with a few new lines takes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from errata.core import atomic, safe_open
from errata.patterns.log_files import OUTBOX_NUMBER, unpack_place
from errata.records.injection import sign_in
from errata.records.model import Record

# Longer texts are no descriptions; they are read again rather than kept.
_LONGEST = 8_000


class Excerpt(NamedTuple):
    """What one record says, without instructions to its reader.

    Attributes:
        when: its instant.
        text: what was seen.
        fix, file, feature: as recorded; "" where it is no more than an instruction.
        weight: of its source.
    """

    when: int
    text: str
    fix: str
    file: str
    feature: str
    weight: float


def to_excerpt(record: Record) -> Excerpt | None:
    """The excerpt of a record; None if its text is an instruction to its reader."""
    if sign_in(record.text):
        return None
    fix, file, feature = (
        "" if sign_in(text) else text for text in (record.fix, record.file, record.feature)
    )
    return Excerpt(record.when, record.text, fix, file, feature, record.source.weight)


class ExcerptCache:
    """Excerpts by the places of their lines.

    Args:
        path: the file; None keeps nothing.
        generation: of the occurrences whose places these are; excerpts of others are dropped.
    """

    def __init__(self, path: Path | None = None, generation: str = "") -> None:
        self._path = path
        self._generation = generation
        self._saved = self._load(path) if path else {}
        self._used: dict[int, Excerpt | None] = {}

    def get(self, place: int, read: Callable[[int], Record]) -> Excerpt | None:
        """The excerpt of the record at a place, which is only read if it is not known."""
        if place in self._saved:
            excerpt = self._used[place] = self._saved[place]
            return excerpt
        excerpt = to_excerpt(read(place))
        # The outbox is no lasting place: its lines move into their log.
        short = not excerpt or sum(map(len, excerpt[1:5])) <= _LONGEST
        if short and unpack_place(place)[0] != OUTBOX_NUMBER:
            self._used[place] = excerpt
        return excerpt

    def save(self) -> None:
        """Keep the excerpts that were used. A cache that cannot be written is no error."""
        import msgspec

        if self._path and self._used != self._saved:
            content = msgspec.msgpack.encode((self._generation, self._used))
            with contextlib.suppress(OSError):
                atomic.write(self._path, content, durable=False)

    def _load(self, path: Path) -> dict[int, Excerpt | None]:
        import msgspec

        try:
            with open(path, "rb", opener=safe_open.open_nofollow) as file:
                generation, excerpts = msgspec.msgpack.decode(
                    file.read(), type=tuple[str, dict[int, Excerpt | None]]
                )
        except (OSError, ValueError):
            return {}
        return excerpts if generation == self._generation else {}
