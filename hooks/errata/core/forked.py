"""Work on one batch after the other in copies of this process, which use further processors."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def processors() -> int:
    """How many copies of this process can work at once; 1 where it is not safe to copy it."""
    # Elsewhere, libraries of the system do not survive a fork.
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


@dataclass(slots=True)
class _Copy(Generic[Batch]):
    """A process that works on a batch and writes the result into a file."""

    batch: Batch
    pid: int
    file: IO[bytes]


class ForkedBatches(Generic[Batch, Result]):
    """Results of batches, in the order of the batches.

    A copy knows what this process knew when the batch was added; what it learns is lost, but for
    the result. If a copy fails, its batch is worked on here.

    Args:
        work: the result of a batch, which must be possible to pickle.
    """

    def __init__(self, work: Callable[[Batch], Result]) -> None:
        self._work = work
        self._copies: deque[_Copy[Batch]] = deque()

    def add(self, batch: Batch) -> None:
        """Begin to work on a batch."""
        self._copies.append(self._start(batch))

    def results(self, left: int = 0) -> Iterator[Result]:
        """The next results, until at most so many batches are left."""
        while len(self._copies) > left:
            copy = self._copies.popleft()
            try:
                yield self._result(copy)
            finally:
                copy.file.close()

    def restart(self) -> None:
        """Begin again with all batches without a result: this process has learnt something."""
        batches = [copy.batch for copy in self._copies]
        self.close()
        for batch in batches:
            self.add(batch)

    def close(self) -> None:
        """End all copies."""
        while self._copies:
            copy = self._copies.popleft()
            with suppress(ProcessLookupError):
                os.kill(copy.pid, signal.SIGKILL)
            _wait(copy.pid)
            copy.file.close()

    def _start(self, batch: Batch) -> _Copy[Batch]:
        file = tempfile.TemporaryFile()  # noqa: SIM115
        pid = os.fork()
        if pid:
            return _Copy(batch, pid, file)
        try:
            # The terminal sends an interrupt to all processes; this one has nothing to say.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            _release_files(file.fileno())
            # A collection would touch, and so copy, the memory of all objects.
            gc.freeze()
            pickle.dump(self._work(batch), file, pickle.HIGHEST_PROTOCOL)
            file.flush()
            os._exit(0)
        finally:
            os._exit(1)

    def _result(self, copy: _Copy[Batch]) -> Result:
        if _wait(copy.pid) != 0:
            return self._work(copy.batch)
        copy.file.seek(0)
        result: Result = pickle.load(copy.file)
        return result


def _wait(pid: int) -> int:
    """The exit status of a child; -1 if somebody else took it."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return -1


def _release_files(kept: int) -> None:
    """Let go of files and pipes of the copied process: git would not learn that nobody reads."""
    null = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > 2 and int(name) not in (kept, null):
            with suppress(OSError):
                os.dup2(null, int(name))
