"""Read logs into a :class:`Ledger`: each record once, whatever the order, spelling or repetition.

The same record twice counts once. A 64-bit hash of what a record says finds *suspects* while
reading; only those are compared in full, as canonical JSON, so the answer is exact and the common
case costs one set look-up. Large logs are read by one process per core.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from errata.config import Config
from errata.patterns.infer import name_of, normal_name
from errata.patterns.ledger import Combo, Group, Ledger, Rejected, locate, located
from errata.patterns.route import Router
from errata.records import identity
from errata.records.identity import canonical
from errata.records.model import Kind
from errata.records.reader import Raw, decoder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Below this many bytes a second process costs more than it saves.
PARALLEL_BYTES = 24 << 20
MAX_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Log:
    """One log file to read: its number in the ledger, kind, and path."""

    number: int
    kind: Kind
    path: Path


@dataclass(slots=True)
class Part:
    """What reading one stretch of one log gave."""

    ledger: Ledger = field(default_factory=Ledger)
    hashes: array[int] = field(default_factory=lambda: array("q"))
    wheres: array[int] = field(default_factory=lambda: array("Q"))
    suspects: list[int] = field(default_factory=list)
    # Records with an id, in reading order; an id may come twice.
    ids: list[tuple[str, int]] = field(default_factory=list)


class Ingest:
    """Reads the logs of one repository into one ledger.

    Args:
        logs: every log, also those that did not change: duplicates are looked up in them.
        ledger: what is already known; it is changed in place.
    """

    def __init__(self, logs: list[Log], config: Config, ledger: Ledger) -> None:
        self.logs = {log.number: log for log in logs}
        self.config = config
        self.ledger = ledger
        self._router = Router(config)
        self._decoders: dict[Kind, Callable[[bytes], Raw]] = {}

    def read(self, stretches: list[tuple[int, int, int]], *, fresh: bool) -> None:
        """Read ``(log number, start, stop)`` stretches of whole lines.

        Args:
            fresh: the ledger was empty, so only repeated hashes are suspects; otherwise every
                record read may already be in it and is looked up.
        """
        parts = self._parts(stretches)
        seen: set[int] = set()
        suspects: list[int] = []
        ids: list[tuple[str, int]] = []
        for part in parts:
            suspects += part.suspects if fresh else part.wheres
            if fresh and not seen.isdisjoint(part.hashes):
                pairs = zip(part.hashes, part.wheres, strict=True)
                suspects += [where for value, where in pairs if value in seen]
            seen.update(part.hashes)
            ids += part.ids
            self.ledger.merge(part.ledger)
        for name in {name for part in parts for name in part.ledger.groups}:
            self.ledger.groups[name].sort()
        self._drop_repeated(sorted(set(suspects)))
        self._settle_ids(ids)
        for name in [n for n, group in self.ledger.groups.items() if not len(group.when)]:
            del self.ledger.groups[name]

    def line(self, where: int) -> bytes:
        """The line at a location."""
        number, offset = located(where)
        with self.logs[number].path.open("rb") as file:
            file.seek(offset)
            return file.readline()

    def raw(self, where: int) -> Raw:
        """The record at a location."""
        return self._decoder(self.logs[located(where)[0]].kind)(self.line(where))

    def pattern_of(self, raw: Raw) -> str:
        """The pattern that a record counts for, or "" if none can be told."""
        name = raw.name()
        return normal_name(name) if name else name_of(raw.text())

    def _decoder(self, kind: Kind) -> Callable[[bytes], Raw]:
        if kind not in self._decoders:
            self._decoders[kind] = decoder(kind, self.config.aliases.get(kind))
        return self._decoders[kind]

    def _parts(self, stretches: list[tuple[int, int, int]]) -> list[Part]:
        """Read every stretch, the large ones by several processes."""
        total = sum(stop - start for _, start, stop in stretches)
        workers = min(len(os.sched_getaffinity(0)), 8) if hasattr(os, "sched_getaffinity") else 1
        if total < PARALLEL_BYTES or workers < 2 or not hasattr(os, "fork"):
            return [self._scan(*stretch) for stretch in stretches]
        pieces = [
            piece
            for stretch in stretches
            for piece in self._split(stretch, max(1, total // workers + 1))
        ]
        helpers = [self._fork(piece) for piece in pieces[1:]]
        own = self._scan(*pieces[0])
        return [own, *(self._collect(*helper) for helper in helpers)]

    def _fork(self, piece: tuple[int, int, int]) -> tuple[Connection, tuple[int, int, int]]:
        """Let a child process scan a piece: forked, so that it hashes as this process does."""
        import multiprocessing

        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        context.Process(target=self._send, args=(theirs, piece), daemon=True).start()
        theirs.close()
        return ours, piece

    def _send(self, pipe: Connection, piece: tuple[int, int, int]) -> None:
        pipe.send(self._scan(*piece))

    def _collect(self, pipe: Connection, piece: tuple[int, int, int]) -> Part:
        try:
            part = pipe.recv()
            assert isinstance(part, Part)
        except EOFError:
            # The child died (out of memory, killed): its share is still to be read.
            return self._scan(*piece)
        return part

    def _split(self, stretch: tuple[int, int, int], size: int) -> list[tuple[int, int, int]]:
        number, start, stop = stretch
        cuts = [start]
        with self.logs[number].path.open("rb") as file:
            while cuts[-1] + size < stop:
                file.seek(cuts[-1] + size)
                file.readline()
                cuts.append(min(file.tell(), stop))
        return [
            (number, low, high)
            for low, high in zip(cuts, [*cuts[1:], stop], strict=True)
            if low < high
        ]

    def _scan(self, number: int, start: int, stop: int) -> Part:
        """The hot loop: one pass over the lines that begin in ``[start, stop)``."""
        log = self.logs[number]
        part = Part()
        decode, base = self._decoder(log.kind), locate(number, 0)
        columns: dict[str, tuple[Callable[[int], None], ...]] = {}
        names: dict[str, str] = {}
        codes: dict[object, int] = {}
        seen: set[int] = set()
        by_path = self._router.by_path
        offset = start
        with log.path.open("rb") as file:
            file.seek(start)
            for line in file:
                if offset >= stop:
                    break
                where = base | offset
                offset += len(line)
                try:
                    raw = decode(line)
                    text = raw.text()
                    file_name = raw.where()
                    recorded = raw.name()
                    name = names.get(recorded)
                    if name is None:
                        name = normal_name(recorded) if recorded else name_of(text)
                        if recorded:
                            names[recorded] = name
                    when = raw.when()
                    key = (raw.key(), by_path(file_name))
                    code = codes.get(key)
                    if code is None:
                        code = codes[key] = self._code(raw, part.ledger)
                    if not text:
                        raise ValueError("no description")
                except ValueError as error:
                    self._reject(part, number, where, line, error)
                    continue
                value = hash((when, text, file_name, name))
                if value in seen:
                    part.suspects.append(where)
                seen.add(value)
                part.hashes.append(value)
                part.wheres.append(where)
                append = columns.get(name)
                if append is None:
                    group = part.ledger.groups[name] = Group()
                    append = columns[name] = tuple(column.append for column in group.own())
                append[0](when)
                append[1](code)
                append[2](where)
                if raw.id is not None:
                    part.ids.append((raw.id, where))
                if raw.withdraws is not None:
                    part.ledger.withdrawn.add(raw.withdraws)
        return part

    def _code(self, raw: Raw, ledger: Ledger) -> int:
        record = raw.record()
        ledger.combos.append(
            Combo(
                kind=record.kind,
                source=record.source,
                severity=record.severity,
                agent=record.agent,
                affected=record.affected,
                by_path=self._router.by_path(record.file),
                service=record.service,
                category=record.category,
                tip=record.tip,
                correction_type=record.correction_type,
            )
        )
        return len(ledger.combos) - 1

    def _reject(self, part: Part, number: int, where: int, line: bytes, error: ValueError) -> None:
        if not line.strip() or not line.endswith(b"\n"):
            # A blank line says nothing; a last line without its end is a writer at work, or one
            # that was killed: it is not there yet.
            return
        why = "line is longer than 1 MiB" if len(line) > MAX_LINE else str(error)
        part.ledger.rejected.append(Rejected(number, located(where)[1], why.split("\n")[0]))

    def _drop_repeated(self, suspects: list[int]) -> None:
        """Remove each suspect that says the same as another occurrence at the same instant."""
        for where in suspects:
            raw = self.raw(where)
            group = self.ledger.groups[self.pattern_of(raw)]
            same = {group.where[position]: position for position in group.at(raw.when())}
            others = [other for other in same if other != where]
            if where in same and others:
                own = canonical_line(self.line(where))
                if any(canonical_line(self.line(other)) == own for other in others):
                    group.drop(same[where])

    def _settle_ids(self, ids: list[tuple[str, int]]) -> None:
        """Records with one id are one record: the newest stays; withdrawn ones go."""
        known = self.ledger.ids
        for name, where in ids:
            if name in known and known[name] != where:
                keep, lose = sorted((known[name], where), key=self._rank, reverse=True)
                known[name] = keep
                self._forget(lose)
            else:
                known[name] = where
        for name in self.ledger.withdrawn & known.keys():
            self._forget(known[name])

    def _rank(self, where: int) -> tuple[int, bytes]:
        return self.raw(where).when(), canonical_line(self.line(where))

    def _forget(self, where: int) -> None:
        raw = self.raw(where)
        group = self.ledger.groups.get(self.pattern_of(raw))
        for position in group.at(raw.when()) if group else ():
            if group and group.where[position] == where:
                group.drop(position)
                return


def canonical_line(line: bytes) -> bytes:
    """The canonical JSON of one line."""
    return canonical(identity.decode(line))
