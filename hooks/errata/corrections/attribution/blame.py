"""``git blame`` on one file."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from errata.core.git import Repository
from errata.corrections.attribution.deadline import Deadline

_SECOND = 1_000_000
_SPAN = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (\d{1,18}) (\d{1,18}) (\d{1,18})\Z")
LOOK_THROUGH = (
    "blame",
    "--incremental",
    # Neither a change of whitespace nor a move within the file writes a line.
    *("-w", "-M"),
    # A root commit is not a boundary: it wrote its lines.
    "--root",
    "--no-textconv",
    # Drops the lists of the configuration: git stops at one that is missing. An empty name would
    # drop the revisions, but git would read the lists all the same.
    "--no-ignore-revs-file",
)
"""Git's command and its options; the revision and the path are missing."""


class Span(NamedTuple):
    """Successive lines that one commit wrote.

    Attributes:
        sha: the commit; "" for those at the boundary of the walk.
        source: the first line in the commit's file, from 0.
        start: the first line in the file that was asked for, from 0.
    """

    sha: str
    source: int
    start: int
    lines: int


def blame_file(
    repo: Repository,
    revision: str,
    path: bytes,
    boundary: str | None,
    ignored: Collection[str],
    deadline: Deadline,
) -> dict[int, str]:
    """The commit that wrote each line of a file.

    All lines are asked for: git recognises a moved block only if it sees enough of it.

    Args:
        boundary: a commit at which the walk ends.
        ignored: object ids of commits that write no lines.

    Returns:
        Object ids by line index from 0; "" for lines of ``boundary`` and its ancestors.

    Raises:
        DeadlineError: the deadline passed.
        GitError: git failed.
    """
    args = ("--ignore-revs-file=/dev/stdin",) if ignored else ()
    stdin = "\n".join(ignored).encode() if ignored else None
    revisions = (revision, *([f"^{boundary}"] if boundary else []))
    command = (*LOOK_THROUGH, *args, *revisions, "--", path)
    spans = parse_spans(deadline.run_git(repo, *command, stdin=stdin))
    return {line: span.sha for span in spans for line in range(span.start, span.start + span.lines)}


def max_age(since: int) -> str:
    """Git's option that ends a walk at an instant (microseconds), rounded down to be safe."""
    return f"--max-age={max(0, since // _SECOND - 1)}"


def parse_spans(out: bytes) -> list[Span]:
    """What ``git blame --incremental`` prints."""
    boundary: set[str] = set()
    spans: list[Span] = []
    sha = ""
    # Not splitlines: a carriage return in an author's name or a subject does not end a line.
    for line in out.split(b"\n"):
        if match := _SPAN.match(line):
            sha = match[1].decode()
            spans.append(Span(sha, int(match[2]) - 1, int(match[3]) - 1, int(match[4])))
        elif line == b"boundary":
            boundary.add(sha)
    return [span._replace(sha="") if span.sha in boundary else span for span in spans]
