"""What must not happen while an input is handled: a traceback, more than a second, much memory.

Time is the process's own CPU time, so that a busy machine accuses nobody. Memory is the peak of
the resident set, as the kernel counts it.
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
ROOM = 100 << 20
TIMES = 10
_TICK = 0.1


class Hang(BaseException):
    """An input takes longer than a second: no `except Exception` may stop it."""


@dataclass(frozen=True)
class Finding:
    """One way in which an input breaks a parser.

    Attributes:
        kind: exception, hang or memory.
        where: what tells it from other findings: the exception and the place of it in errata.
        detail: for people.
    """

    kind: str
    where: str
    detail: str


class Guard:
    """Runs inputs, one at a time. Use as a context: it borrows the process's profiling timer."""

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
            # Once more after another second, should something have swallowed it.
            self._start = time.process_time()
            raise Hang(_place(traceback.extract_stack(frame)))

    def check(self, data: bytes) -> Finding | None:
        """What is wrong with how the parser takes this input; None if nothing."""
        allowed = ROOM + TIMES * len(data)
        before = _peak()
        begun = self._start = time.process_time()
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
        took = time.process_time() - begun
        if finding is None and took > self._seconds:
            finding = Finding("hang", "whole", f"{took:.1f} s of CPU")
        grown = _peak() - before
        if finding is None and grown > allowed:
            finding = Finding("memory", "whole", f"{grown >> 20} MiB for {len(data)} bytes")
        return finding


def checked(run: Callable[[bytes], None], data: bytes) -> Finding | None:
    """As :meth:`Guard.check`, with the peak of memory begun anew: for one input by itself."""
    gc.collect()
    forget_peak()
    with Guard(run) as guard:
        return guard.check(data)


def forget_peak() -> None:
    """Begin the kernel's count of the peak anew, where the kernel lets us."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


def _peak() -> int:
    """Bytes of the resident set at its greatest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _raised(error: BaseException) -> Finding:
    where = f"{type(error).__name__} in {_place(traceback.extract_tb(error.__traceback__))}"
    text = "".join(traceback.format_exception(error, limit=-6))
    return Finding("exception", where, text)


def _place(stack: traceback.StackSummary) -> str:
    """The innermost frame that is ours."""
    ours = [frame for frame in stack if "/errata/" in frame.filename]
    at = (ours or list(stack) or [None])[-1]
    return f"{Path(at.filename).name}:{at.name}" if at else "?"
