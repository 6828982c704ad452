"""Folders that the bench makes: what is kept for the day, and what is gone at once."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import BenchError

DAY = 86_400


def today() -> int:
    """The last midnight UTC: nothing lies in the future, and a day's runs share their data."""
    return int(time.time()) // DAY * DAY


def cache() -> Path:
    """A folder of ours alone in the temporary directory.

    Raises:
        BenchError: it belongs to somebody else.
    """
    folder = Path(tempfile.gettempdir()) / f"errata-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise BenchError(f"{folder} is not yours; remove it, or set TMPDIR")
    return folder


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Make a folder unless it is there; whole or not at all."""
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as place:
            new = Path(place) / "new"
            make(new)
            try:
                new.rename(folder)
            except OSError:
                # Another run was faster.
                if not folder.exists():
                    raise
    return folder


def sweep(folder: Path) -> None:
    """Remove what earlier days left in the cache."""
    for old in folder.iterdir():
        if not old.name.startswith(".") and not old.name.endswith(f"-{today()}"):
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="errata-bench-") as place:
        yield Path(place)
