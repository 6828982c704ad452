"""Runs processes at the same time, and collects their results."""

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
class Result:
    """The result of a command."""

    words: str
    status: int
    out: str
    err: str
    seconds: float

    def problems(self, ok: Iterable[int] = (0,)) -> list[str]:
        """The failure of the command, if its status or output shows one."""
        text = self.out + self.err
        if self.status not in ok or "Traceback" in text or "Exception ignored" in text:
            return [f"{self.words}: status {self.status}: {text[-600:]}"]
        return []


@dataclass(slots=True)
class Crowd:
    """Threads that run commands at the same time, with a common time limit.

    Attributes:
        limit: seconds for all threads.
        results: of all commands.
        failures: one line each.
    """

    limit: float
    results: list[Result] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _end: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, *words: str | Path, cwd: Path, stdin: bytes = b"", **env: str) -> Result:
        """Run a command; kill it at the time limit."""
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
        done = Result(shown, child.returncode, out.decode(), err.decode(), took)
        self.results.append(done)
        return done

    def must(self, *words: str | Path, cwd: Path, stdin: bytes = b"", **env: str) -> Result:
        """Run a command that must succeed."""
        done = self.run(*words, cwd=cwd, stdin=stdin, **env)
        self.failures += done.problems()
        return done

    def errata(
        self, *words: str, cwd: Path, stdin: bytes = b"", ok: Iterable[int] = (0,)
    ) -> Result:
        """Run ``errata``."""
        done = self.run(BIN / "errata", *words, cwd=cwd, stdin=stdin)
        self.failures += done.problems(ok)
        return done

    def work(
        self, workers: Iterable[Callable[[], None]], background: Iterable[Callable[[], None]]
    ) -> None:
        """Run all ``workers`` at once, and repeat ``background`` until they have ended."""
        self._end = time.monotonic() + self.limit
        threads = [threading.Thread(target=self._run_worker, args=(worker,)) for worker in workers]
        loops = [threading.Thread(target=self._repeat, args=(task,)) for task in background]
        for thread in (*threads, *loops):
            thread.start()
        for thread in threads:
            thread.join()
        self._over.set()
        for thread in loops:
            thread.join()
        if time.monotonic() > self._end:
            self.failures.append(f"not done in {self.limit:.0f} s")

    def _repeat(self, work: Callable[[], None]) -> None:
        while True:
            self._run_worker(work)
            if self._over.is_set() or time.monotonic() > self._end:
                return

    def _run_worker(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")


def at(minute: int) -> dict[str, str]:
    """The dates of a commit, in minutes after the first one."""
    when = f"{_CLOCK + 60 * minute} +0000"
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


def install(root: Path) -> None:
    """Install plain hook scripts that call the console scripts."""
    hooks = {"post-commit": "capture", "post-merge": "refresh", "post-rewrite": "rewrite"}
    for name, command in hooks.items():
        path = root / ".git/hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec "{BIN}/errata-{command}" "$@"\n')
        path.chmod(0o755)
