"""From the lines of a log to rows by pattern: the hot loop of a cold ``evolve``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from errata.core.config import Config
from errata.patterns.columns import Rejected, Row, scoped_id
from errata.patterns.facets import Facets
from errata.patterns.log_files import LogFile, pack_place
from errata.patterns.route import Router
from errata.patterns.sessions import session_key
from errata.records import instants
from errata.records.model import Kind
from errata.records.pattern_names import PATTERN_NAME, normal_name
from errata.records.reader import Decode, Raw, decoder

MAX_LINE = 1 << 20
"""Bytes of a line, without its end."""
_BAD_NAME = "{!r} is not a pattern name: lower-case words joined by '-', at most 100 characters"


class FacetTable:
    """All combinations of facets seen so far, and the index of each."""

    def __init__(self, facets: list[Facets], router: Router) -> None:
        self._facets = facets
        self._router = router
        self._indexes = {row: index for index, row in enumerate(facets)}
        # By the record's raw values, so that a known combination costs one look-up.
        self._known: dict[object, int] = {}

    def index(self, raw: Raw) -> int:
        """The index of a record's facets. Raises ValueError: a value is not allowed."""
        by_path = self._router.by_path(raw.path())
        key = (raw.kind, raw.facet_values(), by_path)
        index = self._known.get(key)
        if index is None:
            facets = Facets.of(raw.record(), by_path)
            index = self._indexes.setdefault(facets, len(self._facets))
            if index == len(self._facets):
                self._facets.append(facets)
            self._known[key] = index
        return index


class LogReader:
    """Reads lines of any log.

    Attributes:
        rows: by pattern.
        ids: records with an id (see :func:`scoped_id`) and their places; an id may come twice.
        withdrawn: ids that records withdraw.
        rejected: lines that are not valid.
    """

    def __init__(self, config: Config, facets: list[Facets]) -> None:
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.ids: list[tuple[str, int]] = []
        self.withdrawn: set[str] = set()
        self.rejected: list[Rejected] = []
        self._config = config
        self._facets = FacetTable(facets, Router(config))

    def read(self, log: LogFile, start: int, stop: int) -> None:
        """Read the lines that begin in ``[start, stop)``."""
        decode = decoder(log.kind, self._config.aliases.get(log.kind))
        for place, line in _lines(log, start, stop):
            try:
                self._add(line, place, decode, log.kind)
            except (ValueError, RecursionError) as error:
                self._reject(line, place, error)

    def _add(self, line: bytes, place: int, decode: Decode, kind: Kind) -> None:
        """Take one line. Raises ValueError, RecursionError: it is not valid."""
        if len(line) > MAX_LINE + 1:
            raise ValueError("the line is longer than 1 MiB")
        raw = decode(line)
        when, text = raw.when(), raw.text()
        recorded = raw.name()
        name = _valid_name(recorded) if recorded else raw.name_by_rule()
        facets = self._facets.index(raw)
        if not text:
            raise ValueError("no description")
        if when < instants.FIRST:
            raise ValueError("the date is before the year 1000")
        if raw.withdraws:
            # It withdraws a record and is not an occurrence itself.
            self.withdrawn.add(scoped_id(kind, raw.withdraws))
            return
        self.rows[name].append((when, place, facets, session_key(raw.session_id)))
        if raw.id:
            self.ids.append((scoped_id(kind, raw.id), place))

    def _reject(self, line: bytes, place: int, error: Exception) -> None:
        if line.strip():
            why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            self.rejected.append(Rejected(place, why.split("\n")[0]))


@lru_cache(maxsize=65_536)
def _valid_name(recorded: str) -> str:
    name = normal_name(recorded)
    if not PATTERN_NAME.match(name):
        raise ValueError(_BAD_NAME.format(recorded[:60]))
    return name


def _lines(log: LogFile, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    place, end = pack_place(log.number, start), pack_place(log.number, stop)
    log.file.seek(start)
    for line in log.file:
        if place >= end:
            return
        yield place, line
        place += len(line)
