"""A progress bar on standard error, for work that takes longer than a second, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

AFTER = 1.0
"""Seconds of work before there is a bar."""
_EVERY = 0.2
Counts = Callable[[], tuple[int, int]]
"""How much is done, and of how much; 0 if that is not known yet."""


@contextmanager
def progress(label: str, counts: Counts = lambda: (0, 0)) -> Iterator[None]:
    """Show how far the work in this context is, until it ends; then nothing remains of the bar.

    The bar is drawn by a thread that asks for the counts, so the work need not report anything.
    """
    if not sys.stderr.isatty():
        yield
        return
    done = Event()
    thread = Thread(target=_draw, args=(label, counts, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _draw(label: str, counts: Counts, done: Event) -> None:
    if done.wait(AFTER):
        return
    # Short work does not pay for this import.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(label, total=None)
        while not done.wait(_EVERY):
            completed, total = counts()
            bar.update(task, completed=completed, total=total or None)
