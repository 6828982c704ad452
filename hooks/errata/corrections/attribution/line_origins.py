"""Which commit wrote each line: blame for every file at once, in one forward pass over history.

Each commit's tree is a dict from path to an array with one commit number per line. A commit changes
a few of them and shares the rest with its parent; a tree is dropped when no child needs it.
Numbers are positions in :attr:`LineOrigins.commits`; 0 stands for everything older than the range,
and lines beyond the end of an array are of that kind too, so a pass may begin anywhere in history.

The answer is blame's, merges included, with one exception: where a commit deletes files and adds
several that resemble them, ``git log`` pairs each deleted file with one new file at most, while
blame asks for each new file by itself and may find one old file behind several. Also, the pass has
lines of its own where a shallow clone was cut off and where contents are missing: unknown ones.
"""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from errata.core.git import run
from errata.corrections.attribution.git_log import (
    DIFF_OPTIONS,
    ORDER,
    CombinedHunk,
    CommitDiff,
    FileDiff,
    parse_diff,
)
from errata.corrections.attribution.missing_objects import (
    History,
    IncompleteCommit,
    shallow_commits,
)
from errata.provenance.commits import Commit

Tree = dict[bytes, "array[int]"]
_NEW = 2**32 - 1


class _Side(NamedTuple):
    """One parent of a merge."""

    sha: str
    tree: Tree


class LineOrigins:
    """A forward pass over a range of history.

    Attributes:
        commits: every commit seen, by number; the first is None, for what is older.
        tips: trees of the commits that were asked for in ``keep``, by object id.
    """

    def __init__(
        self,
        root: str,
        revisions: Sequence[str],
        gaps: Mapping[str, IncompleteCommit] | None = None,
        keep: Collection[str] = (),
    ) -> None:
        self.commits: list[Commit | None] = [None]
        self.tips: dict[str, Tree] = {}
        self._root = root
        self._revisions = revisions
        self._keep = keep
        self._trees: dict[str, Tree] = {}
        self.log = History(root, revisions, gaps)

    def __iter__(self) -> Iterator[tuple[CommitDiff, Tree]]:
        """Each commit with the tree of its first parent; the tree must not be changed.

        Raises:
            GitError: the range cannot be walked.
        """
        waiting = _children(self._root, self._revisions)
        merges = _merges(self._root, self._revisions)
        common = run("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=self._root)
        cut = shallow_commits(Path(os.fsdecode(common[:-1])))
        for change in self.log:
            commit = change.commit
            parents = [self._trees.get(parent, {}) for parent in commit.parents] or [{}]
            yield change, parents[0]
            # The oldest commits of a shallow clone seem to write all that they only inherit.
            number = 0 if commit.sha in cut else len(self.commits)
            self.commits.append(commit)
            for parent in commit.parents:
                waiting[parent] -= 1
            first = commit.parents[0] if commit.parents else ""
            # A tree that nobody else waits for is changed in place.
            tree = parents[0] if first and waiting[first] <= 0 else dict(parents[0])
            if len(commit.parents) > 1:
                self._merged(tree, parents, change, next(merges), number)
            else:
                for path in change.unknown:
                    tree.pop(path, None)
                _apply(tree, change.files, number)
            for parent in commit.parents:
                if waiting[parent] <= 0:
                    self._trees.pop(parent, None)
            if waiting[commit.sha] > 0:
                self._trees[commit.sha] = tree
            if commit.sha in self._keep:
                self.tips[commit.sha] = dict(tree)

    def _merged(
        self,
        tree: Tree,
        parents: list[Tree],
        change: CommitDiff,
        differing: list[tuple[bytes, bytes]],
        number: int,
    ) -> None:
        """Bring a tree from a merge's first parent to the merge.

        Args:
            differing: (status, path) of what differs from the first parent.
        """
        combined = {diff.new_path for diff in change.files}
        commit = change.commit
        old = dict(tree) if tree is parents[0] else parents[0]
        left = [path for status, path in differing if status != b"D" and path not in combined]
        # A file that differs from the first parent and is not in the diff of the merge equals some
        # other parent: of two there is no question which.
        others: list[set[bytes]] = [set() for _ in parents[1:]]
        if left and (len(parents) > 2 or change.unknown):
            others = [_differing(self._root, sha, commit.sha) for sha in commit.parents[1:]]
        for status, path in differing:
            if status == b"D":
                tree.pop(path, None)
        for path in left:
            same = (p for p, other in zip(parents[1:], others, strict=True) if path not in other)
            _put(tree, path, next(same, {}).get(path))
        sides = [_Side(*side) for side in zip(commit.parents, [old, *parents[1:]], strict=True)]
        for diff in change.files:
            _merge(self._root, commit.sha, tree, sides, diff, number)


def _put(tree: Tree, path: bytes, lines: array[int] | None) -> None:
    if lines is None:
        tree.pop(path, None)
    else:
        tree[path] = lines


def _children(root: str, revisions: Sequence[str]) -> Counter[str]:
    """How many children in the range each commit has."""
    out = run("rev-list", "--parents", "--end-of-options", *revisions, "--", cwd=root)
    counts: Counter[str] = Counter()
    for line in out.decode().splitlines():
        counts.update(line.split()[1:])
    return counts


def _merges(root: str, revisions: Sequence[str]) -> Iterator[list[tuple[bytes, bytes]]]:
    """Of each merge in the order of the log: (status, path) of what differs from parent 1."""
    out = run(
        *("log", *ORDER, "--merges", "--diff-merges=first-parent", "--raw", "-z", "--no-renames"),
        *("--no-show-signature", "--no-notes", "--format=%x01%H"),
        *("--end-of-options", *revisions, "--"),
        cwd=root,
    )
    for part in out.split(b"\x01")[1:]:
        yield _statuses(part.partition(b"\0")[2])


def _differing(root: str, parent: str, sha: str) -> set[bytes]:
    out = run("diff-tree", "-r", "--raw", "-z", "--no-renames", parent, sha, "--", cwd=root)
    return {path for _, path in _statuses(out)}


def _statuses(raw: bytes) -> list[tuple[bytes, bytes]]:
    """(status, path) of raw diff output; a change of the mode alone is none."""
    fields = raw.lstrip(b"\n").split(b"\0")
    found = []
    for info, path in zip(fields[::2], fields[1::2], strict=False):
        if info[:1] == b":":
            _, _, old, new, status = info.split(b" ")
            if old != new or status != b"M":
                found.append((status, path))
    return found


def _apply(tree: Tree, files: list[FileDiff], number: int) -> None:
    """Bring a tree from a commit's only parent to the commit."""
    # Renames may swap names: take every old file before any is put back.
    before = {
        diff.old_path: tree.get(diff.old_path, array("I"))
        for diff in files
        if diff.old_path is not None
    }
    for diff in files:
        if diff.old_path is not None and not diff.copied:
            tree.pop(diff.old_path, None)
    for diff in files:
        if diff.new_path is not None:
            old = before[diff.old_path] if diff.old_path is not None else array("I")
            tree[diff.new_path] = _lines(old, diff, number)


def _lines(old: array[int], diff: FileDiff, number: int) -> array[int]:
    if not diff.hunks:
        return old
    lines = old[:]
    for hunk in reversed(diff.hunks):
        stop = hunk.start + len(hunk.old)
        if stop > len(lines):
            lines.extend([0] * (stop - len(lines)))
        lines[hunk.start : stop] = array("I", [number]) * len(hunk.new)
    return lines


def _merge(
    root: str, sha: str, tree: Tree, sides: list[_Side], diff: FileDiff, number: int
) -> None:
    """A file that differs from every parent: each line from the first parent that has it."""
    if diff.new_path is None:
        return
    olds = [
        None if path is None else side.tree.get(path, array("I"))
        for side, path in zip(sides, diff.old_paths, strict=True)
    ]
    *before, after = diff.blobs
    same = [n for n, old in enumerate(olds) if old is not None and before[n] == after]
    if same:
        # Renamed and otherwise the same: a parent with the same name first, as blame does.
        whole = min(same, key=lambda n: (diff.old_paths[n] != diff.new_path, n))
        tree[diff.new_path] = olds[whole] or array("I")
    elif diff.binary:
        tree[diff.new_path] = _pairwise(root, sha, sides, diff, olds, number)
    else:
        tree[diff.new_path] = _weave(olds, diff.combined, number)


def _pairwise(
    root: str,
    sha: str,
    sides: list[_Side],
    diff: FileDiff,
    olds: Sequence[array[int] | None],
    number: int,
) -> array[int]:
    """The lines of a file of a merge of which git shows no lines: one parent after the other."""
    found: list[array[int]] = []
    for side, path, old in zip(sides, diff.old_paths, olds, strict=True):
        paths = {each for each in (path, diff.new_path) if each is not None}
        out = run("diff-tree", "-r", *DIFF_OPTIONS, side.sha, sha, "--", *paths, cwd=root)
        files = [d for d in parse_diff(out) if d.new_path == diff.new_path]
        before = array("I") if old is None else old
        found.append(_lines(before, files[0], _NEW) if files else before)
    count = max(map(len, found), default=0)
    padded = [[*lines, *[0] * (count - len(lines))] for lines in found]
    firsts = (next((n for n in row if n != _NEW), number) for row in zip(*padded, strict=True))
    return array("I", firsts)


def _weave(olds: Sequence[array[int] | None], hunks: list[CombinedHunk], number: int) -> array[int]:
    lines: array[int] = array("I")
    position = 0
    # Between the hunks all parents are the same.
    base = next((n for n, old in enumerate(olds) if old is not None), 0)
    main = olds[base] or array("I")
    for hunk in hunks:
        _take(lines, main, position, hunk.starts[base])
        at = list(hunk.starts)
        for line in hunk.lines:
            _line(lines, olds, at, line[: len(olds)], number)
        position = at[base]
    lines.extend(main[position:])
    return lines


def _line(
    lines: array[int],
    olds: Sequence[array[int] | None],
    at: list[int],
    columns: bytes,
    number: int,
) -> None:
    """Take in one line of a combined hunk; ``at`` is where each parent stands."""
    removed = b"-" in columns
    origin = number
    for parent in range(len(columns) - 1, -1, -1):
        if columns[parent] == (45 if removed else 32):
            old = olds[parent]
            if old is not None:
                origin = _at(old, at[parent])
            at[parent] += 1
    if not removed:
        lines.append(origin)


def _take(lines: array[int], old: array[int], start: int, stop: int) -> None:
    part = old[start:stop]
    lines.extend(part)
    if stop - start > len(part):
        lines.extend([0] * (stop - start - len(part)))


def _at(lines: array[int], index: int) -> int:
    return lines[index] if index < len(lines) else 0
