"""``git blame`` on the touched ranges of one file."""

from __future__ import annotations

import re

from errata.core.git import Repository
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff

_SECOND = 1_000_000
_SPAN = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) \d{1,18} (\d{1,18}) (\d{1,18})\Z")


def blame_touched_lines(
    repo: Repository, revision: str, diff: FileDiff, boundary: str | None, deadline: Deadline
) -> dict[int, str]:
    """The commit that wrote each touched line of the old file, and one line on each side.

    Args:
        boundary: a commit at which the walk ends.

    Returns:
        Object ids by line index from 0; "" for lines of ``boundary`` and its ancestors.

    Raises:
        DeadlineError: the deadline passed.
        GitError: git failed; among other things, a configured list of ignored revisions is missing.
    """
    assert diff.old_path is not None
    out = deadline.run_git(
        repo,
        "blame",
        "--incremental",
        # A root commit is not a boundary: it wrote its lines.
        "--root",
        "--no-textconv",
        # Drops the lists of the configuration. An empty name in the configuration itself sorts
        # before the others and drops nothing (git 2.39).
        "--ignore-revs-file=",
        *(f"-L{start + 1},{stop}" for start, stop in touched_ranges(diff)),
        revision,
        *([f"^{boundary}"] if boundary else []),
        "--",
        diff.old_path,
    )
    return {
        line: sha for sha, start, count in parse_spans(out) for line in range(start, start + count)
    }


def max_age(since: int) -> str:
    """Git's option that ends a walk at an instant (microseconds), rounded down to be safe."""
    return f"--max-age={max(0, since // _SECOND - 1)}"


def parse_spans(out: bytes) -> list[tuple[str, int, int]]:
    """(object id, first line from 0, lines) in what ``git blame --incremental`` prints.

    The object id of boundary commits is "".
    """
    boundary: set[str] = set()
    spans: list[tuple[str, int, int]] = []
    sha = ""
    # Not splitlines: a carriage return in an author's name or a subject does not end a line.
    for line in out.split(b"\n"):
        if match := _SPAN.match(line):
            sha = match[1].decode()
            spans.append((sha, int(match[2]) - 1, int(match[3])))
        elif line == b"boundary":
            boundary.add(sha)
    return [("" if sha in boundary else sha, start, count) for sha, start, count in spans]


def touched_ranges(diff: FileDiff) -> list[tuple[int, int]]:
    """The touched lines and one on each side, merged; half-open, from 0."""
    ranges: list[tuple[int, int]] = []
    for hunk in diff.hunks:
        if not hunk.stop:
            # An insertion at the top has no line before it, so it has no owner; and blame refuses a
            # range in an empty file.
            continue
        start, stop = max(0, hunk.start - 1), hunk.stop + 1
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(stop, ranges[-1][1]))
        else:
            ranges.append((start, stop))
    return ranges
