"""Read logs into a :class:`Ledger`: each record once, whatever the order, spelling or repetition.

The same record twice counts once. Only records of one pattern and one instant can say the same; of
those whose texts have one hash, all are compared in full, as canonical JSON, so the answer is exact
and the common case costs a look at the neighbour. Large logs are read by one process per core.
"""

from __future__ import annotations

import contextlib
import gc
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, compress, groupby, islice
from operator import eq
from typing import TYPE_CHECKING, BinaryIO

from errata.core.config import Config
from errata.core.errors import RecordError
from errata.patterns.infer import name_of, normal_name
from errata.patterns.ledger import Ledger, located
from errata.patterns.route import Router
from errata.patterns.scan import Log, Part, Scan, own
from errata.records import identity
from errata.records.identity import canonical
from errata.records.model import Kind
from errata.records.reader import Raw, decoder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Below this many bytes a second process costs more than it saves.
PARALLEL_BYTES = 24 << 20


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
            fresh: the ledger was empty, so that the hash of every text is known; otherwise every
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
        for name in {name for part in parts for name in part.ledger.groups}:
            self.ledger.groups[name].sort(before.get(name, 0), self.ledger.worth)
        # Ids first: what is left afterwards has no other occurrence of the same id, so that
        # neither step can remove the one that the other keeps.
        self._settle_ids(ids)
        self._drop_repeated(self._tied(parts) if fresh else _instants(parts))
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
        return Scan(self.logs[number], self.config, self._router).read(start, stop)

    def _tied(self, parts: list[Part]) -> Iterator[tuple[str, int]]:
        """Pattern and instant of records that may say the same."""
        for name, group in self.ledger.groups.items():
            when = group.when
            after = islice(when, 1, None)
            for instant in sorted(set(compress(when, map(eq, when, after)))):
                words = [_told(parts, group.where[position]) for position in group.at(instant)]
                if len(set(words)) < len(words):
                    yield name, instant

    def _drop_repeated(self, ties: Iterable[tuple[str, int]]) -> None:
        """Of occurrences at one instant that say the same, keep the first.

        Only within one kind: an incident in the words of a finding is a second observation.
        """
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
        mark = own("", "sha256:")
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
                        content = identity.content_id(file.readline())
                        yield where, own(self.logs[number].kind, content)

    def _kind(self, where: int) -> Kind:
        return self.logs[located(where)[0]].kind

    def _forget(self, where: int) -> None:
        raw = self.raw(where)
        group = self.ledger.groups.get(self.pattern_of(raw))
        for position in group.at(raw.when()) if group else ():
            if group and group.where[position] == where:
                group.drop(position)
                return


def _instants(parts: list[Part]) -> Iterator[tuple[str, int]]:
    """Pattern and instant of every record that was just read."""
    for name in {name for part in parts for name in part.ledger.groups}:
        found = (part.ledger.groups[name].when for part in parts if name in part.ledger.groups)
        for instant in sorted(set(chain.from_iterable(found))):
            yield name, instant


def _told(parts: list[Part], where: int) -> int:
    """The hash of the text of a record that was just read."""
    for part in parts:
        at = bisect_left(part.wheres, where)
        if at < len(part.wheres) and part.wheres[at] == where:
            return part.words[at]
    raise KeyError(where)


def canonical_line(line: bytes) -> bytes:
    """The canonical JSON of one line; the line itself where a field that is not read has none."""
    try:
        return canonical(identity.decode(line))
    except RecordError:
        return line.strip()
