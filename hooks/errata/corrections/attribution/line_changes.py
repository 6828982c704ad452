"""Which commits' lines come and go on the main line of a history, as its trees tell.

The main line is the chain of first parents from the newest commit. A line comes when it is first in
a tree of this chain, whoever wrote it and on whatever branch, and goes when a later tree of the
chain lacks it. So nothing is counted that a branch wrote and dropped again before it was merged,
and a line that two branches remove goes once. Lines without a letter or digit do not count, nor do
generated files.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from errata.core.git import run
from errata.corrections.attribution.file_lines import FileLines, Tree, letters
from errata.corrections.attribution.moved_lines import MovedLines, is_moved
from errata.provenance.commits import Commit

Before = Mapping[bytes, FileLines | None]
"""The files that a commit changes, as its first parent has them; None where it has none."""
_EMPTY = FileLines()
_SMALLEST_STEP = 64
"""Where a search for a difference ends; the last few lines are compared one by one."""


class TreeObserver(Protocol):
    """Sees what each commit does to the trees of a forward pass."""

    def wants(self, commit: Commit) -> bool:
        """Whether a commit matters at all."""

    def observe(self, commit: Commit, before: Before, after: Tree, moved: MovedLines) -> None:
        """Take the next commit, with the files that it changed and its whole tree."""


def main_line(root: str, revisions: Sequence[str]) -> frozenset[str]:
    """The commits of the main line that leads to the first of some revisions.

    Raises:
        GitError: there is no such revision.
    """
    if not revisions:
        return frozenset()
    out = run("rev-list", "--first-parent", "--end-of-options", revisions[0], "--", cwd=root)
    return frozenset(out.decode().split())


def line_changes(
    before: Before,
    after: Mapping[bytes, FileLines],
    moved: MovedLines,
    is_left_out: Callable[[bytes], bool] = lambda _: False,
) -> Counter[int]:
    """How many lines of each commit, by number, come (above zero) or go (below zero)."""
    counts: Counter[int] = Counter()
    for path, lines in before.items():
        old, new = lines or _EMPTY, after.get(path, _EMPTY)
        if old is not new and not is_left_out(path):
            _count(counts, old, new, moved)
    return Counter({number: count for number, count in counts.items() if number and count})


def _count(counts: Counter[int], old: FileLines, new: FileLines, moved: MovedLines) -> None:
    start = _common_start(old.numbers, new.numbers)
    most = min(len(old), len(new)) - start
    end = min(most, _common_end(old.numbers, new.numbers))
    parts = [lines.numbers[start : len(lines) - end] for lines in (old, new)]
    if any(is_moved(number) for part in parts for number in part):
        # Whether a moved block still counts as moved depends on all that is left of it.
        start = end = 0
        parts = [moved.commit_numbers(lines) for lines in (old, new)]
    for lines, numbers, step in ((old, parts[0], -1), (new, parts[1], 1)):
        for number, key in zip(numbers, lines.keys[start : len(lines) - end], strict=True):
            if letters(key):
                counts[number] += step


def _common_start(old: array[int], new: array[int]) -> int:
    """How many numbers both begin with, found by comparing blocks of bytes."""
    limit = min(len(old), len(new))
    left, right = memoryview(old).cast("B"), memoryview(new).cast("B")
    size, low, step = old.itemsize, 0, limit
    while step > _SMALLEST_STEP:
        step //= 2
        while low + step <= limit and (
            left[low * size : (low + step) * size] == right[low * size : (low + step) * size]
        ):
            low += step
    while low < limit and old[low] == new[low]:
        low += 1
    return low


def _common_end(old: array[int], new: array[int]) -> int:
    """How many numbers both end with."""
    return _common_start(old[::-1], new[::-1])
