"""Blocks of lines that a commit took from elsewhere in its parent's file, as ``git blame -M``."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from errata.corrections.attribution.file_lines import FileLines, letters

_MIN_LETTERS = 20
"""The letters and digits that a block needs; git's default."""
_MAX_PAIRS = 200_000
"""How many pairs of equal lines are followed in one hunk; beyond, common lines move nothing."""
_FIRST_NUMBER = 1 << 31
"""Numbers from here on stand for moved lines, smaller ones for commits."""


class Block(NamedTuple):
    """Successive lines that are equal in the added lines and in the parent's file."""

    start: int
    source: int
    lines: int


class MovedLines:
    """All lines that commits of one history moved.

    A moved line has a number of its own, which leads to the commit that moved it and to the
    number it had before. Which of them counts is decided when somebody asks: as in blame, what is
    left of the block in that version must be large enough.
    """

    def __init__(self) -> None:
        self._movers = array("I")
        self._sources = array("I")

    def add(self, mover: int, sources: array[int]) -> array[int]:
        """The numbers of successive lines that a commit moved, and that had ``sources`` before."""
        first = _FIRST_NUMBER + len(self._movers)
        self._sources.extend(sources)
        # The unused number after a block separates it from the next.
        self._sources.append(0)
        self._movers.extend([mover] * (len(sources) + 1))
        return array("I", range(first, first + len(sources)))

    def commit_numbers(self, lines: FileLines) -> array[int]:
        """The number of the commit that wrote each line."""
        numbers = lines.numbers
        while numbers and max(numbers) >= _FIRST_NUMBER:
            numbers = self._one_move_back(numbers, lines.keys)
        return numbers

    def _one_move_back(self, numbers: array[int], keys: Sequence[int]) -> array[int]:
        earlier = numbers[:]
        stop = 0
        # Most lines were not moved.
        for start in [place for place, n in enumerate(numbers) if n >= _FIRST_NUMBER]:
            if start < stop:
                continue
            first = numbers[start]
            stop = start + 1
            while stop < len(numbers) and numbers[stop] - first == stop - start:
                stop += 1
            enough = sum(map(letters, keys[start:stop])) >= _MIN_LETTERS
            index = first - _FIRST_NUMBER
            before = self._sources if enough else self._movers
            earlier[start:stop] = before[index : index + stop - start]
        return earlier


def is_moved(number: int) -> bool:
    """Whether a number stands for a moved line, and not for a commit."""
    return number >= _FIRST_NUMBER


def take_moved_blocks(new: FileLines, parent: FileLines, number: int, moved: MovedLines) -> None:
    """Find the blocks that a commit, whose lines have ``number``, moved within a file."""
    runs = [*_runs(new.numbers, number)] if number and len(parent) else []
    added = [new.keys[start:stop] for start, stop in runs]
    for (start, _), blocks in zip(runs, moved_blocks(added, parent.keys), strict=True):
        for block in blocks:
            source = parent.part(block.source, block.source + block.lines)
            first = start + block.start
            new.numbers[first : first + block.lines] = moved.add(number, source.numbers)


def _runs(numbers: array[int] | bytearray, number: int) -> Iterator[tuple[int, int]]:
    """The ranges of successive lines that have ``number``."""
    stop = 0
    while True:
        try:
            start = numbers.index(number, stop)
        except ValueError:
            return
        stop = start + 1
        while stop < len(numbers) and numbers[stop] == number:
            stop += 1
        yield start, stop


def moved_blocks(runs: Sequence[Sequence[int]], parent: Sequence[int]) -> list[list[Block]]:
    """For each run of added lines, the blocks that the parent's file has, too.

    Args:
        runs: the keys of successive lines.
        parent: the keys of all lines of the parent's file.
    """
    large = [run for run in runs if sum(map(letters, run)) >= _MIN_LETTERS]
    common = set().union(*large).intersection(parent) if large else set()
    # Lines without letters are only looked at beside others.
    common = {key for key in common if letters(key)}
    if not common:
        return [[] for _ in runs]
    positions: dict[int, list[int]] = {key: [] for key in common}
    for index, key in enumerate(parent):
        if key in common:
            positions[key].append(index)
    pairs = sum(len(positions.get(key, ())) for run in runs for key in run)
    if pairs > _MAX_PAIRS:
        limit = _MAX_PAIRS // sum(map(len, runs))
        positions = {key: places for key, places in positions.items() if len(places) <= limit}
    return [_largest_blocks(run, parent, positions) for run in runs]


def _largest_blocks(
    added: Sequence[int], parent: Sequence[int], positions: Mapping[int, Sequence[int]]
) -> list[Block]:
    """The block with the most letters, then those above and below it, and so on."""
    totals = [0, *accumulate(map(letters, added))]
    waiting = [*_equal_blocks(added, parent, positions, totals)]
    heapify(waiting)
    taken = bytearray(len(added))
    blocks: list[Block] = []
    while waiting and -waiting[0][0] >= _MIN_LETTERS:
        _, start, source, lines = heappop(waiting)
        if not any(taken[start : start + lines]):
            taken[start : start + lines] = b"\1" * lines
            blocks.append(Block(start, source, lines))
            continue
        for first, stop in _runs(taken[start : start + lines], 0):
            score = totals[start + first] - totals[start + stop]
            heappush(waiting, (score, start + first, source + first, stop - first))
    return blocks


def _equal_blocks(
    added: Sequence[int],
    parent: Sequence[int],
    positions: Mapping[int, Sequence[int]],
    totals: Sequence[int],
) -> Iterator[tuple[int, int, int, int]]:
    """The blocks that cannot be made longer and have enough letters.

    Yields minus the number of letters, then the fields of :class:`Block`. This is the innermost
    loop of a backfill: a file may have thousands of pairs of equal short lines.

    Args:
        totals: how many letters there are above each added line.
    """
    count, size = len(added), len(parent)
    # Distance between both texts -> where the last block with that distance ends.
    ends: dict[int, int] = {}
    for index, key in enumerate(added):
        for position in positions.get(key, ()):
            distance = position - index
            end = ends.get(distance, 0)
            if end > index:
                continue
            start, stop = index, index + 1
            while start > end and position > 0 and added[start - 1] == parent[position - 1]:
                start -= 1
                position -= 1
            while (
                stop < count and stop + distance < size and added[stop] == parent[stop + distance]
            ):
                stop += 1
            ends[distance] = stop
            if totals[stop] - totals[start] >= _MIN_LETTERS:
                yield totals[start] - totals[stop], start, start + distance, stop - start
