"""Time and memory of whole processes, contestants taking turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What git, a framework or a coding agent may have set around the run.
_CALLERS = (
    *("GIT_", "ERRATA_", "PRE_COMMIT", "PYTHON", "AGENT", "AUGMENT", "CLAUDE", "CLINE"),
    *("CODEX", "COPILOT", "CURSOR", "GEMINI", "OPENCODE", "QWEN"),
)
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ann Author"), ("EMAIL", "ann@example.org"))
}


class BenchError(Exception):
    """A process failed, or did not do what is measured: its time would mean nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds by the clock, seconds of all processors, and peak bytes.

    ``peak`` is of the largest process, the one started or any that it waited for.
    """

    wall: float
    cpu: float
    peak: int

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def environment() -> dict[str, str]:
    """Ours, without what a caller's git, hooks or agent put there and without personal settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_CALLERS)}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
    return {**env, **_IDENTITY, **quiet, "LC_ALL": "C.UTF-8"}


def process(
    command: Sequence[str], cwd: Path, ok: Sequence[int] = (0,), stdin: bytes = b""
) -> Sample:
    """Run a command to its end, its output thrown away.

    The kernel counts what the parent had in memory towards the child's peak, so whoever calls this
    has to be small.

    Raises:
        BenchError: its exit status is not in ``ok``.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as sent:
        sent.write(stdin)
        sent.seek(0)
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(),
            stdin=sent,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in ok:
            said.seek(0)
            tail = said.read().decode("utf-8", "replace").strip()[-500:]
            raise BenchError(f"{' '.join(command)[:200]}: status {child.returncode}: {tail}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def output(command: Sequence[str], cwd: Path, stdin: bytes | None = None) -> bytes:
    """The output of a command that is not measured.

    Raises:
        BenchError: it failed.
    """
    done = subprocess.run(
        command, cwd=cwd, env=environment(), input=stdin, capture_output=True, check=False
    )
    if done.returncode:
        tail = done.stderr.decode("utf-8", "replace").strip()[-500:]
        raise BenchError(f"{' '.join(command)[:200]}: status {done.returncode}: {tail}")
    return done.stdout


def git(cwd: Path, *args: str, stdin: bytes | None = None) -> str:
    """The output of a git command that is not measured, without its last newline."""
    return output(["git", *args], cwd, stdin).decode("utf-8", "replace").rstrip("\n")


def take_turns(
    contestants: Mapping[str, Callable[[], Sample]], runs: int, warm: int = 1
) -> dict[str, list[Sample]]:
    """Let all run once, then all again, in alternating order, so that noise meets all alike.

    Args:
        warm: rounds before those that count.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for turn in range(-warm, runs):
        names = list(contestants)
        for name in names if turn % 2 else reversed(names):
            sample = contestants[name]()
            if turn >= 0:
                samples[name].append(sample)
    return samples


def median(samples: Sequence[Sample], cpu: bool = False) -> float:
    """The median of the seconds by the clock, or of those of all processors."""
    return statistics.median(sample.cpu if cpu else sample.wall for sample in samples)


def peak(samples: Sequence[Sample]) -> float:
    """The highest peak, in MB of a million bytes."""
    return max(sample.peak for sample in samples) / 1e6
