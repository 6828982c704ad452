"""Many at once: processes that start together, and what each of them came to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

BIN = Path(sys.executable).parent
_CLOCK = 1_736_942_400  # 2025-01-15T12:00:00Z


@dataclass(slots=True)
class Said:
    """What a command came to."""

    words: str
    status: int
    out: str
    err: str
    seconds: float

    def wrong(self, ok: Iterable[int] = (0,)) -> list[str]:
        """A failure, or words that nobody should see."""
        text = self.out + self.err
        if self.status not in ok or "Traceback" in text or "Exception ignored" in text:
            return [f"{self.words}: status {self.status}: {text[-600:]}"]
        return []


@dataclass(slots=True)
class Crowd:
    """Threads that work at once, until a time at which all must have ended.

    Attributes:
        limit: seconds for all of them.
        said: all that was run.
        failures: one line each.
    """

    limit: float
    said: list[Said] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _end: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, *words: str | Path, cwd: Path, stdin: bytes = b"", **env: str) -> Said:
        """Run a command of errata or git; it is killed when the time is over."""
        start = time.monotonic()
        left = max(1.0, self._end - start) if self._end else self.limit
        shown = " ".join(str(word).rpartition("/")[2] for word in words)
        child = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env},
            start_new_session=True,
        )
        try:
            out, err = child.communicate(stdin, timeout=left)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
            self.failures.append(f"{shown}: did not end in {left:.0f} s")
        took = time.monotonic() - start
        done = Said(shown, child.returncode, out.decode(), err.decode(), took)
        self.said.append(done)
        return done

    def must(self, *words: str | Path, cwd: Path, stdin: bytes = b"", **env: str) -> Said:
        """Run a command that has to succeed."""
        done = self.run(*words, cwd=cwd, stdin=stdin, **env)
        self.failures += done.wrong()
        return done

    def errata(self, *words: str, cwd: Path, stdin: bytes = b"", ok: Iterable[int] = (0,)) -> Said:
        """Run ``errata``."""
        done = self.run(BIN / "errata", *words, cwd=cwd, stdin=stdin)
        self.failures += done.wrong(ok)
        return done

    def work(
        self, workers: Iterable[Callable[[], None]], beside: Iterable[Callable[[], None]]
    ) -> None:
        """Run all ``workers`` at once, and ``beside`` again and again until those have ended."""
        self._end = time.monotonic() + self.limit
        threads = [threading.Thread(target=self._one, args=(each,)) for each in workers]
        loops = [threading.Thread(target=self._again, args=(each,)) for each in beside]
        for thread in (*threads, *loops):
            thread.start()
        for thread in threads:
            thread.join()
        self._over.set()
        for thread in loops:
            thread.join()
        if time.monotonic() > self._end:
            self.failures.append(f"not done in {self.limit:.0f} s")

    def _again(self, work: Callable[[], None]) -> None:
        while True:
            self._one(work)
            if self._over.is_set() or time.monotonic() > self._end:
                return

    def _one(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")


def at(minute: int) -> dict[str, str]:
    """The dates of a commit so many minutes after the first one."""
    when = f"{_CLOCK + 60 * minute} +0000"
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


def install(root: Path) -> None:
    """Plain hook scripts, as a person would write them, that call the console scripts."""
    hooks = {"post-commit": "capture", "post-merge": "refresh", "post-rewrite": "rewrite"}
    for name, command in hooks.items():
        path = root / ".git/hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec "{BIN}/errata-{command}" "$@"\n')
        path.chmod(0o755)
