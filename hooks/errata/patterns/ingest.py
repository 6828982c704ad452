"""Read logs into :class:`Occurrences`: each record once, whatever the order or the repetition.

Records with one id are one record: the newest counts, or of equally new ones the one whose edit is
described, or that is resolved. Records without one are the same if their
canonical JSON is. Only records of one pattern, instant and text can be; those are compared in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

from errata.core.config import Config
from errata.core.errors import LogError, RecordError
from errata.patterns.columns import Occurrences, PatternColumns, Row, scoped_id
from errata.patterns.log_files import LogFile, LogLines
from errata.patterns.log_reader import LogReader
from errata.records import description, identity
from errata.records.model import Kind
from errata.records.reader import Decode, Raw, decoder

Stretch = tuple[LogFile, int, int]
"""A log and two byte offsets: the whole lines between them."""
_CONTENT_ID = "sha256:"


class Ingest:
    """Adds stretches of logs to what is already known, which changes in place.

    Args:
        lines: of every log, also of those that did not change: duplicates are compared with them.
    """

    def __init__(self, lines: LogLines, config: Config, occurrences: Occurrences) -> None:
        self._lines = lines
        self._config = config
        self._occurrences = occurrences
        self._decoders: dict[Kind, Decode] = {}

    def read(self, stretches: Iterable[Stretch]) -> None:
        """Read lines that were not read before."""
        reader = LogReader(self._config, self._occurrences.facets)
        for log, start, stop in stretches:
            if start < stop:
                reader.read(log, start, stop)
        self._occurrences.rejected.extend(reader.rejected)
        for name, rows in reader.rows.items():
            self._occurrences.patterns.setdefault(name, PatternColumns()).add(rows)
        # Ids first: what is left afterwards has no other occurrence of the same id, so that
        # neither step can remove the one that the other keeps.
        self._remove(self._superseded(reader))
        self._remove(self._repeated(reader.rows))
        self._remove(self._withdrawn_by_content(reader))
        for name in [name for name, columns in self._occurrences.patterns.items() if not columns]:
            del self._occurrences.patterns[name]

    def raw(self, place: int) -> Raw:
        """The record at a place.

        Raises:
            LogError: it is gone, because a program overwrote the log while it was read.
        """
        kind = self._lines.kind(place)
        if kind not in self._decoders:
            self._decoders[kind] = decoder(kind, self._config.aliases.get(kind))
        try:
            return self._decoders[kind](self._lines.line(place))
        except (ValueError, RecursionError) as error:
            path = self._lines.path(place)
            raise LogError(f"{path}: changed while it was read", "try again") from error

    def canonical_line(self, place: int) -> bytes:
        """The canonical JSON of the line at a place; the line itself if it has none.

        It has none where a field that is not read holds what JSON cannot.
        """
        line = self._lines.line(place)
        try:
            return identity.canonical(identity.decode(line))
        except RecordError:
            return line.strip()

    def _remove(self, places: Iterable[int]) -> None:
        if unwanted := set(places):
            self._occurrences.remove(unwanted)

    def _superseded(self, reader: LogReader) -> Iterator[int]:
        """Places of records whose id a newer record has, or a withdrawal names."""
        ids = self._occurrences.ids
        for id, place in reader.ids:
            other = ids.setdefault(id, place)
            if other != place:
                ids[id], older = self._newer_first(other, place)
                yield older
        self._occurrences.withdrawn |= reader.withdrawn
        new = reader.withdrawn.union(id for id, _ in reader.ids)
        for id in new & self._occurrences.withdrawn & ids.keys():
            yield ids[id]

    def _newer_first(self, known: int, new: int) -> tuple[int, int]:
        """Two places, first that of the record which counts, whatever their order."""
        # Most differ in the first: to find the canonical form takes time.
        for rank in (self._when, self._additions, self.canonical_line):
            known_rank: Any = rank(known)
            new_rank: Any = rank(new)
            if known_rank != new_rank:
                return (known, new) if known_rank > new_rank else (new, known)
        return known, new

    def _when(self, place: int) -> int:
        return self.raw(place).when()

    def _additions(self, place: int) -> tuple[bool, int]:
        return description.additions(self._lines.line(place))

    def _repeated(self, new: dict[str, list[Row]]) -> Iterator[int]:
        """Places of records that say what another one says, which comes first in the logs."""
        for name, rows in new.items():
            columns = self._occurrences.patterns[name]
            shared = {earlier for earlier, later in pairwise(columns.when) if earlier == later}
            for instant in shared.intersection(row[0] for row in rows) if shared else ():
                yield from self._repeated_among(columns.place[columns.at(instant)])

    def _repeated_among(self, places: Iterable[int]) -> Iterator[int]:
        # Only within one kind: an incident in the words of a finding is a second observation.
        by_text = defaultdict(list)
        for place in places:
            by_text[self._lines.kind(place), self.raw(place).text()].append(place)
        for candidates in by_text.values():
            seen: set[bytes] = set()
            for place in candidates if len(candidates) > 1 else ():
                content = self.canonical_line(place)
                if content in seen:
                    yield place
                seen.add(content)

    def _withdrawn_by_content(self, reader: LogReader) -> Iterator[int]:
        """Places of records that are withdrawn by the hash of their content: they have no id."""
        wanted = {id for id in self._occurrences.withdrawn if f":{_CONTENT_ID}" in id}
        if not wanted:
            return
        if wanted & reader.withdrawn:
            everything = (columns.place for columns in self._occurrences.patterns.values())
            places = sorted(chain.from_iterable(everything))
        else:
            places = sorted(row[1] for rows in reader.rows.values() for row in rows)
        kinds = {id.partition(":")[0] for id in wanted}
        for place in places:
            if self._lines.kind(place) in kinds and self._line_id(place) in wanted:
                yield place

    def _line_id(self, place: int) -> str:
        try:
            content = identity.line_id(self._lines.line(place))
        except RecordError:
            return ""
        return scoped_id(self._lines.kind(place), content)
