"""Line origins of one commit's parent, from ``git blame`` on the touched ranges only."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import (
    AttributedHunk,
    Owner,
    attribute_from_tree,
    attribute_hunks,
    has_old_lines,
)
from errata.corrections.attribution.git_log import DIFF_OPTIONS, FileDiff, parse_diff
from errata.corrections.attribution.missing_objects import files_present, shallow_commits
from errata.provenance.commits import Commit

_SECOND = 1_000_000
# From this many files on, one pass over the window costs less than a process for each of them.
_MANY = 100
_SPAN = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) \d{1,18} (\d{1,18}) (\d{1,18})\Z")


class DeadlineError(Exception):
    """Time ran out; the work is left for a run that has more."""


def commit_diff(repo: Repository, commit: Commit, deadline: float | None = None) -> list[FileDiff]:
    """What a commit did to its first parent's files; nothing for a merge.

    Raises:
        DeadlineError: the deadline passed.
        GitError: an object is missing.
    """
    args = ("diff-tree", "-r", "--root", *DIFF_OPTIONS, "--no-commit-id", commit.sha, "--")
    return parse_diff(_git(repo, *args, deadline=deadline))


def lines_added(repo: Repository, commit: Commit, deadline: float | None = None) -> int:
    """How many lines a commit added, in the files whose content is here. Raises as above."""
    try:
        files = commit_diff(repo, commit, deadline)
    except GitError:
        files = files_present(str(repo.root), commit)
    return sum(len(hunk.new) for diff in files for hunk in diff.hunks)


def _git(repo: Repository, *args: str | bytes, deadline: float | None) -> bytes:
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise DeadlineError
    try:
        return repo.git(*args, timeout=left)
    except TimeoutError as error:
        raise DeadlineError from error


def attribute(
    repo: Repository,
    commit: Commit,
    files: Sequence[FileDiff],
    known: dict[str, Commit],
    since: int,
    deadline: float | None = None,
) -> list[AttributedHunk]:
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
    # The oldest commits of a shallow clone seem to write all that they only inherit.
    cut = shallow_commits(repo.common_dir) if repo.common_dir else set()
    known = {sha: commit for sha, commit in known.items() if sha not in cut}
    wanted = [diff for diff in files if has_old_lines(diff) and _ranges(diff)]
    if len(wanted) > _MANY:
        return _by_pass(repo, parent, files, known, since, deadline)
    owners: dict[bytes, dict[int, Owner]] = {}
    for diff in wanted:
        assert diff.old_path is not None
        try:
            spans = _blame(repo, parent, diff, since, deadline)
        except GitError:
            # Among other things, blame stops at a configured list of revisions that is not there.
            return _by_pass(repo, parent, files, known, since, deadline)
        owners[diff.old_path] = {
            number: known.get(sha)
            for sha, start, count in spans
            for number in range(start, start + count)
        }

    def lookup(diff: FileDiff, start: int, stop: int) -> list[Owner]:
        lines = owners.get(diff.old_path or b"", {})
        return [lines[number] for number in range(start, stop) if number in lines]

    return attribute_hunks(files, lookup)


def _by_pass(
    repo: Repository,
    parent: str,
    files: Sequence[FileDiff],
    known: dict[str, Commit],
    since: int,
    deadline: float | None,
) -> list[AttributedHunk]:
    """:func:`attribute` by the forward pass over what is not older than ``since``."""
    from errata.corrections.attribution.line_origins import LineOrigins

    age = f"--max-age={max(0, since // _SECOND - 1)}"
    out = _git(repo, "rev-list", "--boundary", age, parent, "--", deadline=deadline).decode()
    older = [f"^{line[1:]}" for line in out.split() if line[:1] == "-"]
    if parent not in out.split():
        return attribute_hunks(files, lambda *_: [])
    origins = LineOrigins(str(repo.root), [parent, *older], keep=[parent])
    for _ in origins:
        if deadline is not None and time.monotonic() > deadline:
            raise DeadlineError
    if origins.log.error:
        raise GitError(origins.log.error)
    owners = [None if commit is None else known.get(commit.sha) for commit in origins.commits]
    return attribute_from_tree(files, origins.tips[parent], owners)


def _blame(
    repo: Repository, parent: str, diff: FileDiff, since: int, deadline: float | None
) -> list[tuple[str, int, int]]:
    """(commit or "" beyond ``since``, first line from 0, lines) of the touched lines."""
    assert diff.old_path is not None
    ranges = [f"-L{start + 1},{stop}" for start, stop in _ranges(diff)]
    out = _git(
        repo,
        "blame",
        "--incremental",
        # A root commit is no boundary: it wrote its lines.
        "--root",
        "--no-textconv",
        # Forgets those of the configuration. There, an empty name is sorted before the others and
        # changes nothing (git 2.39).
        "--ignore-revs-file=",
        f"--max-age={max(0, since // _SECOND - 1)}",
        *ranges,
        parent,
        "--",
        diff.old_path,
        deadline=deadline,
    )
    return parse_spans(out)


def parse_spans(out: bytes) -> list[tuple[str, int, int]]:
    """The spans in what ``git blame --incremental`` prints; those of boundary commits have ""."""
    boundary: set[str] = set()
    spans: list[tuple[str, int, int]] = []
    sha = ""
    # Not splitlines: a carriage return in an author's name or a subject begins no line.
    for line in out.split(b"\n"):
        if found := _SPAN.match(line):
            sha = found[1].decode()
            spans.append((sha, int(found[2]) - 1, int(found[3])))
        elif line == b"boundary":
            boundary.add(sha)
    return [("" if sha in boundary else sha, start, count) for sha, start, count in spans]


def _ranges(diff: FileDiff) -> list[tuple[int, int]]:
    """The touched lines and one on each side, merged; half-open, from 0, not beyond the hunks."""
    merged: list[tuple[int, int]] = []
    for hunk in diff.hunks:
        if not hunk.old and not hunk.start:
            # What is put at the top has a line of one side only; in an empty file, of none, and
            # blame refuses a range that does not exist.
            continue
        if not hunk.start and not hunk.old:
            continue
        start, stop = max(0, hunk.start - 1), hunk.start + len(hunk.old) + 1
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
