"""Detects what must not happen with any input: a traceback, more than a second, much memory.

Time is processor time, so that a busy machine causes no findings. Memory is the peak of the
resident set, as the kernel counts it.
"""

from __future__ import annotations

import gc
import resource
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SECONDS = 1.0
FIXED_MEMORY = 100 << 20
MEMORY_PER_BYTE = 10
_TICK = 0.1


class Hang(BaseException):
    """An input takes too long. Not an Exception, so that no parser catches it."""


@dataclass(frozen=True)
class Finding:
    """One way in which an input breaks a parser.

    Attributes:
        kind: exception, hang or memory.
        where: identifies the finding: the exception and its place in errata.
        detail: for display.
    """

    kind: str
    where: str
    detail: str


class Guard:
    """Runs inputs, one at a time. A context manager, because it uses the profiling timer."""

    def __init__(self, run: Callable[[bytes], None], seconds: float = SECONDS) -> None:
        self._run = run
        self._seconds = seconds
        self._start = 0.0
        self._old: object = None

    def __enter__(self) -> Guard:
        self._old = signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, _TICK, _TICK)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._old)  # type: ignore[arg-type]

    def _tick(self, _signal: int, frame: FrameType | None) -> None:
        if self._start and time.process_time() - self._start > self._seconds:
            # Raise it again after another second, in case a parser caught it.
            self._start = time.process_time()
            raise Hang(_place(traceback.extract_stack(frame)))

    def check(self, data: bytes) -> Finding | None:
        """Run one input; the finding, or None."""
        allowed = FIXED_MEMORY + MEMORY_PER_BYTE * len(data)
        before = _peak()
        started = self._start = time.process_time()
        finding = None
        try:
            self._run(data)
        except Hang as hang:
            self._start = 0.0
            return Finding("hang", str(hang), f"more than {self._seconds:g} s in {hang}")
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            finding = _raised(error)
        self._start = 0.0
        took = time.process_time() - started
        if finding is None and took > self._seconds:
            finding = Finding("hang", "total", f"{took:.1f} s of CPU")
        growth = _peak() - before
        if finding is None and growth > allowed:
            finding = Finding("memory", "total", f"{growth >> 20} MiB for {len(data)} bytes")
        return finding


def checked(run: Callable[[bytes], None], data: bytes) -> Finding | None:
    """Like :meth:`Guard.check`, with a new memory peak: for a single input."""
    gc.collect()
    forget_peak()
    with Guard(run) as guard:
        return guard.check(data)


def forget_peak() -> None:
    """Reset the memory peak, if the kernel supports it."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


def _peak() -> int:
    """The peak of the resident set, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _raised(error: BaseException) -> Finding:
    where = f"{type(error).__name__} in {_place(traceback.extract_tb(error.__traceback__))}"
    text = "".join(traceback.format_exception(error, limit=-6))
    return Finding("exception", where, text)


def _place(stack: traceback.StackSummary) -> str:
    """The innermost frame in errata."""
    ours = [frame for frame in stack if "/errata/" in frame.filename]
    at = (ours or list(stack) or [None])[-1]
    return f"{Path(at.filename).name}:{at.name}" if at else "?"
