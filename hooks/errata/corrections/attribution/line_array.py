"""One commit number for each line of a file."""

from __future__ import annotations

from array import array

from errata.corrections.attribution.diff import FileDiff

Tree = dict[bytes, "array[int]"]
"""Path -> commit number of each line. An array may be shorter than the file: the rest is 0."""


def apply_hunks(old: array[int], diff: FileDiff, number: int) -> array[int]:
    """The numbers after a diff whose new lines have ``number``; ``old`` stays as it is."""
    if not diff.hunks:
        return old
    lines = old[:]
    for hunk in reversed(diff.hunks):
        if hunk.stop > len(lines):
            lines.extend([0] * (hunk.stop - len(lines)))
        lines[hunk.start : hunk.stop] = array("I", [number]) * len(hunk.new)
    return lines


def extend_from(lines: array[int], old: array[int], start: int, stop: int) -> None:
    """Append ``old[start:stop]``, with 0 for lines beyond its end."""
    part = old[start:stop]
    lines.extend(part)
    if stop - start > len(part):
        lines.extend([0] * (stop - start - len(part)))


def number_at(lines: array[int], index: int) -> int:
    """The number of a line."""
    return lines[index] if index < len(lines) else 0
