"""Line origins of a merge: each line comes from the first parent that has it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from errata.core.git import run
from errata.corrections.attribution.diff import CombinedHunk, CommitDiff, FileDiff
from errata.corrections.attribution.line_array import Tree, apply_hunks, extend_from, number_at
from errata.corrections.attribution.patch import PATCH_OPTIONS, parse_patch

FileStatus = tuple[bytes, bytes]
"""Git's status letter and the path."""
_NEW = 2**32 - 1
"""Stands for the merge itself while its parents are compared one after the other."""
_DELETED = b"D"


class _Merge(NamedTuple):
    """A merge and the trees of its parents.

    Attributes:
        number: of the merge.
    """

    root: str
    diff: CommitDiff
    parent_trees: Sequence[Tree]
    number: int


def merge_trees(
    root: str,
    diff: CommitDiff,
    parent_trees: Sequence[Tree],
    changed: Sequence[FileStatus],
    number: int,
) -> Tree:
    """The tree of a merge.

    Args:
        changed: what differs from the first parent.
        number: of the merge.

    Raises:
        GitError: an object is missing.
    """
    merge = _Merge(root, diff, parent_trees, number)
    tree = dict(parent_trees[0])
    for status, path in changed:
        if status == _DELETED:
            tree.pop(path, None)
    combined = {file.new_path for file in diff.files}
    taken = [path for status, path in changed if status != _DELETED and path not in combined]
    _take_from_other_parents(merge, tree, taken)
    for file in diff.files:
        if file.new_path is not None:
            tree[file.new_path] = _merge_file(merge, file)
    return tree


def _take_from_other_parents(merge: _Merge, tree: Tree, paths: Sequence[bytes]) -> None:
    """Files that differ from the first parent and are in no combined diff: another parent's."""
    commit, others = merge.diff.commit, merge.parent_trees[1:]
    differing: list[set[bytes]] = [set() for _ in others]
    # With two parents, and all contents present, it is the second one's.
    if paths and (len(others) > 1 or merge.diff.unknown):
        differing = [_differing(merge.root, sha, commit.sha) for sha in commit.parents[1:]]
    for path in paths:
        same = (old for old, names in zip(others, differing, strict=True) if path not in names)
        lines = next(same, {}).get(path)
        if lines is None:
            tree.pop(path, None)
        else:
            tree[path] = lines


def _differing(root: str, parent: str, sha: str) -> set[bytes]:
    out = run("diff-tree", "-r", "--raw", "-z", "--no-renames", parent, sha, "--", cwd=root)
    return {path for _, path in parse_statuses(out)}


def parse_statuses(raw: bytes) -> list[FileStatus]:
    """What raw diff output lists, without files of which only the mode changed."""
    fields = raw.lstrip(b"\n").split(b"\0")
    statuses = []
    for info, path in zip(fields[::2], fields[1::2], strict=False):
        if info.startswith(b":"):
            _, _, old, new, status = info.split(b" ")
            if old != new or status != b"M":
                statuses.append((status, path))
    return statuses


def _merge_file(merge: _Merge, file: FileDiff) -> array[int]:
    """A file that differs from every parent, or that the merge only renamed."""
    old_files = [
        None if path is None else tree.get(path, array("I"))
        for tree, path in zip(merge.parent_trees, file.old_paths, strict=True)
    ]
    *before, after = file.blobs
    same = [n for n, old in enumerate(old_files) if old is not None and before[n] == after]
    if same:
        # Only renamed. Like blame, prefer a parent in which it has the same name.
        parent = min(same, key=lambda n: (file.old_paths[n] != file.new_path, n))
        return old_files[parent] or array("I")
    if file.binary:
        return _merge_by_parent(merge, file, old_files)
    return _weave(old_files, file.combined, merge.number)


def _merge_by_parent(
    merge: _Merge, file: FileDiff, old_files: Sequence[array[int] | None]
) -> array[int]:
    """The lines of a file whose combined diff git does not print: compare with each parent."""
    sha = merge.diff.commit.sha
    candidates: list[array[int]] = []
    for parent, path, old in zip(merge.diff.commit.parents, file.old_paths, old_files, strict=True):
        paths = {name for name in (path, file.new_path) if name is not None}
        out = run("diff-tree", "-r", *PATCH_OPTIONS, parent, sha, "--", *paths, cwd=merge.root)
        diffs = [diff for diff in parse_patch(out) if diff.new_path == file.new_path]
        before = array("I") if old is None else old
        candidates.append(apply_hunks(before, diffs[0], _NEW) if diffs else before)
    count = max(map(len, candidates), default=0)
    padded = [[*lines, *[0] * (count - len(lines))] for lines in candidates]
    rows = zip(*padded, strict=True)
    return array("I", (next((n for n in row if n != _NEW), merge.number) for row in rows))


def _weave(
    old_files: Sequence[array[int] | None], hunks: Sequence[CombinedHunk], number: int
) -> array[int]:
    """The lines of a merged file from its combined diff."""
    lines: array[int] = array("I")
    # Between the hunks all parents are the same.
    base = next((n for n, old in enumerate(old_files) if old is not None), 0)
    base_file = old_files[base] or array("I")
    position = 0
    for hunk in hunks:
        extend_from(lines, base_file, position, hunk.starts[base])
        positions = list(hunk.starts)
        for line in hunk.lines:
            origin = _read_columns(line[: len(old_files)], old_files, positions, number)
            if origin is not None:
                lines.append(origin)
        position = positions[base]
    lines.extend(base_file[position:])
    return lines


def _read_columns(
    columns: bytes, old_files: Sequence[array[int] | None], positions: list[int], number: int
) -> int | None:
    """The origin of one line of a combined hunk; None for a removed line.

    Args:
        columns: one for each parent: "-" if the line was removed, " " if the parent has it, "+" if
            it does not.
        positions: the next line of each parent; moves on where the parent has the line.
    """
    removed = b"-" in columns
    parent_has_line = ord("-") if removed else ord(" ")
    origin = number
    for parent in reversed(range(len(columns))):
        if columns[parent] == parent_has_line:
            old = old_files[parent]
            if old is not None:
                origin = number_at(old, positions[parent])
            positions[parent] += 1
    return None if removed else origin
