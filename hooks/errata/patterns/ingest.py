"""Read logs into a :class:`Ledger`: each record once, whatever the order, spelling or repetition.

The same record twice counts once. A 64-bit hash of what a record says finds *suspects* while
reading; only those are compared in full, as canonical JSON, so the answer is exact and the common
case costs one set look-up. Large logs are read by one process per core.
"""

from __future__ import annotations

import contextlib
import gc
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from errata.config import Config
from errata.errors import RecordError
from errata.patterns.infer import PATTERN_NAME, name_of, normal_name
from errata.patterns.ledger import Combo, Group, Ledger, Rejected, locate, located
from errata.patterns.route import Router
from errata.patterns.sessions import Keys
from errata.records import identity
from errata.records.identity import canonical
from errata.records.model import Kind
from errata.records.reader import EPOCH, MICROSECOND, Raw, decoder, decoders

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Below this many bytes a second process costs more than it saves.
PARALLEL_BYTES = 24 << 20
MAX_LINE = 1 << 20
# 1000-01-01, the first day that validation allows: a year has four digits.
_FIRST = -30_610_224_000_000_000
_NO_DATE = "the date is before the year 1000"
_NO_TEXT = "no description"
_NAMED = "{!r} is not a pattern name: lower-case words joined by '-', at most 100 characters"


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
    # Records with an id (see `_own`), in reading order; an id may come twice.
    ids: list[tuple[str, int]] = field(default_factory=list)

    def columns(
        self, name: str, known: dict[str, tuple[Callable[[int], None], ...]]
    ) -> tuple[Callable[[int], None], ...]:
        """How to append to a new pattern's columns: when, code, where, session."""
        group = self.ledger.groups[name] = Group()
        known[name] = tuple(column.append for column in group.own())
        return known[name]


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
        self._files: dict[int, BinaryIO] = {}
        self._decoders: dict[Kind, Callable[[bytes], Raw]] = {}

    def read(self, stretches: list[tuple[int, int, int]], *, fresh: bool) -> None:
        """Read ``(log number, start, stop)`` stretches of whole lines.

        Args:
            fresh: the ledger was empty, so only repeated hashes are suspects; otherwise every
                record read may already be in it and is looked up.
        """
        # Millions of short-lived tuples and no cycles: looking for some costs a tenth.
        gc.disable()
        try:
            parts = self._parts(stretches)
        finally:
            gc.enable()
        ids: list[tuple[str, int]] = []
        before = {name: len(group.when) for name, group in self.ledger.groups.items()}
        for part in parts:
            ids += part.ids
            self.ledger.merge(part.ledger)
        everything = chain.from_iterable(part.wheres for part in parts)
        suspects = _repeated(parts) if fresh else list(everything)
        for name in {name for part in parts for name in part.ledger.groups}:
            self.ledger.groups[name].sort(before.get(name, 0), self.ledger.worth)
        # Ids first: what is left afterwards has no other occurrence of the same id, so that
        # neither step can remove the one that the other keeps.
        self._settle_ids(ids)
        self._drop_repeated(set(suspects))
        new = chain.from_iterable(part.wheres for part in parts)
        self._withdraw_by_content(new, {n for part in parts for n in part.ledger.withdrawn})
        for name in [n for n, group in self.ledger.groups.items() if not len(group.when)]:
            del self.ledger.groups[name]

    def line(self, where: int) -> bytes:
        """The line at a location."""
        number, offset = located(where)
        file = self._files.get(number)
        if file is None:
            # Kept open: an analysis goes back to thousands of lines.
            file = self._files[number] = self.logs[number].path.open("rb")
        file.seek(offset)
        return file.readline()

    def raw(self, where: int) -> Raw:
        """The record at a location."""
        return self._decoder(self._kind(where))(self.line(where))

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
        """The hot loop: one pass over the lines that begin in ``[start, stop)``.

        Spelled out rather than factored: a call more per line is a tenth of the whole.
        """
        log = self.logs[number]
        part = Part()
        fast, slow = decoders(log.kind, self.config.aliases.get(log.kind))
        base, offset = locate(number, 0), start
        columns: dict[str, tuple[Callable[[int], None], ...]] = {}
        names: dict[str, str] = {}
        codes: dict[object, int] = {}
        paths: dict[str, tuple[str, ...]] = {}
        sessions = Keys()
        say, place, limit = part.hashes.append, part.wheres.append, MAX_LINE + 1
        with log.path.open("rb") as file:
            file.seek(start)
            for line in file:
                if offset >= stop:
                    break
                where = base | offset
                offset += len(line)
                try:
                    if len(line) > limit:
                        raise ValueError("the line is longer than 1 MiB")
                    try:
                        raw = fast(line)
                    except msgspec.DecodeError:
                        raw = slow(line)
                    try:
                        when = (raw.timestamp - EPOCH) // MICROSECOND  # type: ignore[operator]
                    except TypeError:
                        # No timestamp, or one without a zone.
                        when = raw.when()
                    recorded, text, file_name, rest = raw.facts()
                    name = names.get(recorded) or _name(recorded, text, names)
                    by_path = paths.get(file_name)
                    if by_path is None:
                        by_path = paths[file_name] = self._router.by_path(file_name)
                    key = (rest, by_path)
                    code = codes.get(key)
                    if code is None:
                        code = codes[key] = self._code(raw, part.ledger)
                    if not text or when < _FIRST:
                        raise ValueError(_NO_DATE if text else _NO_TEXT)
                except (ValueError, RecursionError) as error:
                    self._reject(part, number, where, line, error)
                    continue
                if raw.withdraws:
                    # It takes a record back and is no occurrence itself.
                    part.ledger.withdrawn.add(_own(log.kind, raw.withdraws))
                    continue
                say(hash((when, text, file_name, name)))
                place(where)
                append = columns.get(name) or part.columns(name, columns)
                append[0](when)
                append[1](code)
                append[2](where)
                append[3](sessions[raw.session_id])
                if raw.id:
                    part.ids.append((_own(log.kind, raw.id), where))
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

    def _reject(self, part: Part, number: int, where: int, line: bytes, error: Exception) -> None:
        if not line.strip() or not line.endswith(b"\n"):
            # A blank line says nothing; a last line without its end is a writer at work, or one
            # that was killed: it is not there yet.
            return
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        part.ledger.rejected.append(Rejected(number, located(where)[1], why.split("\n")[0]))

    def _drop_repeated(self, suspects: Iterable[int]) -> None:
        """Of occurrences at one instant that say the same, keep the first.

        Only within one kind: an incident in the words of a finding is a second observation.
        """
        ties = {(self.pattern_of(raw), raw.when()) for raw in map(self.raw, suspects)}
        for name, instant in ties:
            group = self.ledger.groups[name]
            positions = sorted(group.at(instant), key=group.where.__getitem__)
            seen: set[tuple[Kind, bytes]] = set()
            repeated = []
            for position in positions if len(positions) > 1 else ():
                where = group.where[position]
                said = (self._kind(where), canonical_line(self.line(where)))
                if said in seen:
                    repeated.append(position)
                seen.add(said)
            for position in sorted(repeated, reverse=True):
                group.drop(position)

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

    def _withdraw_by_content(self, new: Iterable[int], names: set[str]) -> None:
        """Forget what is withdrawn by the hash of its content, as records without an id are."""
        mark = _own("", "sha256:")
        wanted = {name for name in self.ledger.withdrawn if mark in name}
        if not wanted:
            return
        everywhere = wanted & names
        wheres: Iterable[int] = new
        if everywhere:
            wheres = [where for group in self.ledger.groups.values() for where in group.where]
        gone = [where for where, name in self._identities(wheres) if name in wanted]
        for where in gone:
            self._forget(where)

    def _identities(self, wheres: Iterable[int]) -> Iterator[tuple[int, str]]:
        for number, group in groupby(sorted(wheres), key=lambda where: located(where)[0]):
            with self.logs[number].path.open("rb") as file:
                for where in group:
                    file.seek(located(where)[1])
                    with contextlib.suppress(RecordError):
                        own = identity.content_id(file.readline())
                        yield where, _own(self.logs[number].kind, own)

    def _kind(self, where: int) -> Kind:
        return self.logs[located(where)[0]].kind

    def _forget(self, where: int) -> None:
        raw = self.raw(where)
        group = self.ledger.groups.get(self.pattern_of(raw))
        for position in group.at(raw.when()) if group else ():
            if group and group.where[position] == where:
                group.drop(position)
                return


def _repeated(parts: list[Part]) -> list[int]:
    """Locations of the records that may say what another one says: their hash came before."""
    seen: set[int] = set()
    suspects: list[int] = []
    for part in parts:
        own = set(part.hashes)
        if len(own) < len(part.hashes) or not seen.isdisjoint(own):
            for value, where in zip(part.hashes, part.wheres, strict=True):
                if value in seen:
                    suspects.append(where)
                seen.add(value)
        else:
            # The common case; a new set is not copied into an empty one.
            seen = seen | own if seen else own
    return suspects


def canonical_line(line: bytes) -> bytes:
    """The canonical JSON of one line; the line itself where a field that is not read has none."""
    try:
        return canonical(identity.decode(line))
    except RecordError:
        return line.strip()


def _name(recorded: str, text: str, known: dict[str, str]) -> str:
    """The pattern's name in its one spelling; "" if none is recorded and no rule knows one."""
    if not recorded:
        return name_of(text)
    name = normal_name(recorded)
    if not PATTERN_NAME.match(name):
        raise ValueError(_NAMED.format(recorded[:60]))
    known[recorded] = name
    return name


def _own(kind: str, name: str) -> str:
    """An id within its kind: two logs may count from 1, each for itself."""
    return f"{kind}:{name}"
