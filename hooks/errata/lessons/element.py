"""The parts of a text that an edit can touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Element(NamedTuple):
    """One part of a program or document.

    Attributes:
        kind: of element: call, import, comment, string, condition, and so on.
        subject: its name, as far as it has one; white space is normalised.
        text: all of it, with normalised white space; the beginning, if it is long.
        owner: what it belongs to: the callee of an argument, the assertion around a literal,
            "function" for an import inside one.
        start, stop: where it stands in the text, in characters.
        first, last: its lines, from 0; the last one belongs to it.
        hunk: number of the range of lines in which it lies.
    """

    kind: str
    subject: str
    text: str
    owner: str = ""
    start: int = 0
    stop: int = 0
    first: int = 0
    last: int = 0
    hunk: int = 0


Ranges = Sequence[tuple[int, int]]
"""Half-open ranges of lines, from 0; empty ones hold nothing."""
