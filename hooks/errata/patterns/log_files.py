"""Which logs there are, how far each can be read, and how to get back to a line.

Each log is opened once. A flush may replace the outbox later, or a checkout a log: the lines that
were found stay where they are, because the open file is the old one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from errata.core import safe_open
from errata.core.config import Config
from errata.core.errors import LogError
from errata.records.model import Kind

OUTBOX_NUMBER = 9
"""The number of the outbox: corrections that were captured and are not in their log yet."""
# A place packs the log's number above the byte offset of the line: 256 logs of 64 PiB.
_OFFSET_BITS = 56


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log, which is open.

    Attributes:
        number: in places.
        file: open for reading; whoever reads it seeks first.
    """

    number: int
    kind: Kind
    path: Path
    file: BinaryIO

    @classmethod
    def open(cls, number: int, kind: Kind, path: Path) -> LogFile:
        """Open a log. Raises OSError."""
        return cls(number, kind, path, open(path, "rb", opener=safe_open.open_regular))


def pack_place(log: int, offset: int) -> int:
    """A log's number and the byte offset of a line, as one int."""
    return log << _OFFSET_BITS | offset


def unpack_place(place: int) -> tuple[int, int]:
    """The log's number and the byte offset of :func:`pack_place`."""
    return place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1)


class LogLines:
    """The lines of all logs, by their place."""

    def __init__(self, logs: Iterable[LogFile]) -> None:
        self._logs = {log.number: log for log in logs}
        # Per log, a position and its line number: where counting lines goes on.
        self._counted: dict[int, tuple[int, int]] = {}

    def kind(self, place: int) -> Kind:
        """The kind of the record there."""
        return self._logs[unpack_place(place)[0]].kind

    def line(self, place: int) -> bytes:
        """The line there, with its line end."""
        number, offset = unpack_place(place)
        file = self._logs[number].file
        file.seek(offset)
        return file.readline()

    def path(self, place: int) -> Path:
        """The path of the log there."""
        return self._logs[unpack_place(place)[0]].path

    def location(self, place: int, root: Path) -> str:
        """``path:line`` for messages."""
        number, offset = unpack_place(place)
        path = self.path(place)
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        return f"{shown}:{self._line_number(number, offset)}"

    def _line_number(self, number: int, offset: int) -> int:
        # Asked for in the order of offsets, so that a long log is read once for all its bad lines.
        position, line = self._counted.get(number, (0, 1))
        if offset < position:
            position, line = 0, 1
        file = self._logs[number].file
        file.seek(position)
        while position < offset and (chunk := file.read(min(1 << 20, offset - position))):
            position += len(chunk)
            line += chunk.count(b"\n")
        self._counted[number] = position, line
        return line


def find_logs(root: Path, config: Config, outbox: Path | None) -> list[LogFile]:
    """The logs that exist, the outbox included as the last one.

    Raises:
        LogError: a log is a directory, cannot be read, or leads out of the repository.
    """
    # The outbox first: a flush writes the log before it empties the outbox, so that a record is in
    # one of the two files, or in both, and counts once.
    waiting = _open_outbox(outbox) if outbox else None
    logs = []
    for number, (kind, name) in enumerate(config.logs.by_kind().items()):
        if log := _open_log(number, Kind(kind), name, root):
            logs.append(log)
    return [*logs, waiting] if waiting else logs


def _open_outbox(path: Path) -> LogFile | None:
    return _open(OUTBOX_NUMBER, Kind.CORRECTION, path, path) if path.is_file() else None


def _open_log(number: int, kind: Kind, name: str, root: Path) -> LogFile | None:
    """The log; None if there is none. LogError if something else has its path."""
    path = root / name
    if not _inside(path, root):
        raise LogError(
            f"{name}: is a symbolic link that leads out of the repository", "use a real file"
        )
    if not path.exists():
        return None
    if not path.is_file():
        raise LogError(f"{name}: is not a file", "a log is a file of JSON lines")
    log = _open(number, kind, path, name)
    if log and b"\0" in log.file.read(8192):
        log.file.close()
        raise LogError(f"{name}: is a binary file", "a log is a file of JSON lines")
    return log


def _open(number: int, kind: Kind, path: Path, shown: object) -> LogFile | None:
    """The log; None if it was removed since it was seen. LogError if it cannot be read."""
    try:
        return LogFile.open(number, kind, path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogError(f"{shown}: cannot be read", "check its permissions") from error


def _inside(path: Path, root: Path) -> bool:
    try:
        target = path.resolve()
    except RuntimeError:  # A loop of links, before Python 3.13.
        return False
    # From Python 3.13 on, a loop of links resolves to one of them.
    return not target.is_symlink() and target.is_relative_to(root.resolve())


def complete_size(file: BinaryIO) -> int:
    """Bytes up to the last line end: a line without one is still being written."""
    position = file.seek(0, os.SEEK_END)
    while position:
        start = max(0, position - 65_536)
        file.seek(start)
        cut = file.read(position - start).rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        position = start
    return 0
