"""The names and lessons of unnamed records, kept between runs: what did not change is not grouped.

One file per work tree, beside the cache of occurrences. Deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from errata import __version__, rules
from errata.patterns.cache import load_checked, save_checked
from errata.patterns.columns import Column, PatternColumns

# A class that is read from the cache needs annotations that exist.
from errata.patterns.lesson import Lesson
from errata.patterns.log_files import OUTBOX_NUMBER, unpack_place

if TYPE_CHECKING:
    from errata.lessons.chances import Chances
    from errata.patterns.corpus import Corpus
    from errata.patterns.curated import DecidedPlaces

_FILE = "naming"
_FORMAT = "naming 3"
_RULES = (
    *("complaints", "edits", "elements", "instruction_comments", "instructions"),
    *("topics", "words"),
)


@dataclass(frozen=True, slots=True)
class Naming:
    """What unnamed records are called.

    Attributes:
        names: of their patterns, each once.
        chosen: of each record, in their order, the position of its name.
        lessons: of those patterns that are groups.
    """

    names: list[str]
    chosen: Column
    lessons: list[Lesson]

    @classmethod
    def of(cls, names: Iterable[str], lessons: Iterable[Lesson]) -> Naming:
        """Args: ``names``: of each record, in their order."""
        numbers: dict[str, int] = {}
        chosen = array("I", (numbers.setdefault(name, len(numbers)) for name in names))
        return cls([*numbers], chosen, [*lessons])


class NamingCache:
    """The file, for one state of everything that the names rest on.

    Args:
        chances, decided: what people's decisions and agents' commits say about the records.
    """

    def __init__(
        self, loaded: Corpus, unnamed: PatternColumns, chances: Chances, decided: DecidedPlaces
    ) -> None:
        self._path: Path | None = None
        # Lines of the outbox are in no generation: they move into their log.
        if loaded.generation and unpack_place(max(unnamed.place))[0] != OUTBOX_NUMBER:
            folder, generation = loaded.generation
            self._path = folder / _FILE
            self._basis = _basis(generation, loaded, unnamed, chances, decided)

    def load(self) -> Naming | None:
        """What was kept; None if it rests on anything else."""
        if self._path is None:
            return None
        basis, naming = load_checked(self._path, tuple[str, Naming]) or ("", None)
        return naming if basis == self._basis else None

    def save(self, naming: Naming) -> None:
        """Keep names and lessons. A cache that cannot be written is not an error."""
        if self._path:
            save_checked(self._path, (self._basis, naming))


def _basis(
    generation: str,
    loaded: Corpus,
    unnamed: PatternColumns,
    chances: Chances,
    decided: DecidedPlaces,
) -> str:
    """A digest of everything that decides about names and lessons."""
    import msgspec

    curation = loaded.curation
    rest = (
        sorted(loaded.occurrences.patterns),
        chances.line,
        (curation.decisions, [decision.id for decision in curation.in_effect]),
        (sorted(decided.rejected.items()), sorted(decided.ids.items())),
    )
    digest = hashlib.sha256(f"{_FORMAT} {__version__} {generation} ".encode())
    for column in (unnamed.when, unnamed.place, unnamed.session):
        digest.update(column)
    digest.update(msgspec.msgpack.encode(rest))
    for name in _RULES:
        digest.update((rules.folder() / f"{name}.toml").read_bytes())
    return digest.hexdigest()
