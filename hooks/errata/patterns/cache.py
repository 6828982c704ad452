"""The cache of occurrences, so that cost follows the new lines and not the logs.

One file per work tree, in the git directory: SHA-256 and MessagePack. It is valid as long as each
log is unchanged (size, times, inode) or still begins with the same bytes; otherwise all logs are
read again. Deleting the file loses nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from errata import __version__, rules
from errata.core import atomic, safe_open
from errata.core.config import Config
from errata.patterns.columns import Column, Occurrences

_FORMAT = "occurrences 2"
_DIGEST_SIZE = 32
T = TypeVar("T")
_OBSOLETE = ("ledger", "ledger.told", "ledger.checked", "excerpts")

Stat = tuple[int, int, int, int]
"""Size, times of modification and change, and inode of a file."""


@dataclass(slots=True)
class LogPrefix:
    """The beginning of a log that was read.

    Attributes:
        size: in bytes; the log itself may be longer.
        stat: size, times and inode of the log when it was read.
    """

    size: int
    stat: Stat
    sha256: bytes


_NOTHING = LogPrefix(0, (0, 0, 0, 0), b"")


@dataclass(slots=True)
class Snapshot:
    """What the file holds.

    Attributes:
        settings: :func:`settings_digest` when it was made.
        generation: a random name, kept while logs only grow: places of one generation are stable.
        prefixes: what was read of each log, by its number.
    """

    settings: str
    generation: str
    prefixes: dict[int, LogPrefix] = field(default_factory=dict)
    occurrences: Occurrences = field(default_factory=Occurrences)

    def prefix(self, log: int) -> LogPrefix:
        """What was read of a log; an empty one if nothing was."""
        return self.prefixes.get(log, _NOTHING)


class PrefixHash:
    """SHA-256 of a growing prefix of a file, which is read once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._size = 0

    def digest(self, size: int) -> bytes:
        """SHA-256 of the first ``size`` bytes, which must not be fewer than in an earlier call."""
        self._file.seek(self._size)
        while self._size < size and (chunk := self._file.read(min(1 << 20, size - self._size))):
            self._hash.update(chunk)
            self._size += len(chunk)
        return self._hash.digest()


def _encode_array(column: Column) -> tuple[str, bytes]:
    """A column as MessagePack has it: the bytes of its numbers, which decode at once."""
    return column.typecode, column.tobytes()


def _decode_array(_type: type, encoded: Any) -> Column:
    typecode, numbers = encoded
    return Column(typecode, numbers)


def settings_digest(config: Config) -> str:
    """A digest of everything besides the logs that decides what is read from a line."""
    digest = hashlib.sha256(f"{_FORMAT} {sys.byteorder} {__version__}".encode())
    for part in (config.aliases, config.routing, config.logs, config.identities):
        digest.update(repr(part).encode())
    for name in ("patterns", "routing", "instructions", "identities", "agents", "recorders"):
        digest.update((rules.folder() / f"{name}.toml").read_bytes())
    return digest.hexdigest()


def stat_of(file: BinaryIO) -> Stat:
    """The :data:`Stat` of an open file, which changes whenever the file does."""
    info = os.fstat(file.fileno())
    return info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino


def load_snapshot(
    path: Path, settings: str, stats: Mapping[int, Stat], hashes: Mapping[int, PrefixHash]
) -> Snapshot | None:
    """The snapshot, if it still describes the beginning of every log that it was made of.

    Args:
        stats: of the logs that there are, by their number; ``hashes`` likewise.
    """
    snapshot = load_checked(path, Snapshot)
    if (
        snapshot is None
        or snapshot.settings != settings
        or not snapshot.prefixes.keys() <= stats.keys()
    ):
        return None
    unchanged = all(
        _begins_with(prefix, stats[number], hashes[number])
        for number, prefix in snapshot.prefixes.items()
    )
    return snapshot if unchanged else None


def _begins_with(prefix: LogPrefix, stat: Stat, prefix_hash: PrefixHash) -> bool:
    if stat == prefix.stat:
        return True
    return stat[0] >= prefix.size and prefix_hash.digest(prefix.size) == prefix.sha256


def save_snapshot(path: Path, snapshot: Snapshot) -> bool:
    """Write the snapshot. Returns False if it cannot be written, which is not an error."""
    saved = save_checked(path, snapshot)
    if saved:
        for name in _OBSOLETE:
            path.with_name(name).unlink(missing_ok=True)
    return saved


def load_checked(path: Path, type: type[T]) -> T | None:
    """What :func:`save_checked` wrote; None if there is no such file, or it is damaged."""
    import msgspec

    try:
        with open(path, "rb", opener=safe_open.open_nofollow) as file:
            digest, content = file.read(_DIGEST_SIZE), file.read()
        if hashlib.sha256(content).digest() == digest:
            return msgspec.msgpack.decode(content, type=type, dec_hook=_decode_array)
    except (OSError, ValueError):
        pass
    return None


def save_checked(path: Path, value: object) -> bool:
    """Write a value and its checksum. Returns False if that fails, which is not an error."""
    import msgspec

    content = msgspec.msgpack.encode(value, enc_hook=_encode_array)
    try:
        atomic.write(path, [hashlib.sha256(content).digest(), content], durable=False)
    except OSError:
        return False
    return True
