"""Clocks that disagree: this machine's, the commits', the files'."""

from __future__ import annotations

from collections.abc import Iterator

from errata.core import git
from errata.records.instants import iso
from errata.records.model import DAY
from errata.setup.checks import Case, Found, problem

# Clocks of healthy machines differ by less; so do a commit's time and the time of its push.
_MINUTES = 5 * 60_000_000
_COMMITS = 2_000
_CLOCK = "date -u  # then set the clock of this machine"


def clocks(case: Case) -> Iterator[Found]:
    """Commits in the future, and files that git wrote later than now."""
    if case.repo.git_dir is None:
        return
    newest = _newest(case)
    if newest and newest[0] > case.now + DAY:
        what = f"commit {newest[1][:12]} is dated {iso(newest[0])}, more than a day in the future"
        yield problem(what, f"git show -s --format=fuller {newest[1][:12]}")
    elif newest and newest[0] > case.now + _MINUTES:
        what = f"the newest commit is of {iso(newest[0])}, and the clock says {iso(case.now)}"
        yield problem(what, _CLOCK)
    written = _written(case)
    if written > case.now + _MINUTES and not newest_future(newest, case.now):
        what = f"git's own files are of {iso(written)}, and the clock says {iso(case.now)}"
        yield problem(what, _CLOCK)


def newest_future(newest: tuple[int, str] | None, now: int) -> bool:
    """Whether that commit is already said to be in the future."""
    return newest is not None and newest[0] > now + _MINUTES


def _newest(case: Case) -> tuple[int, str] | None:
    """Time and id of the commit with the latest date among the last ones."""
    args = ("log", f"-{_COMMITS}", "--no-show-signature", "--format=%ct %at %H", "HEAD", "--")
    status, out = git.run_status(*args, cwd=case.root)
    found = []
    for line in out.decode("ascii", "replace").splitlines() if status == 0 else ():
        committed, authored, sha = line.split(" ")
        if committed.isdecimal() and authored.isdecimal():
            found.append((max(int(committed), int(authored)) * 1_000_000, sha))
    return max(found, default=None)


def _written(case: Case) -> int:
    """When git last wrote here, by the file system's clock, in microseconds."""
    assert case.repo.git_dir
    times = [0]
    for name in ("HEAD", "index", "logs/HEAD", "FETCH_HEAD", "config"):
        try:
            times.append((case.repo.git_dir / name).stat().st_mtime_ns // 1000)
        except OSError:
            continue
    return max(times)
