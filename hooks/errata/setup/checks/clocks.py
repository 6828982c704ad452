"""Clocks that disagree: this machine's, the commits', the files'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errata.core import git
from errata.records.instants import iso
from errata.records.model import DAY
from errata.setup.checks import Diagnostic, DoctorContext, problem

# Clocks of healthy machines differ by less; so do the times of a commit and of its push.
_TOLERANCE = 5 * 60_000_000
_COMMITS = 2_000
_FIX = "date -u  # then set the clock of this machine"


def clocks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Commits in the future, and files that git wrote later than now."""
    if context.repo.git_dir is None:
        return
    now = context.now
    newest, sha = _newest_commit(context) or (0, "")
    if newest > now + DAY:
        message = f"commit {sha[:12]} is dated {iso(newest)}, more than a day in the future"
        yield problem(message, f"git show -s --format=fuller {sha[:12]}")
    elif newest > now + _TOLERANCE:
        yield problem(f"the newest commit is of {iso(newest)}, and the clock says {iso(now)}", _FIX)
    written = _last_write(context.repo.git_dir)
    if written > now + _TOLERANCE >= newest:
        yield problem(f"git's own files are of {iso(written)}, and the clock says {iso(now)}", _FIX)


def _newest_commit(context: DoctorContext) -> tuple[int, str] | None:
    """Time and id of the commit with the latest date among the last ones.

    Not through GitPython, which reads one commit after another.
    """
    args = ("log", f"-{_COMMITS}", "--no-show-signature", "--format=%ct %at %H", "HEAD", "--")
    status, out = git.run_status(*args, cwd=context.root)
    commits = []
    for line in out.decode("ascii", "replace").splitlines() if status == 0 else ():
        committed, authored, sha = line.split(" ")
        if committed.isdecimal() and authored.isdecimal():
            commits.append((max(int(committed), int(authored)) * 1_000_000, sha))
    return max(commits, default=None)


def _last_write(git_dir: Path) -> int:
    """When git last wrote here, by the clock of the file system, in microseconds."""
    times = [0]
    for name in ("HEAD", "index", "logs/HEAD", "FETCH_HEAD", "config"):
        try:
            times.append((git_dir / name).stat().st_mtime_ns // 1000)
        except OSError:
            continue
    return max(times)
