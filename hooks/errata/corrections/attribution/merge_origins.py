"""Line origins of a merge: each line comes from the first parent that has it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from errata.core.git import run
from errata.corrections.attribution.diff import CombinedHunk, CommitDiff, FileDiff
from errata.corrections.attribution.file_lines import FileLines, Tree, line_key, replace_lines
from errata.corrections.attribution.moved_lines import MovedLines, take_moved_blocks
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
        moved: gets the lines that the merge moves.
    """

    root: str
    diff: CommitDiff
    parent_trees: Sequence[Tree]
    number: int
    moved: MovedLines


def merge_trees(
    root: str,
    diff: CommitDiff,
    parent_trees: Sequence[Tree],
    changed: Sequence[FileStatus],
    number: int,
    moved: MovedLines,
) -> Tree:
    """The tree of a merge.

    Args:
        changed: what differs from the first parent.
        number: of the merge.
        moved: gets the lines that the merge moves.

    Raises:
        GitError: an object is missing.
    """
    merge = _Merge(root, diff, parent_trees, number, moved)
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


def _merge_file(merge: _Merge, file: FileDiff) -> FileLines:
    """A file that differs from every parent, or that the merge only renamed."""
    old_files = [
        None if path is None else tree.get(path, FileLines())
        for tree, path in zip(merge.parent_trees, file.old_paths, strict=True)
    ]
    *before, after = file.blobs
    same = [n for n, old in enumerate(old_files) if old is not None and before[n] == after]
    if same:
        # Only renamed. Like blame, prefer a parent in which it has the same name.
        parent = min(same, key=lambda n: (file.old_paths[n] != file.new_path, n))
        return old_files[parent] or FileLines()
    if file.binary:
        return _merge_by_parent(merge, file, old_files)
    lines = _weave(old_files, file.combined, merge.number)
    for old in old_files:
        if old is not None:
            take_moved_blocks(lines, old, merge.number, merge.moved)
    return lines


def _merge_by_parent(
    merge: _Merge, file: FileDiff, old_files: Sequence[FileLines | None]
) -> FileLines:
    """The lines of a file whose combined diff git does not print: compare with each parent."""
    sha = merge.diff.commit.sha
    candidates: list[FileLines] = []
    for parent, path, old in zip(merge.diff.commit.parents, file.old_paths, old_files, strict=True):
        paths = {name for name in (path, file.new_path) if name is not None}
        out = run("diff-tree", "-r", *PATCH_OPTIONS, parent, sha, "--", *paths, cwd=merge.root)
        diffs = [diff for diff in parse_patch(out) if diff.new_path == file.new_path]
        before = FileLines() if old is None else old
        candidates.append(replace_lines(before, diffs[0].hunks, _NEW) if diffs else before)
    count = max(map(len, candidates), default=0)
    rows = zip(*(lines.part(0, count).numbers for lines in candidates), strict=True)
    numbers = (next((n for n in row if n != _NEW), merge.number) for row in rows)
    return FileLines(array("I", numbers), candidates[0].part(0, count).keys)


def _weave(
    old_files: Sequence[FileLines | None], hunks: Sequence[CombinedHunk], number: int
) -> FileLines:
    """The lines of a merged file from its combined diff."""
    lines = FileLines()
    # Between the hunks all parents are the same.
    base = next((n for n, old in enumerate(old_files) if old is not None), 0)
    base_file = old_files[base] or FileLines()
    position = 0
    for hunk in hunks:
        lines.extend(base_file.part(position, hunk.starts[base]))
        positions = list(hunk.starts)
        for line in hunk.lines:
            origin = _read_columns(line[: len(old_files)], old_files, positions, number)
            if origin is not None:
                lines.append(origin, line_key(line[len(old_files) :]))
        position = positions[base]
    lines.extend(base_file.part(position, len(base_file)))
    return lines


def _read_columns(
    columns: bytes, old_files: Sequence[FileLines | None], positions: list[int], number: int
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
                index = positions[parent]
                origin = old.numbers[index] if index < len(old) else 0
            positions[parent] += 1
    return None if removed else origin
