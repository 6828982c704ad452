"""Measures time and memory of processes, with contestants taking turns."""

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
# Variables that git, a hook manager, a CI system or a coding agent may have set.
_CALLER_PREFIXES = (
    *("GIT_", "ERRATA_", "PRE_COMMIT", "PYTHON", "AGENT", "AUGMENT", "CLAUDE", "CLINE"),
    *("CODEX", "COPILOT", "CURSOR", "GEMINI", "OPENCODE", "QWEN", "CI"),
)
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ann Author"), ("EMAIL", "ann@example.org"))
}


class BenchError(Exception):
    """A process failed or did not do the measured work, so its time has no meaning."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: wall-clock seconds, processor seconds and peak memory in bytes.

    ``peak`` is that of the largest process: the one started, or one that it waited for.
    """

    wall: float
    cpu: float
    peak: int

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def environment() -> dict[str, str]:
    """The environment without variables of a calling git, hook or agent, or user settings."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(_CALLER_PREFIXES)
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
    return {**env, **_IDENTITY, **quiet, "LC_ALL": "C.UTF-8"}


def process(
    command: Sequence[str], cwd: Path, ok: Sequence[int] = (0,), stdin: bytes = b""
) -> Sample:
    """Run a command to its end and discard its output.

    The kernel counts the memory of the parent towards the peak of the child, so the caller must be
    a small process.

    Raises:
        BenchError: its exit status is not in ``ok``.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as stdin_file:
        stdin_file.write(stdin)
        stdin_file.seek(0)
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(),
            stdin=stdin_file,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in ok:
            errors.seek(0)
            tail = errors.read().decode("utf-8", "replace").strip()[-500:]
            raise BenchError(f"{' '.join(command)[:200]}: status {child.returncode}: {tail}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def output(command: Sequence[str], cwd: Path, stdin: bytes | None = None) -> bytes:
    """The output of a command, not measured.

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
    """The output of a git command, not measured, without the final newline."""
    return output(["git", *args], cwd, stdin).decode("utf-8", "replace").rstrip("\n")


def take_turns(
    contestants: Mapping[str, Callable[[], Sample]], runs: int, warm: int = 1
) -> dict[str, list[Sample]]:
    """Run all contestants in rounds of alternating order, so that noise affects all alike.

    Args:
        warm: rounds before the measured ones.
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
    """The median of the wall-clock seconds, or of the processor seconds."""
    return statistics.median(sample.cpu if cpu else sample.wall for sample in samples)


def peak(samples: Sequence[Sample]) -> float:
    """The highest peak, in MB (a million bytes)."""
    return max(sample.peak for sample in samples) / 1e6
