"""Which logs there are, and how far each can be read."""

from __future__ import annotations

import os
from pathlib import Path

from errata.core.config import Config
from errata.core.errors import LogError
from errata.patterns.scan import Log
from errata.records.model import Kind

PENDING = "pending.jsonl"
"""In the state directory: corrections that wait to be moved into their log."""
WAITING = 9
"""The number of the log that :data:`PENDING` is."""


def find_logs(root: Path, config: Config, state_dir: Path | None) -> list[Log]:
    """The logs that exist, waiting ones in the git directory included.

    Raises:
        LogError: a log is a directory, cannot be read, or leads out of the repository.
    """
    found = []
    for number, (kind, name) in enumerate(config.logs.by_kind().items()):
        path = root / name
        if not _inside(path, root):
            raise LogError(
                f"{name}: is a symbolic link that leads out of the repository", "use a real file"
            )
        if not path.exists():
            continue
        if not path.is_file():
            raise LogError(f"{name}: is not a file", "a log is a file of JSON lines")
        if not os.access(path, os.R_OK):
            raise LogError(f"{name}: cannot be read", "check its permissions")
        with path.open("rb") as file:
            if b"\0" in file.read(8192):
                raise LogError(f"{name}: is a binary file", "a log is a file of JSON lines")
        found.append(Log(number, Kind(kind), path))
    if state_dir and (waiting := state_dir / PENDING).is_file():
        found.append(Log(WAITING, Kind.CORRECTION, waiting))
    return found


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except RuntimeError:  # A loop of links, before Python 3.13.
        return False


def complete(path: Path) -> int:
    """Bytes up to the last line end: what a writer has not finished is not there yet."""
    size = path.stat().st_size
    with path.open("rb") as file:
        position = size
        while position:
            start = max(0, position - 65_536)
            file.seek(start)
            cut = file.read(position - start).rfind(b"\n")
            if cut >= 0:
                return start + cut + 1
            position = start
    return 0
