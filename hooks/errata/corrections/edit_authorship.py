"""A file whose lines have writers, and how edits change both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from errata.corrections.attribution.diff import Hunk, common_prefix

Lines = list[bytes]
OLD, PERSON = -2, -1
"""Writers beside the indices of edits: the parent's file, and whoever reported nothing."""
# Comparing two texts can cost the product of their lengths.
_MAX_PRODUCT = 4_000_000
_WORD = re.compile(rb"[\w\x80-\xff]")


class PersonEdit(NamedTuple):
    """What a person changed in an agent's lines.

    Attributes:
        lines, writers: the file before it.
    """

    hunks: list[Hunk]
    lines: Lines
    writers: list[int]


class TooLargeError(Exception):
    """Two versions differ too much to be compared line by line."""


@dataclass(slots=True)
class FileAuthorship:
    """The lines of a file and who wrote each.

    Attributes:
        writers: one for each line: OLD, PERSON or the index of an agent's edit.
        origins: the index of each line in the parent's file; -1 if it is not from there.
        removers: who removed a line of the parent's file, by its index there.
        person_edits: what a person changed in an agent's lines, in order.
        incomplete: whether a part of the agent's edits is missing that no person removed.
        without_edits: whether nothing of the agent's edits is left in the committed file.
    """

    lines: Lines
    writers: list[int]
    origins: list[int]
    removers: dict[int, int] = field(default_factory=dict)
    person_edits: list[PersonEdit] = field(default_factory=list)
    incomplete: bool = False
    without_edits: bool = False

    @classmethod
    def of_parent(cls, lines: Lines) -> FileAuthorship:
        """The file in the commit's parent; it has no lines if it is new."""
        return cls(lines, [OLD] * len(lines), list(range(len(lines))))

    def apply(self, new: Lines, writer: int) -> None:
        """Take the next version of the file, by one writer. Raises TooLargeError."""
        for hunk in reversed(compare(self.lines, new)):
            self.replace(hunk, [writer] * len(hunk.new), writer)

    def replay(self, before: Lines, after: Lines, writer: int) -> None:
        """Repeat an edit of another version of the file here, except where that is a conflict.

        Raises TooLargeError.
        """
        ours = compare(before, self.lines)
        for hunk in reversed(compare(before, after)):
            if any(own.start <= hunk.stop and hunk.start <= own.stop for own in ours):
                # It is here already, or it is a conflict.
                continue
            shift = sum(len(own.new) - len(own.old) for own in ours if own.stop <= hunk.start)
            moved = Hunk(hunk.start + shift, hunk.old, hunk.new)
            self.replace(moved, [writer] * len(hunk.new), writer)

    def replace(self, hunk: Hunk, writers: Sequence[int], remover: int) -> None:
        """Replace the old lines of a hunk; ``writers`` has one for each new line."""
        old = slice(hunk.start, hunk.stop)
        self.removers |= {line: remover for line in self.origins[old] if line >= 0}
        self.lines = [*self.lines[: hunk.start], *hunk.new, *self.lines[hunk.stop :]]
        self.writers[old] = writers
        self.origins[old] = [-1] * len(hunk.new)


def compare(old: Lines, new: Lines) -> list[Hunk]:
    """How one text becomes the other. Raises TooLargeError."""
    if old == new:
        return []
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old_middle) * len(new_middle) > _MAX_PRODUCT:
        raise TooLargeError
    import difflib

    matcher = difflib.SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    return [
        Hunk(head + start, old_middle[start:stop], new_middle[new_start:new_stop])
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]


def split(data: bytes) -> Lines:
    """The lines of a file, without line ends."""
    # Git may convert line endings: those on disk need not be the committed ones.
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    return lines if lines[-1] else lines[:-1]


def has_word(line: bytes) -> bool:
    """Whether a line has a word; brackets and empty lines are everywhere."""
    return _WORD.search(line) is not None
