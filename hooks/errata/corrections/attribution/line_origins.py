"""Which commit wrote each line: blame for every file at once, in one forward pass over history.

Each commit's tree is a dict from path to an array with one commit number for each line. A commit
changes a few arrays and shares the others with its parent; a tree is dropped when no child needs
it. Numbers are positions in :attr:`LineOrigins.commits`. Number 0 stands for everything older than
the range, and so do lines beyond the end of an array; a pass may therefore begin anywhere.

The answer is that of ``git blame -w -M`` with the repository's lists of ignored revisions, merges
included. It may differ where equal lines occur more than once, and where a commit deletes
files and adds several that resemble them, ``git log`` pairs each deleted file with at most one new
file, while blame looks for the origin of each new file by itself and may find one old file behind
several. Lines from beyond the end of a shallow clone, and lines whose content is missing, have no
origin.
"""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from errata.core.git import run
from errata.corrections.attribution.diff import CommitDiff
from errata.corrections.attribution.file_lines import Tree
from errata.corrections.attribution.git_log import ORDER
from errata.corrections.attribution.ignored_revisions import ignored_commits
from errata.corrections.attribution.line_changes import Before, TreeObserver
from errata.corrections.attribution.merge_origins import (
    FileStatus,
    merge_trees,
    parse_statuses,
)
from errata.corrections.attribution.missing_objects import History, IncompleteCommit
from errata.corrections.attribution.moved_lines import MovedLines
from errata.corrections.attribution.plain_commits import PlainCommits
from errata.corrections.attribution.shallow import shallow_commits
from errata.provenance.commits import Commit


class LineOrigins:
    """A forward pass over a range of history; iterate it once.

    Attributes:
        commits: every commit read, by number; the first is None, for what is older.
        kept_trees: trees of the commits in ``keep``, by object id.
        log: the history that is read; its ``error`` says why the pass ended early.
    """

    def __init__(
        self,
        root: str,
        revisions: Sequence[str],
        incomplete: Mapping[str, IncompleteCommit] | None = None,
        keep: Collection[str] = (),
        observer: TreeObserver | None = None,
    ) -> None:
        self.commits: list[Commit | None] = [None]
        self.kept_trees: dict[str, Tree] = {}
        self.log = History(root, revisions, incomplete)
        self._root = root
        self._revisions = revisions
        self._keep = keep
        self._observer = observer
        self._trees: dict[str, Tree] = {}
        self._moved = MovedLines()

    def __iter__(self) -> Iterator[tuple[CommitDiff, Tree]]:
        """Each commit with the tree of its first parent; the tree must not be changed.

        Raises:
            GitError: the range cannot be walked.
        """
        commits = PlainCommits(self._root, self._moved, ignored_commits(self._root))
        try:
            yield from self._walk(commits)
        finally:
            commits.close()

    def _walk(self, commits: PlainCommits) -> Iterator[tuple[CommitDiff, Tree]]:
        pending_children = _count_children(self._root, self._revisions)
        merges = _merge_statuses(self._root, self._revisions)
        shallow = shallow_commits(_common_dir(self._root))
        for diff in self.log:
            commit = diff.commit
            parent_trees = [self._trees.get(parent, {}) for parent in commit.parents] or [{}]
            yield diff, parent_trees[0]
            changed = next(merges) if len(commit.parents) > 1 else ()
            before = self._before(diff, parent_trees[0], changed)
            number = 0 if commit.sha in shallow else len(self.commits)
            self.commits.append(commit)
            pending_children.subtract(commit.parents)
            if len(commit.parents) > 1:
                tree = merge_trees(self._root, diff, parent_trees, changed, number, self._moved)
            else:
                # A tree that no other child needs is changed in place.
                reusable = all(pending_children[parent] <= 0 for parent in commit.parents)
                tree = parent_trees[0] if reusable else dict(parent_trees[0])
                commits.apply(tree, diff, number)
            if self._observer is not None and before is not None:
                self._observer.observe(commit, before, tree, self._moved)
            for parent in commit.parents:
                if pending_children[parent] <= 0:
                    self._trees.pop(parent, None)
            if pending_children[commit.sha] > 0:
                self._trees[commit.sha] = tree
            if commit.sha in self._keep:
                self.kept_trees[commit.sha] = dict(tree)

    def _before(self, diff: CommitDiff, tree: Tree, changed: Sequence[FileStatus]) -> Before | None:
        """The files that a commit changes, as its first parent has them; None if nobody asks."""
        if self._observer is None or not self._observer.wants(diff.commit):
            return None
        paths = {path for file in diff.files for path in (file.old_path, file.new_path)}
        paths.update(diff.unknown, (path for _, path in changed))
        return {path: tree.get(path) for path in paths if path is not None}

    def commit_numbers(self, tree: Tree, paths: Iterable[bytes]) -> dict[bytes, array[int]]:
        """For each line of some files of a tree, the number of the commit that wrote it.

        Paths that are not in the tree are left out.
        """
        return {path: self._moved.commit_numbers(tree[path]) for path in paths if path in tree}


def _count_children(root: str, revisions: Sequence[str]) -> Counter[str]:
    """How many children in the range each commit has."""
    out = run("rev-list", "--parents", "--end-of-options", *revisions, "--", cwd=root)
    counts: Counter[str] = Counter()
    for line in out.decode().splitlines():
        counts.update(line.split()[1:])
    return counts


def _merge_statuses(root: str, revisions: Sequence[str]) -> Iterator[list[FileStatus]]:
    """For each merge, in the order of the log: what differs from the first parent."""
    out = run(
        *("log", *ORDER, "--merges", "--diff-merges=first-parent", "--raw", "-z", "--no-renames"),
        *("--no-show-signature", "--no-notes", "--format=%x01%H"),
        *("--end-of-options", *revisions, "--"),
        cwd=root,
    )
    for part in out.split(b"\x01")[1:]:
        yield parse_statuses(part.partition(b"\0")[2])


def _common_dir(root: str) -> Path:
    out = run("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=root)
    return Path(os.fsdecode(out[:-1]))
