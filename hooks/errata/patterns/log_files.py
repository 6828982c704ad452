"""Which logs there are, how far each can be read, and how to get back to a line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from errata.core.config import Config
from errata.core.errors import LogError
from errata.records.model import Kind
from errata.state import outbox

OUTBOX_NUMBER = 9
"""The number of the outbox: corrections that were captured and are not in their log yet."""
# A place packs the log's number above the byte offset of the line: 256 logs of 64 PiB.
_OFFSET_BITS = 56


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log: its number in places, kind, and path."""

    number: int
    kind: Kind
    path: Path


def pack_place(log: int, offset: int) -> int:
    """A log's number and the byte offset of a line, as one int."""
    return log << _OFFSET_BITS | offset


def unpack_place(place: int) -> tuple[int, int]:
    """The log's number and the byte offset of :func:`pack_place`."""
    return place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1)


class LogLines:
    """The lines of all logs, by their place. Files stay open: an analysis reads thousands."""

    def __init__(self, logs: Iterable[LogFile]) -> None:
        self._logs = {log.number: log for log in logs}
        self._files: dict[int, BinaryIO] = {}
        # Per log, a position and its line number: where counting lines goes on.
        self._counted: dict[int, tuple[int, int]] = {}

    def kind(self, place: int) -> Kind:
        """The kind of the record there."""
        return self._logs[unpack_place(place)[0]].kind

    def line(self, place: int) -> bytes:
        """The line there, with its line end."""
        number, offset = unpack_place(place)
        file = self._file(number)
        file.seek(offset)
        return file.readline()

    def location(self, place: int, root: Path) -> str:
        """``path:line`` for messages."""
        number, offset = unpack_place(place)
        path = self._logs[number].path
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        return f"{shown}:{self._line_number(number, offset)}"

    def _line_number(self, number: int, offset: int) -> int:
        # Asked for in the order of offsets, so that a long log is read once for all its bad lines.
        position, line = self._counted.get(number, (0, 1))
        if offset < position:
            position, line = 0, 1
        file = self._file(number)
        file.seek(position)
        while position < offset and (chunk := file.read(min(1 << 20, offset - position))):
            position += len(chunk)
            line += chunk.count(b"\n")
        self._counted[number] = position, line
        return line

    def _file(self, number: int) -> BinaryIO:
        if number not in self._files:
            self._files[number] = self._logs[number].path.open("rb")
        return self._files[number]


def find_logs(root: Path, config: Config, state_dir: Path | None) -> list[LogFile]:
    """The logs that exist, the outbox in the git directory included.

    Raises:
        LogError: a log is a directory, cannot be read, or leads out of the repository.
    """
    logs = []
    for number, (kind, name) in enumerate(config.logs.by_kind().items()):
        if _is_log(root / name, name, root):
            logs.append(LogFile(number, Kind(kind), root / name))
    if state_dir and (pending := state_dir / outbox.FILE_NAME).is_file():
        logs.append(LogFile(OUTBOX_NUMBER, Kind.CORRECTION, pending))
    return logs


def _is_log(path: Path, name: str, root: Path) -> bool:
    """Whether the log exists; LogError if something else has its path."""
    if not _inside(path, root):
        raise LogError(
            f"{name}: is a symbolic link that leads out of the repository", "use a real file"
        )
    if not path.exists():
        return False
    if not path.is_file():
        raise LogError(f"{name}: is not a file", "a log is a file of JSON lines")
    if not os.access(path, os.R_OK):
        raise LogError(f"{name}: cannot be read", "check its permissions")
    with path.open("rb") as file:
        if b"\0" in file.read(8192):
            raise LogError(f"{name}: is a binary file", "a log is a file of JSON lines")
    return True


def _inside(path: Path, root: Path) -> bool:
    try:
        target = path.resolve()
    except RuntimeError:  # A loop of links, before Python 3.13.
        return False
    # From Python 3.13 on, a loop of links resolves to one of them.
    return not target.is_symlink() and target.is_relative_to(root.resolve())


def complete_size(path: Path) -> int:
    """Bytes up to the last line end: a line without one is still being written."""
    position = path.stat().st_size
    with path.open("rb") as file:
        while position:
            start = max(0, position - 65_536)
            file.seek(start)
            cut = file.read(position - start).rfind(b"\n")
            if cut >= 0:
                return start + cut + 1
            position = start
    return 0
