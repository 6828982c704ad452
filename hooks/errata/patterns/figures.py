"""The figures of each pattern, kept between runs: an ``evolve`` computes those of what changed.

One file per work tree, beside the cache of occurrences. Deleting it loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from errata.patterns.cache import load_checked, save_checked
from errata.patterns.columns import PatternColumns
from errata.patterns.excerpts import Excerpt, to_excerpt
from errata.patterns.facets import FacetCounts, Facets
from errata.patterns.route import Route
from errata.patterns.sessions import SessionWeights
from errata.records.model import Record

# Longer texts are not descriptions; they are read again rather than kept.
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What all occurrences of a pattern say, whatever the time is.

    The names are those of the properties of :class:`~errata.patterns.analysis.Pattern`.

    Attributes:
        digest: of the occurrences.
        excerpts_by_place: of the newest records, newest first.
    """

    digest: bytes
    counts: FacetCounts
    weights: SessionWeights
    category: str
    route: Route
    services: list[str]
    excerpts_by_place: dict[int, Excerpt | None]
    description: str
    fix: str


class FigureCache:
    """The figures of the patterns by name.

    Args:
        path: the file; None keeps nothing.
        basis: what the figures rest on besides the occurrences; those of another basis are dropped.
    """

    def __init__(self, path: Path | None = None, basis: str = "") -> None:
        self._path = path
        self._basis = basis
        self._saved = self._load(path) if path else {}
        self._digests: dict[str, bytes] = {}
        self._added: Mapping[int, Facets] = {}

    def rest_on(self, added: Mapping[int, Facets]) -> None:
        """Take facets that no log has, by number; in another run, that number may mean others."""
        self._added = added

    def unchanged(self, name: str, columns: PatternColumns) -> Figures | None:
        """The saved figures of a pattern if they are those of these occurrences."""
        figures = self._saved.get(name)
        return figures if figures and figures.digest == self.digest(name, columns) else None

    def excerpt(self, name: str, place: int, read: Callable[[int], Record]) -> Excerpt | None:
        """The excerpt of the record at a place, which is only read if it was not saved."""
        figures = self._saved.get(name)
        if figures and place in figures.excerpts_by_place:
            return figures.excerpts_by_place[place]
        return to_excerpt(read(place))

    def digest(self, name: str, columns: PatternColumns) -> bytes:
        """A digest of the occurrences of a pattern, which do not change from now on."""
        if name not in self._digests:
            digest = hashlib.sha256()
            for column in (columns.when, columns.place, columns.facets, columns.session):
                digest.update(column)
            for number in sorted(self._added.keys() & columns.facets) if self._added else ():
                digest.update(repr(self._added[number]).encode())
            self._digests[name] = digest.digest()
        return self._digests[name]

    def save(self, figures: Mapping[str, Figures]) -> None:
        """Keep the figures of these patterns. A cache that cannot be written is not an error."""
        kept = {name: known for name, known in figures.items() if not _is_long(known)}
        if self._path and kept != self._saved:
            save_checked(self._path, (self._basis, kept))

    def _load(self, path: Path) -> dict[str, Figures]:
        basis, figures = load_checked(path, tuple[str, dict[str, Figures]]) or ("", {})
        return figures if basis == self._basis else {}


def _is_long(figures: Figures) -> bool:
    excerpts = filter(None, figures.excerpts_by_place.values())
    return any(sum(map(len, excerpt[1:5])) > _LONGEST for excerpt in excerpts)
