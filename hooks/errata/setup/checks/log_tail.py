"""The end of a log, for several checks."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from errata.core.errors import ErrataError
from errata.records import identity

# Only the end of a larger log is read; `errata validate` reads all of it.
MAX_BYTES = 8 << 20
FUTURE = "is in the future"
"""Text in the validation problem of a record in the future, and in no other."""


def read_tail(path: Path) -> bytes | None:
    """The last complete lines of a log; None if it is not a readable regular file."""
    try:
        # Without O_NONBLOCK a named pipe would wait for a writer forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        if info.st_size > MAX_BYTES:
            file.seek(info.st_size - MAX_BYTES)
            file.readline()
        return file.read()


def records(data: bytes) -> list[dict[str, object]]:
    """The objects among the lines of a log."""
    objects: list[dict[str, object]] = []
    for line in data.splitlines():
        try:
            value = identity.decode(line)
        except ErrataError:
            continue
        if isinstance(value, dict):
            objects.append(value)
    return objects
