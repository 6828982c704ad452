"""What went wrong where nobody was looking: one line each, for ``errata doctor`` to show.

A hook of an agent's tool must neither fail nor print what a harness could misread, so it writes its
errors down here. The file is capped: old lines go.
"""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

from errata.core import atomic, safe_open

FILE_NAME = "errors.log"
_KEEP = 200
_WIDTH = 500


def append(folder: Path | None, where: str, what: str, now: int) -> None:
    """Write down one error; never raises.

    Args:
        folder: the state folder of the repository; None writes nothing.
        where: the hook or event, as ``agent-hook SessionStart``.
        what: the error; control characters and line ends become spaces, the rest is cut.
        now: microseconds UTC.
    """
    if folder is None:
        return
    when = datetime.datetime.fromtimestamp(now // 1_000_000, datetime.UTC)
    text = "".join(c if c.isprintable() else " " for c in f"{where}: {what}")
    line = f"{when:%Y-%m-%dT%H:%M:%SZ} {' '.join(text.split())}"[:_WIDTH] + "\n"
    with contextlib.suppress(OSError, ValueError):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE_NAME
        # One write of one line: what two processes append at once does not mix.
        with open(path, "ab", opener=safe_open.open_nofollow) as file:
            file.write(line.encode("utf-8", "replace"))
            size = file.tell()
        if size > 2 * _KEEP * _WIDTH:
            _shorten(path)


def recent(folder: Path | None) -> list[str]:
    """The lines written down, oldest first; none if there is no file."""
    if folder is None:
        return []
    try:
        with open(folder / FILE_NAME, "rb", opener=safe_open.open_nofollow) as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return text.splitlines()[-_KEEP:]


def clear(folder: Path | None) -> None:
    """Forget them."""
    if folder is not None:
        with contextlib.suppress(OSError):
            (folder / FILE_NAME).unlink(missing_ok=True)


def _shorten(path: Path) -> None:
    kept = path.read_bytes().splitlines(keepends=True)[-_KEEP:]
    atomic.write(path, kept, durable=False)
