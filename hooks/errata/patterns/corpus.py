"""The corpus: all records of a repository, read through the cache where it is valid."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from errata.core.config import Config
from errata.core.git import Repository, state_folder
from errata.patterns.cache import (
    LogPrefix,
    PrefixHash,
    Snapshot,
    load_snapshot,
    save_snapshot,
    settings_digest,
    stat_of,
)
from errata.patterns.columns import Occurrences, Rejected, scoped_id, weights
from errata.patterns.facets import FacetCounts, Facets, Weights
from errata.patterns.figures import FigureCache
from errata.patterns.ingest import Ingest
from errata.patterns.lesson import Lesson, WorkCounts
from errata.patterns.log_files import (
    OUTBOX_NUMBER,
    LogFile,
    LogLines,
    complete_size,
    find_logs,
)
from errata.patterns.sessions import SessionWeights, session_weights
from errata.records.curation import Curation
from errata.records.model import Kind, Record
from errata.state import outbox

CACHE_FILE = "occurrences"
"""In errata's folder of the git directory; the figures of the patterns are in a file beside it."""
_FIGURES_FILE = "figures"


class Corpus:
    """All occurrences, access to their lines, and figures that are computed only once.

    Attributes:
        generation: the cache folder, and a name under which places of tracked logs are stable;
            None if the logs are not cached.
        lessons: by the name of their pattern; of patterns that are groups of unnamed records.
        work: what agents committed, corrected or not; None if nobody counted it.
        later, future: how many records were left out to look back at what was known on another
            day; ``future`` are those of them that are in the future.
        curation: what people decided; it is in effect already.
        rejected_corrections: place -> id of the corrections that people rejected; in no pattern.
        shared: place of each correction that is in several patterns -> in how many.
        invalid_lines: ``path:lines`` of the invalid lines of other logs in the patterns folder.
    """

    def __init__(
        self, occurrences: Occurrences, lines: LogLines, ingest: Ingest, figures: FigureCache
    ) -> None:
        self.occurrences = occurrences
        self._lines = lines
        self._ingest = ingest
        self.figures = figures
        self.generation: tuple[Path, str] | None = None
        self.lessons: Mapping[str, Lesson] = {}
        self.work: WorkCounts | None = None
        self.later = self.future = 0
        self.invalid_lines: Sequence[str] = ()
        self.curation = Curation()
        self.rejected_corrections: Mapping[int, str] = {}
        self.shared: Mapping[int, int] = {}
        # Not functools.cache of methods: that is a cycle, which would keep the logs open until the
        # next collection of garbage, and a process may read thousands of repositories.
        self._facet_counts: dict[tuple[str, int, int], FacetCounts] = {}
        self._session_weights: dict[tuple[str, int, int], SessionWeights] = {}

    @property
    def rejected(self) -> list[Rejected]:
        """The lines that are not valid, in the order of the logs."""
        return sorted(self.occurrences.rejected)

    def newest_until(self, limit: int) -> int | None:
        """The newest instant that is not after ``limit``; None if there is none.

        Without records, it is the one at which somebody last wrote a lesson.
        """
        newest = self.occurrences.newest_until(limit)
        if newest is None:
            written = (text.when for text in self.curation.lesson_texts.values())
            newest = max((when for when in written if when <= limit), default=None)
        return newest

    def location(self, rejected: Rejected, root: Path) -> str:
        """``path:line`` of a rejected line."""
        return self._lines.location(rejected.place, root)

    def record(self, place: int) -> Record:
        """The record whose line is at a place."""
        return self._ingest.raw(place).record()

    def kind(self, place: int) -> Kind:
        """The kind of the record at a place."""
        return self._lines.kind(place)

    def line(self, place: int) -> bytes:
        """The line at a place, as it is in its log."""
        return self._lines.line(place)

    def fields(self, place: int) -> dict[str, Any]:
        """All fields of the record at a place, as they are in its log; {} if they are unreadable.

        A field that is not read otherwise may hold what cannot be decoded.
        """
        import msgspec

        try:
            fields: Any = msgspec.json.decode(self.line(place))
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}

    def patterns_of(self, kind: Kind, id: str) -> tuple[str, ...]:
        """The names of the patterns that the record with this id counts for, its own first."""
        place = self.occurrences.ids.get(scoped_id(kind, id))
        patterns = self.occurrences.patterns.items() if place is not None else ()
        names = [name for name, columns in patterns if name and place in columns.place]
        return tuple(self.curation.own_first(id, names) if len(names) > 1 else names)

    def files(self, places: Iterable[int]) -> Iterator[str]:
        """The files that corrections at some places are about."""
        for place in places:
            reply = self.fields(place).get("user_correction")
            files = reply.get("files") if isinstance(reply, dict) else None
            if isinstance(files, list):
                yield from (name for name in files if isinstance(name, str))

    def canonical_line(self, place: int) -> bytes:
        """See :meth:`Ingest.canonical_line`."""
        return self._ingest.canonical_line(place)

    def filter(self, accept: Callable[[Facets], bool], after: int | None = None) -> Corpus:
        """This corpus with some occurrences only; see :meth:`Occurrences.filter`."""
        occurrences = self.occurrences.filter(accept, after)
        filtered = Corpus(occurrences, self._lines, self._ingest, FigureCache())
        filtered.lessons, filtered.work = self.lessons, self.work
        filtered.invalid_lines = self.invalid_lines
        filtered.curation = self.curation
        filtered.rejected_corrections = self.rejected_corrections
        filtered.shared = self.shared
        return filtered

    def facet_counts(self, name: str, low: int, high: int) -> FacetCounts:
        """The facets of a pattern's occurrences between two positions."""
        key = name, low, high
        if key not in self._facet_counts:
            indexes = self.occurrences.patterns[name].facets[low:high]
            counts = FacetCounts.of(Counter(indexes), self.occurrences.facets)
            self._facet_counts[key] = counts
        return self._facet_counts[key]

    def session_weights(self, name: str, low: int, high: int) -> SessionWeights:
        """The weights of a pattern's occurrences between two positions, by session."""
        key = name, low, high
        if key not in self._session_weights:
            columns = self.occurrences.patterns[name]
            self._session_weights[key] = session_weights(
                columns.when[low:high],
                columns.session[low:high],
                columns.facets[low:high],
                self._weights,
            )
        return self._session_weights[key]

    @cached_property
    def _weights(self) -> list[Weights]:
        return weights(self.occurrences.facets)


def load_corpus(
    repo: Repository, config: Config, *, write: bool = True, with_outbox: bool = True
) -> Corpus:
    """Read all logs, through the cache where it is valid.

    Args:
        write: whether the cache may be written.
        with_outbox: whether to read captured corrections too that are not in their log yet.

    Raises:
        LogError: a log is a directory, cannot be read, or leads out of the repository.
    """
    waiting = outbox.file_path(repo) if with_outbox and repo.state_dir else None
    logs = find_logs(repo.root, config, waiting)
    lines = LogLines(logs)
    folder = state_folder(repo.git_dir) if repo.git_dir else None
    tracked = [log for log in logs if log.number != OUTBOX_NUMBER]
    snapshot, ingest, saved = _read(folder, tracked, lines, config, write)
    # Lines of the outbox are never saved: they move into their log, which then must be read.
    pending = [(log, 0, complete_size(log.file)) for log in logs if log not in tracked]
    ingest.read(pending)
    figures = FigureCache()
    if folder and saved and not any(size for _, _, size in pending):
        basis = f"{snapshot.generation} {config.evolve.per_session}"
        figures = FigureCache(folder / _FIGURES_FILE, basis)
    loaded = Corpus(snapshot.occurrences, lines, ingest, figures)
    if folder and saved:
        loaded.generation = folder, snapshot.generation
    return loaded


def _read(
    folder: Path | None, logs: list[LogFile], lines: LogLines, config: Config, write: bool
) -> tuple[Snapshot, Ingest, bool]:
    """The snapshot of all logs, the reader that completed it, and whether it is in the cache."""
    digest = settings_digest(config)
    stats = {log.number: stat_of(log.file) for log in logs}
    hashes = {log.number: PrefixHash(log.file) for log in logs}
    snapshot = None
    if folder:
        snapshot = load_snapshot(folder / CACHE_FILE, digest, stats, hashes)
    if snapshot is None:
        hashes = {log.number: PrefixHash(log.file) for log in logs}
        snapshot = Snapshot(digest, os.urandom(8).hex())
    changed = [log for log in logs if snapshot.prefix(log.number).stat != stats[log.number]]
    sizes = {log.number: complete_size(log.file) for log in changed}
    ingest = Ingest(lines, config, snapshot.occurrences)
    ingest.read([(log, snapshot.prefix(log.number).size, sizes[log.number]) for log in changed])
    if not changed or not folder or not write:
        return snapshot, ingest, not changed
    for number, size in sizes.items():
        sha256 = hashes[number].digest(size)
        snapshot.prefixes[number] = LogPrefix(size, stats[number], sha256)
    return snapshot, ingest, save_snapshot(folder / CACHE_FILE, snapshot)
