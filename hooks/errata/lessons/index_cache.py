"""The index of unnamed records, kept between runs: only new records are read and described.

One file per work tree, beside the cache of occurrences. Deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from errata import __version__, rules
from errata.lessons.described import Described
from errata.lessons.index import Index, IndexColumns
from errata.patterns.cache import load_checked, save_checked
from errata.patterns.log_files import OUTBOX_NUMBER, unpack_place

_FILE = "unnamed"
_FORMAT = "unnamed 3"
_MANY = 50
"""So many records take longer to read than the file takes to write."""
_RULES = ("complaints.toml", "edits.toml", "topics.toml", "words.toml")


def complete(
    generation: tuple[Path, str] | None,
    places: Iterable[int],
    describe: Callable[[Iterable[int]], Iterable[Described]],
    *,
    write: bool,
) -> Index:
    """The index of the records at these places.

    Args:
        generation: :attr:`errata.patterns.corpus.Corpus.generation`.
        describe: reads the records at some places.
        write: whether the cache may be written.
    """
    places = list(places)
    # Lines of the outbox are never kept: they move into their log.
    tracked = [place for place in places if unpack_place(place)[0] != OUTBOX_NUMBER]
    index = _load(generation, tracked)
    known = set(index.keys)
    gone = known.difference(tracked)
    if new := [place for place in tracked if place not in known]:
        index.add(describe(new))
        if generation and write and (not known or len(new) >= _MANY):
            index.forget(gone)
            gone.clear()
            folder, name = generation
            save_checked(folder / _FILE, (_basis(name), index.columns()))
    if len(tracked) < len(places):
        waiting = set(places).difference(tracked)
        index.add(describe(place for place in places if place in waiting))
    index.leave_out(gone)
    return index


def _load(generation: tuple[Path, str] | None, tracked: list[int]) -> Index:
    """What was kept; an empty index if most of it is not about these records."""
    if generation is None:
        return Index()
    folder, name = generation
    basis, columns = load_checked(folder / _FILE, tuple[str, IndexColumns]) or ("", None)
    if columns is None or basis != _basis(name):
        return Index()
    shared = len({*columns.key}.intersection(tracked))
    return Index(columns) if 2 * shared >= len(columns.key) else Index()


def _basis(generation: str) -> str:
    """Everything besides the logs that decides what is kept."""
    digest = hashlib.sha256(f"{_FORMAT} {__version__} {generation}".encode())
    for name in _RULES:
        digest.update((rules.folder() / name).read_bytes())
    return digest.hexdigest()
