"""Errors of hooks that must not print any, one line each; ``errata doctor`` shows them.

A hook of an agent's tool must neither fail nor print what the tool could misread. This is a text
file and no table of the state database, because an unusable database is one of the errors. Old
lines are removed.
"""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

from errata.core import atomic, safe_open

FILE_NAME = "errors.log"
_MAX_LINES = 200
_MAX_WIDTH = 500


def append(folder: Path | None, source: str, message: str, now: int) -> None:
    """Add one error; never raises.

    Args:
        folder: the state folder of the repository; with None, nothing is written.
        source: the hook or event, such as ``agent-hook SessionStart``.
        message: the error; control characters become spaces, and a long one is truncated.
        now: microseconds UTC.
    """
    if folder is None:
        return
    when = datetime.datetime.fromtimestamp(now // 1_000_000, datetime.UTC)
    text = "".join(c if c.isprintable() else " " for c in f"{source}: {message}")
    line = f"{when:%Y-%m-%dT%H:%M:%SZ} {' '.join(text.split())}"[:_MAX_WIDTH] + "\n"
    with contextlib.suppress(OSError, ValueError):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE_NAME
        # One write per line, so that lines of concurrent processes do not mix.
        with open(path, "ab", opener=safe_open.open_nofollow) as file:
            file.write(line.encode("utf-8", "replace"))
            size = file.tell()
        if size > 2 * _MAX_LINES * _MAX_WIDTH:
            lines = path.read_bytes().splitlines(keepends=True)
            atomic.write(path, lines[-_MAX_LINES:], durable=False)


def recent(folder: Path | None) -> list[str]:
    """The newest lines, oldest first; none if there is no file."""
    if folder is None:
        return []
    try:
        with open(folder / FILE_NAME, "rb", opener=safe_open.open_nofollow) as file:
            return file.read().decode("utf-8", "replace").splitlines()[-_MAX_LINES:]
    except OSError:
        return []


def clear(folder: Path | None) -> None:
    """Remove all lines."""
    if folder is not None:
        with contextlib.suppress(OSError):
            (folder / FILE_NAME).unlink(missing_ok=True)
