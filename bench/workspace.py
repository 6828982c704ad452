"""Folders of the bench: a cache that is kept for a day, and scratch folders."""

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
    """The last midnight UTC: no generated time is in the future, and runs of a day share data."""
    return int(time.time()) // DAY * DAY


def cache_dir() -> Path:
    """The private cache folder in the temporary directory.

    Raises:
        BenchError: another user owns it.
    """
    folder = Path(tempfile.gettempdir()) / f"errata-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise BenchError(f"{folder} is not yours; remove it, or set TMPDIR")
    return folder


def create_once(folder: Path, create: Callable[[Path], object]) -> Path:
    """Create a folder unless it exists. If ``create`` fails, nothing is left behind."""
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            new = Path(temporary) / "new"
            create(new)
            try:
                new.rename(folder)
            except OSError:
                # Another run was faster.
                if not folder.exists():
                    raise
    return folder


def remove_old(cache: Path) -> None:
    """Remove the data of earlier days from the cache."""
    for old in cache.iterdir():
        if not old.name.startswith(".") and not old.name.endswith(f"-{today()}"):
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def scratch_dir() -> Iterator[Path]:
    """A temporary folder, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="errata-bench-") as folder:
        yield Path(folder)
