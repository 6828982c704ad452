"""The unfinished last line of a log, left by a writer that was killed or by an editor.

If it is whole JSON, only its newline is missing. If not, it is torn, and moves to ``<log>.torn``
beside the log, where a person can look at it. Readers ignore an unfinished last line.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from errata.core import atomic
from errata.core.errors import LogError, RecordError
from errata.records import identity

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_CHUNK = 1 << 16


def repair(log: int, target: Path) -> bytes:
    """Set a torn last line aside; returns what must be written before the next line.

    That a line was set aside is said on standard error.

    Args:
        log: the open log, locked.
        target: its path.

    Raises:
        LogError, OSError: the torn line cannot be kept.
    """
    start, line = _unfinished_line(log)
    if not line:
        return b""
    try:
        identity.decode(line)
        return b"\n"
    except RecordError:
        torn = target.with_name(target.name + ".torn")
        # Kept before it is cut off: after a kill in between it exists twice rather than not at all.
        set_aside(torn, line + b"\n")
        os.ftruncate(log, start)
        message = f"its last line was torn; the fragment is now in {torn.name}"
        print(f"errata: {target.name}: {message}", file=sys.stderr)
        return b""


def set_aside(torn: Path, lines: bytes) -> None:
    """Append lines that are not records to a file beside the log, and sync it.

    Raises:
        LogError, OSError: they cannot be kept.
    """
    descriptor = os.open(torn, _FLAGS, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LogError(
                f"{torn.name}: not a regular file", "move it away: torn lines are kept there"
            )
        # A kill in the middle of this write leaves no newline.
        unfinished = _unfinished_line(descriptor)[1]
        atomic.append(descriptor, b"\n" + lines if unfinished else lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    atomic.sync_folder(torn.parent)


def _unfinished_line(log: int) -> tuple[int, bytes]:
    """Offset and bytes of the last line if it has no newline; the end and b"" if it has."""
    end = start = os.fstat(log).st_size
    parts: list[bytes] = []
    while start:
        # Nearly always one byte tells that the last line is finished.
        size = min(_CHUNK if start < end else 1, start)
        part = os.pread(log, size, start - size)
        newline = part.rfind(b"\n")
        parts.append(part[newline + 1 :])
        start -= len(parts[-1])
        if newline >= 0:
            break
    return start, b"".join(reversed(parts))
