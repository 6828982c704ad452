"""Who wrote the lines that one commit touches.

Two strategies give the same answer: ``git blame`` on each file, and one forward pass over the
commits of the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import (
    AttributedHunk,
    Owner,
    attribute_from_tree,
    attribute_hunks,
    has_old_lines,
)
from errata.corrections.attribution.blame import blame_file
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.attribution.ignored_revisions import ignored_commits
from errata.corrections.attribution.shallow import shallow_commits
from errata.provenance.commits import Commit

# From this many files on, one pass over the window costs less than a process for each file.
_MANY_FILES = 100


@dataclass(frozen=True, slots=True)
class _Query:
    """The files of one commit and who may own their old lines.

    Attributes:
        parent: the revision that has the old lines.
        owners: the commits that may own a line, by object id; all other lines have no owner.
        boundary: a commit whose lines, and those of its ancestors, have no owner.
    """

    parent: str
    files: Sequence[FileDiff]
    owners: Mapping[str, Commit]
    boundary: str | None
    deadline: Deadline


def attribute_commit(
    repo: Repository,
    commit: Commit,
    files: Sequence[FileDiff],
    agent_commits: Mapping[str, Commit],
    boundary: str | None = None,
    deadline: Deadline = NO_DEADLINE,
) -> list[AttributedHunk]:
    """The hunks of a commit that has a parent, with the owners of the lines they touch.

    Args:
        agent_commits: the commits that may own a line.
        boundary: none of ``agent_commits`` is this commit or one of its ancestors.

    Raises:
        DeadlineError: the deadline passed.
        GitError: an object is missing.
    """
    cut_off = shallow_commits(repo.common_dir) if repo.common_dir else set()
    owners = {sha: owner for sha, owner in agent_commits.items() if sha not in cut_off}
    query = _Query(commit.parents[0], files, owners, boundary, deadline)
    if len(_files_to_blame(query)) > _MANY_FILES:
        return _attribute_by_forward_pass(repo, query)
    try:
        return _attribute_by_blame(repo, query)
    except GitError:
        return _attribute_by_forward_pass(repo, query)


def _files_to_blame(query: _Query) -> list[FileDiff]:
    # An insertion at the top has no line before it, so it has no owner.
    return [
        diff
        for diff in query.files
        if has_old_lines(diff) and any(hunk.stop for hunk in diff.hunks)
    ]


def _attribute_by_blame(repo: Repository, query: _Query) -> list[AttributedHunk]:
    files = _files_to_blame(query)
    ignored = ignored_commits(repo.root) if files else frozenset()
    origins = {
        path: blame_file(repo, query.parent, path, query.boundary, ignored, query.deadline)
        for path in (diff.old_path for diff in files)
        if path is not None
    }

    def owners(diff: FileDiff, start: int, stop: int) -> list[Owner]:
        lines = origins.get(diff.old_path or b"", {})
        return [query.owners.get(lines[line]) for line in range(start, stop) if line in lines]

    return attribute_hunks(query.files, owners)


def _attribute_by_forward_pass(repo: Repository, query: _Query) -> list[AttributedHunk]:
    from errata.corrections.attribution.line_origins import LineOrigins

    older = [f"^{query.boundary}"] if query.boundary else []
    origins = LineOrigins(str(repo.root), [query.parent, *older], keep=[query.parent])
    for _ in origins:
        query.deadline.seconds_left()
    if origins.log.error:
        raise GitError(origins.log.error)
    owners = [commit and query.owners.get(commit.sha) for commit in origins.commits]
    paths = [diff.old_path for diff in query.files if diff.old_path is not None]
    numbers = origins.commit_numbers(origins.kept_trees[query.parent], paths)
    return attribute_from_tree(query.files, numbers, owners)
