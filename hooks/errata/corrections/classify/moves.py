"""Blocks of lines that a commit moves word for word, within a file or to another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from errata.corrections.attribution.diff import FileDiff, Hunk

MIN_LINES = 3
MIN_CHARACTERS = 20
"""Letters and digits of a block; as in git, shorter ones prove nothing."""
_MAX_LINES = 50_000
_MAX_CANDIDATES = 20


@dataclass(slots=True)
class Moves:
    """Which lines of hunks were moved; indices of lines by the id of the hunk."""

    taken: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    put: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one side of a hunk that are not blank.

    Attributes:
        indices: of these lines in the hunk.
    """

    diff: FileDiff
    hunk: Hunk
    indices: Sequence[int]
    lines: Sequence[bytes]


def find_moves(files: Sequence[FileDiff]) -> Moves:
    """The lines that a commit takes from one place and puts into another; indentation may change.

    A block counts from three lines on; in another file, also if it is all that a hunk removes.
    """
    moves = Moves()
    added = [*_blocks(files, new=True)]
    if sum(len(block.lines) for block in added) > _MAX_LINES:
        return moves
    places: dict[bytes, list[tuple[_Block, int]]] = defaultdict(list)
    for block in added:
        for position, line in enumerate(block.lines):
            places[line].append((block, position))
    for block in _blocks(files, new=False):
        _find_in_block(block, places, moves)
    return moves


def _blocks(files: Sequence[FileDiff], new: bool) -> Iterator[_Block]:
    for diff in files:
        for hunk in diff.hunks if not diff.binary else ():
            stripped = [line.strip() for line in (hunk.new if new else hunk.old)]
            indices = [index for index, line in enumerate(stripped) if line]
            if indices:
                yield _Block(diff, hunk, indices, [stripped[index] for index in indices])


def _find_in_block(
    block: _Block, places: dict[bytes, list[tuple[_Block, int]]], moves: Moves
) -> None:
    position = 0
    while position < len(block.lines):
        target, start, length = _longest_match(block, position, places)
        if target is not None and _is_enough(block, position, length, target):
            indices = block.indices[position : position + length]
            moves.taken[id(block.hunk)].update(indices)
            moves.put[id(target.hunk)].update(target.indices[start : start + length])
        position += max(1, length)


def _longest_match(
    block: _Block, position: int, places: dict[bytes, list[tuple[_Block, int]]]
) -> tuple[_Block | None, int, int]:
    """Where most of the lines from a position on were put: block, position, and how many."""
    best: tuple[_Block | None, int, int] = (None, 0, 0)
    for target, start in places.get(block.lines[position], ())[:_MAX_CANDIDATES]:
        if target.hunk is block.hunk:
            continue
        length = 0
        for old_line, new_line in zip(block.lines[position:], target.lines[start:], strict=False):
            if old_line != new_line:
                break
            length += 1
        if length > best[2]:
            best = (target, start, length)
    return best


def _is_enough(block: _Block, position: int, length: int, target: _Block) -> bool:
    text = b"".join(block.lines[position : position + length]).decode("utf-8", "replace")
    is_whole = target.diff is not block.diff and length == len(block.lines)
    return (length >= MIN_LINES or is_whole) and sum(map(str.isalnum, text)) >= MIN_CHARACTERS
