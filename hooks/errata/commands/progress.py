"""A progress bar on standard error, for work that takes longer than a second, on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

AFTER = 1.0
"""Seconds of work before there is a bar."""
_EVERY = 0.2
Counts = Callable[[], tuple[int, int]]
"""How much is done, and of how much; 0 if that is not known yet."""

# A copy of the process lacks the thread: it must not find a lock that the thread holds.
_drawing = Lock()
os.register_at_fork(
    before=_drawing.acquire, after_in_parent=_drawing.release, after_in_child=_drawing.release
)


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
    with _drawing:
        # Short work does not pay for this import.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as TimeLeft

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeLeft()
        console = Console(stderr=True)
        bar = Progress(*columns, console=console, auto_refresh=False, transient=True)
        task = bar.add_task(label, total=None)
        bar.start()
    while not done.wait(_EVERY):
        with _drawing:
            completed, total = counts()
            bar.update(task, completed=completed, total=total or None, refresh=True)
    with _drawing:
        bar.stop()
