"""Line origins of one commit's parent, from ``git blame`` on the touched ranges only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from errata.corrections.stream import DIFF_OPTIONS, FileDiff, parse_diff
from errata.corrections.touch import Owner, Touch, touches
from errata.git import Repository
from errata.provenance.commits import Commit

_SECOND = 1_000_000


class DeadlineError(Exception):
    """Time ran out; the work is left for a run that has more."""


def changed(repo: Repository, commit: Commit) -> list[FileDiff]:
    """What a commit did to its first parent's files."""
    out = repo.git("diff-tree", "-r", "--root", *DIFF_OPTIONS, "--no-commit-id", commit.sha, "--")
    return parse_diff(out)


def attribute(
    repo: Repository,
    commit: Commit,
    files: Sequence[FileDiff],
    known: dict[str, Commit],
    since: int,
    deadline: float | None = None,
) -> list[Touch]:
    """The touches of a commit that has a parent.

    Args:
        known: the commits that may own a line; all others are None.
        since: instant (microseconds) that bounds the walk; what is older is None.
        deadline: :func:`time.monotonic` at which to give up.

    Raises:
        DeadlineError: the deadline passed.
        GitError: an object is missing.
    """
    parent = commit.parents[0]
    owners: dict[bytes, dict[int, Owner]] = {}
    for diff in files:
        if diff.old_path is None or diff.binary or not diff.hunks:
            continue
        if deadline is not None and time.monotonic() > deadline:
            raise DeadlineError
        owners[diff.old_path] = _blame(repo, parent, diff, known, since)

    def lookup(diff: FileDiff, start: int, stop: int) -> list[Owner]:
        lines = owners.get(diff.old_path or b"", {})
        return [lines[number] for number in range(start, stop) if number in lines]

    return touches(files, lookup)


def _blame(
    repo: Repository, parent: str, diff: FileDiff, known: dict[str, Commit], since: int
) -> dict[int, Owner]:
    assert diff.old_path is not None
    ranges = [f"-L{start + 1},{stop}" for start, stop in _ranges(diff)]
    out = repo.git(
        "blame",
        "--incremental",
        # A root commit is no boundary: it wrote its lines.
        "--root",
        f"--since={since // _SECOND - 1}",
        *ranges,
        parent,
        "--",
        diff.old_path,
    )
    lines: dict[int, Owner] = {}
    boundary: set[str] = set()
    spans: list[tuple[str, int, int]] = []
    sha = ""
    for line in out.splitlines():
        words = line.split(b" ")
        if len(words) == 4 and len(words[0]) in (40, 64) and words[3].isdigit():
            sha = words[0].decode()
            spans.append((sha, int(words[2]) - 1, int(words[3])))
        elif line == b"boundary":
            boundary.add(sha)
    for sha, start, count in spans:
        owner = None if sha in boundary else known.get(sha)
        lines.update((number, owner) for number in range(start, start + count))
    return lines


def _ranges(diff: FileDiff) -> Iterable[tuple[int, int]]:
    """The touched lines and one on each side, merged; half-open, from 0, not beyond the hunks."""
    merged: list[tuple[int, int]] = []
    for hunk in diff.hunks:
        start, stop = max(0, hunk.start - 1), hunk.start + len(hunk.old) + 1
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
