"""Which commit wrote each line: blame for every file at once, in one forward pass over history.

Each commit's tree is a dict from path to an array with one commit number per line. A commit changes
a few of them and shares the rest with its parent; a tree is dropped when no child needs it.
Numbers are positions in :attr:`Origins.commits`; 0 stands for everything older than what was read,
and lines beyond the end of an array are of that kind too, so a pass may begin anywhere in history.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from errata.corrections.stream import Change, Combined, FileDiff, Log
from errata.git import run_status
from errata.provenance.commits import Commit

Tree = dict[bytes, "array[int]"]


class Origins:
    """A forward pass over a range of history.

    Attributes:
        commits: every commit seen, by number; the first is None, for what is older.
    """

    def __init__(
        self, root: str, revisions: Sequence[str], without: Collection[bytes] = ()
    ) -> None:
        self.commits: list[Commit | None] = [None]
        self._root = root
        self._revisions = revisions
        self._trees: dict[str, Tree] = {}
        self.log = Log(root, revisions, without)

    def __iter__(self) -> Iterator[tuple[Change, Tree]]:
        """Each commit with the tree of its first parent; the tree must not be changed."""
        waiting = _children(self._root, self._revisions)
        merges = _merges(self._root, self._revisions)
        for change in self.log:
            commit = change.commit
            parents = [self._trees.get(parent, {}) for parent in commit.parents] or [{}]
            yield change, parents[0]
            number = len(self.commits)
            self.commits.append(commit)
            for parent in commit.parents:
                waiting[parent] -= 1
            first = commit.parents[0] if commit.parents else ""
            # A tree that nobody else waits for is changed in place.
            tree = parents[0] if first and waiting[first] <= 0 else dict(parents[0])
            if len(commit.parents) > 1:
                _adopt(tree, parents, next(merges, (commit.sha, []))[1], change)
                for diff in change.files:
                    _merge(tree, parents, diff, number)
            else:
                _apply(tree, change.files, number)
            for parent in commit.parents:
                if waiting[parent] <= 0:
                    self._trees.pop(parent, None)
            if waiting[commit.sha] > 0:
                self._trees[commit.sha] = tree

    def tree(self, sha: str) -> Tree:
        """The tree of a commit that is still waited for (a tip has no child, so ask before)."""
        return self._trees[sha]


def _children(root: str, revisions: Sequence[str]) -> Counter[str]:
    """How many children in the range each commit has."""
    out = _git(root, "rev-list", "--parents", "--end-of-options", *revisions, "--")
    counts: Counter[str] = Counter()
    for line in out.decode().splitlines():
        counts.update(line.split()[1:])
    return counts


def _merges(root: str, revisions: Sequence[str]) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Merges in the order of the log, each with (status, path) of what differs from parent 1."""
    out = _git(
        root,
        "log",
        "--reverse",
        "--topo-order",
        "--merges",
        "--diff-merges=first-parent",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-show-signature",
        "--no-notes",
        "--format=%x01%H",
        "--end-of-options",
        *revisions,
        "--",
    )
    for part in out.split(b"\x01")[1:]:
        sha, _, rest = part.partition(b"\0")
        fields = rest.lstrip(b"\n").split(b"\0")
        pairs = zip(fields[::2], fields[1::2], strict=False)
        yield sha.decode().strip(), [(info[-1:], path) for info, path in pairs if info[:1] == b":"]


def _git(root: str, *args: str, stdin: bytes | None = None) -> bytes:
    return run_status(*args, cwd=root, stdin=stdin)[1]


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


def _adopt(
    tree: Tree, parents: list[Tree], differing: list[tuple[bytes, bytes]], change: Change
) -> None:
    """Files of a merge that differ from the first parent but equal another one: take them whole."""
    combined = {diff.new_path for diff in change.files}
    for status, path in differing:
        if status == b"D":
            tree.pop(path, None)
        elif path not in combined:
            for parent in parents[1:]:
                if path in parent:
                    tree[path] = parent[path]
                    break
            else:
                tree.pop(path, None)


def _merge(tree: Tree, parents: list[Tree], diff: FileDiff, number: int) -> None:
    """A file that differs from every parent: each line from the first parent that has it."""
    if diff.new_path is None:
        return
    paths = (
        diff.old_paths if len(diff.old_paths) == len(parents) else [diff.new_path] * len(parents)
    )
    olds = [
        parent.get(path, array("I")) if path is not None else array("I")
        for parent, path in zip(parents, paths, strict=True)
    ]
    if diff.combined:
        tree[diff.new_path] = _weave(olds, diff.combined, number)


def _weave(olds: list[array[int]], hunks: list[Combined], number: int) -> array[int]:
    lines: array[int] = array("I")
    position = 0
    width = len(olds)
    for hunk in hunks:
        _take(lines, olds[0], position, hunk.starts[0])
        at = list(hunk.starts)
        for line in hunk.lines:
            columns = line[:width]
            origin = None
            removed = b"-" in columns
            for parent, column in enumerate(columns):
                here = column == 45 if removed else column == 32
                if here:
                    if origin is None and not removed:
                        origin = _at(olds[parent], at[parent])
                    at[parent] += 1
            if not removed:
                lines.append(number if origin is None else origin)
        position = at[0]
    lines.extend(olds[0][position:])
    return lines


def _take(lines: array[int], old: array[int], start: int, stop: int) -> None:
    part = old[start:stop]
    lines.extend(part)
    if stop - start > len(part):
        lines.extend([0] * (stop - start - len(part)))


def _at(lines: array[int], index: int) -> int:
    return lines[index] if index < len(lines) else 0


def missing_paths(root: str, revisions: Sequence[str]) -> set[bytes]:
    """Paths that once had content which is not in this clone (partial, or damaged)."""
    out = _git(
        root,
        *("log", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--format="),
        *("--end-of-options", *revisions, "--"),
    )
    wanted: dict[bytes, set[bytes]] = {}
    fields = iter(out.split(b"\0"))
    for info in fields:
        if b":" in info[:2]:
            path = next(fields, b"")
            old_mode, new_mode, old, new, _ = info.lstrip(b"\n:").split(b" ")
            for mode, blob in ((old_mode, old), (new_mode, new)):
                if mode not in (b"000000", b"160000"):
                    wanted.setdefault(blob, set()).add(path)
    asked = b"".join(blob + b"\n" for blob in wanted)
    answer = _git(root, "cat-file", "--batch-check=%(objectname)", stdin=asked)
    gone = (line.split()[0] for line in answer.splitlines() if line.endswith(b" missing"))
    return {path for blob in gone for path in wanted[blob]}
