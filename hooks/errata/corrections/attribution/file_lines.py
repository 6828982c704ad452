"""The lines of a file: for each the number of the commit that wrote it, and a key of its text."""

from __future__ import annotations

import string
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from errata.corrections.attribution.diff import Hunk

_SPACES = b" \t\r\n"
_NO_LETTERS_OR_DIGITS = bytes(
    set(range(256)).difference((string.ascii_letters + string.digits).encode())
)
_MAX_LETTERS = 63


def _numbers() -> array[int]:
    return array("I")


def _keys() -> array[int]:
    return array("q")


@dataclass(slots=True)
class FileLines:
    """The lines of a file; both arrays have one entry for each line.

    They may end before the file does: lines beyond their end are older than the range.

    Attributes:
        numbers: the commit that wrote the line; 0 is older than the range.
        keys: see :func:`line_key`.
    """

    numbers: array[int] = field(default_factory=_numbers)
    keys: array[int] = field(default_factory=_keys)

    @classmethod
    def written(cls, number: int, keys: Iterable[int]) -> FileLines:
        """Lines that one commit wrote."""
        key_array = array("q", keys)
        return cls(array("I", [number]) * len(key_array), key_array)

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, start: int, stop: int) -> FileLines:
        """The lines ``[start, stop)``; those beyond the end are unknown."""
        lines = FileLines(self.numbers[start:stop], self.keys[start:stop])
        lines.pad(stop - start)
        return lines

    def pad(self, count: int) -> None:
        """Append unknown lines until there are ``count``."""
        missing = count - len(self)
        if missing > 0:
            self.numbers.extend([0] * missing)
            self.keys.extend([0] * missing)

    def extend(self, other: FileLines) -> None:
        """Append the lines of another file."""
        self.numbers.extend(other.numbers)
        self.keys.extend(other.keys)

    def append(self, number: int, key: int) -> None:
        """Append one line."""
        self.numbers.append(number)
        self.keys.append(key)


def replace_lines(old: FileLines, hunks: Sequence[Hunk], number: int) -> FileLines:
    """The lines after hunks whose new lines have ``number``; ``old`` stays as it is."""
    new = old.part(0, max([len(old), *(hunk.stop for hunk in hunks)]))
    for hunk in reversed(hunks):
        added = FileLines.written(number, map(line_key, hunk.new))
        new.numbers[hunk.start : hunk.stop] = added.numbers
        new.keys[hunk.start : hunk.stop] = added.keys
    return new


Tree = dict[bytes, FileLines]
"""Path -> the lines of the file."""


def line_key(line: bytes) -> int:
    """A hash of a line without its whitespace; the last six bits hold :func:`letters`."""
    text = without_spaces(line)
    count = len(text.translate(None, _NO_LETTERS_OR_DIGITS))
    return hash(text) & ~_MAX_LETTERS | min(count, _MAX_LETTERS)


def without_spaces(line: bytes) -> bytes:
    """A line without what git takes for whitespace."""
    return line.translate(None, _SPACES)


def letters(key: int) -> int:
    """How many ASCII letters and digits a line has, at most 63."""
    return key & _MAX_LETTERS
