"""The hot loop of a cold ``evolve``: from the bytes of a log to columns.

A block of lines is taken at once, in passes that hardly leave C. Whatever is not plain (a line that
does not decode, a value that is not allowed, a withdrawal, a dialect) sends its block through the
loop over single lines, which is what decides; a law holds both to the same result.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import accumulate, count
from operator import add
from pathlib import Path
from typing import BinaryIO

import msgspec

from errata.core.config import Config
from errata.patterns.infer import PATTERN_NAME, name_of, names_of, normal_name
from errata.patterns.ledger import Combo, Group, Ledger, Rejected, locate, located
from errata.patterns.route import Router
from errata.patterns.sessions import Keys
from errata.records.model import Kind
from errata.records.reader import EPOCH, MICROSECOND, RAW, Raw, decoders

MAX_LINE = 1 << 20
# Small enough to stay in a processor's cache with all that is made of it.
_BLOCK = 1 << 18
# 1000-01-01, the first day that validation allows: a year has four digits.
_FIRST = -30_610_224_000_000_000
_NO_DATE = "the date is before the year 1000"
_NO_TEXT = "no description"
_NAMED = "{!r} is not a pattern name: lower-case words joined by '-', at most 100 characters"

Append = tuple[Callable[[int], None], ...]


@dataclass(frozen=True, slots=True)
class Log:
    """One log file to read: its number in the ledger, kind, and path."""

    number: int
    kind: Kind
    path: Path


@dataclass(slots=True)
class Part:
    """What reading one stretch of one log gave.

    Attributes:
        words: a hash of each occurrence's text; ``wheres`` its location, ascending.
        ids: records with an id (see :func:`own`), in reading order; an id may come twice.
    """

    ledger: Ledger = field(default_factory=Ledger)
    words: array[int] = field(default_factory=lambda: array("q"))
    wheres: array[int] = field(default_factory=lambda: array("Q"))
    ids: list[tuple[str, int]] = field(default_factory=list)


class _Columns(dict[str, Append]):
    """Pattern -> how to append to its columns: when, code, where, session."""

    def __init__(self, ledger: Ledger) -> None:
        self._groups = ledger.groups

    def __missing__(self, name: str) -> Append:
        group = self._groups[name] = Group()
        self[name] = made = tuple(column.append for column in group.own())
        return made


class _Paths(dict[str, tuple[str, ...]]):
    """File, as recorded -> the agents of its path rule."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def __missing__(self, file: str) -> tuple[str, ...]:
        self[file] = found = self._router.by_path(file)
        return found


class Scan:
    """Reads stretches of one log into one :class:`Part`."""

    def __init__(self, log: Log, config: Config, router: Router) -> None:
        alias = config.aliases.get(log.kind)
        self.part = Part()
        self._log = log
        self._fast, self._slow = decoders(log.kind, alias)
        self._block = None if alias else msgspec.json.Decoder(RAW[log.kind]).decode_lines
        self._columns = _Columns(self.part.ledger)
        self._names: dict[str, str] = {}
        self._codes: dict[object, int] = {}
        self._paths = _Paths(router)
        self._sessions = Keys()

    def read(self, start: int, stop: int) -> Part:
        """Read the lines that begin in ``[start, stop)``."""
        base = locate(self._log.number, 0)
        with self._log.path.open("rb") as file:
            file.seek(start)
            for block in _blocks(file, stop - start):
                if not (self._block and self._whole(block, base | start)):
                    self._each(block, base | start)
                start += len(block)
        return self.part

    def _whole(self, block: bytes, where: int) -> bool:
        """Read a block at once; False, and nothing has been kept, where that is not possible."""
        lengths = list(map(len, block.split(b"\n")))
        if lengths.pop() or len(block) > MAX_LINE or not _ends_with_lines(block, len(lengths)):
            return False
        try:
            assert self._block is not None
            raws = self._block(block)
            # No value goes beyond its line: as many lines as values, one on each.
            if len(raws) != len(lengths):
                return False
            whens = _whens(raws)
            recorded, texts, files, rests = raws[0].columns(raws)
            if min(whens) < _FIRST or not all(texts):
                return False
            odd = [raw for raw in raws if raw.withdraws or raw.id or raw.session_id]
            if any(raw.withdraws for raw in odd):
                return False
            names = self._named(recorded, texts)
            codes = self._coded(raws, rests, files)
        except (ValueError, RecursionError):
            return False
        # The lengths are without line ends.
        wheres = list(map(add, accumulate(lengths[:-1], initial=where), count()))
        self._keep(names, whens, codes, wheres, raws if odd else None)
        self.part.words.fromlist(list(map(hash, texts)))
        self.part.wheres.fromlist(wheres)
        return True

    def _named(self, recorded: list[str], texts: list[str]) -> list[str]:
        """The pattern of each record. Raises ValueError: a name is none."""
        names = list(map(self._names.get, recorded))
        unnamed = []
        for at in [at for at, name in enumerate(names) if name is None]:
            if recorded[at]:
                names[at] = _name(recorded[at], texts[at], self._names)
            else:
                unnamed.append(at)
        for at, name in zip(unnamed, names_of([texts[at] for at in unnamed]), strict=True):
            names[at] = name
        return names  # type: ignore[return-value]

    def _coded(self, raws: list[Raw], rests: Sequence[object], files: list[str]) -> list[int]:
        """The code of each record. Raises ValueError: a value is not allowed."""
        keys = list(zip(rests, map(self._paths.__getitem__, files), strict=True))
        codes = list(map(self._codes.get, keys))
        for at in [at for at, code in enumerate(codes) if code is None]:
            codes[at] = self._code(raws[at], keys[at])
        return codes  # type: ignore[return-value]

    def _keep(
        self,
        names: list[str],
        whens: list[int],
        codes: list[int],
        wheres: list[int],
        raws: list[Raw] | None,
    ) -> None:
        """Append to the columns; ``raws`` where one has an id or a session."""
        sessions: Sequence[int] = bytes(len(names))
        if raws:
            sessions = [self._sessions[raw.session_id] for raw in raws]
            kind = self._log.kind
            self.part.ids += [
                (own(kind, raw.id), where)
                for raw, where in zip(raws, wheres, strict=True)
                if raw.id
            ]
        columns = map(self._columns.__getitem__, names)
        for append, when, code, where, session in zip(
            columns, whens, codes, wheres, sessions, strict=True
        ):
            say, sort, place, attend = append
            say(when)
            sort(code)
            place(where)
            attend(session)

    def _each(self, block: bytes, where: int) -> None:
        """Read a block line by line."""
        for line in BytesIO(block):
            try:
                self._line(line, where)
            except (ValueError, RecursionError) as error:
                self._reject(where, line, error)
            where += len(line)

    def _line(self, line: bytes, where: int) -> None:
        """Read one line. Raises ValueError, RecursionError: it is not valid."""
        if len(line) > MAX_LINE + 1:
            raise ValueError("the line is longer than 1 MiB")
        try:
            raw = self._fast(line)
        except msgspec.DecodeError:
            raw = self._slow(line)
        when = raw.when()
        (recorded,), (text,), (file,), (rest,) = raw.columns((raw,))
        name = self._names.get(recorded) or _name(recorded, text, self._names)
        code = self._code(raw, (rest, self._paths[file]))
        if not text or when < _FIRST:
            raise ValueError(_NO_DATE if text else _NO_TEXT)
        if raw.withdraws:
            # It takes a record back and is no occurrence itself.
            self.part.ledger.withdrawn.add(own(self._log.kind, raw.withdraws))
            return
        self._keep([name], [when], [code], [where], [raw])
        self.part.words.append(hash(text))
        self.part.wheres.append(where)

    def _code(self, raw: Raw, key: tuple[object, tuple[str, ...]]) -> int:
        known = self._codes.get(key)
        if known is None:
            combos = self.part.ledger.combos
            combos.append(_combo(raw, key[1]))
            known = self._codes[key] = len(combos) - 1
        return known

    def _reject(self, where: int, line: bytes, error: Exception) -> None:
        if not line.strip() or not line.endswith(b"\n"):
            # A blank line says nothing; a last line without its end is a writer at work, or one
            # that was killed: it is not there yet.
            return
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        number, offset = located(where)
        self.part.ledger.rejected.append(Rejected(number, offset, why.split("\n")[0]))


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Whole lines, about a block of them at a time, until those that begin after ``size`` bytes."""
    while size > 0:
        block = file.read(min(_BLOCK, size))
        if not block:
            return
        if not block.endswith(b"\n"):
            block += file.readline()
        size -= len(block)
        yield block


def _ends_with_lines(block: bytes, lines: int) -> bool:
    """Whether every line is ``{...}``: so that no JSON value in the block can hold a line end.

    In a JSON value an object is never followed by another one without a comma between them.
    """
    if not (block.startswith(b"{") and block.endswith((b"}\n", b"}\r\n"))):
        return False
    bounds = block.count(b"}\n{")
    return bounds == lines - 1 or bounds + block.count(b"}\r\n{") == lines - 1


def _whens(raws: list[Raw]) -> list[int]:
    """The instant of each record. Raises ValueError: one has none."""
    try:
        return [(raw.timestamp - EPOCH) // MICROSECOND for raw in raws]  # type: ignore[operator]
    except TypeError:
        # One without a timestamp, or whose timestamp has no zone.
        return [raw.when() for raw in raws]


def _combo(raw: Raw, by_path: tuple[str, ...]) -> Combo:
    record = raw.record()
    return Combo(
        kind=record.kind,
        source=record.source,
        severity=record.severity,
        agent=record.agent,
        affected=record.affected,
        by_path=by_path,
        service=record.service,
        category=record.category,
        tip=record.tip,
        correction_type=record.correction_type,
    )


def _name(recorded: str, text: str, known: dict[str, str]) -> str:
    """The pattern's name in its one spelling; "" if none is recorded and no rule knows one."""
    if not recorded:
        return name_of(text)
    name = normal_name(recorded)
    if not PATTERN_NAME.match(name):
        raise ValueError(_NAMED.format(recorded[:60]))
    known[recorded] = name
    return name


def own(kind: str, name: str) -> str:
    """An id within its kind: two logs may count from 1, each for itself."""
    return f"{kind}:{name}"
