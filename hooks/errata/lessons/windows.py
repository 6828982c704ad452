"""The parts of a long text that are parsed: the lines around its hunks.

A parser takes time for all of a text, and for text that is not of its language, minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from errata.lessons.element import Ranges

MAX_LINE = 2_000
_WHOLE = 40_000
_BUDGET = 60_000
_WHOLE_JSON = 200_000
_BEFORE, _AFTER = 60, 20
_MAX_EXTENSION = 300


class Window(NamedTuple):
    """Some lines of a text.

    Attributes:
        text: the lines.
        first: number of the first one, from 0.
        start: where it begins in the whole text, in characters.
        ranges: the given ones, as far as they lie in the window, counted from its first line.
    """

    text: str
    first: int
    start: int
    ranges: Ranges


def windows_of(text: str, language: str, ranges: Ranges) -> Iterator[Window]:
    """The parts of a text to parse for what lies in some ranges of lines.

    Each begins and ends at the top level, as far as indentation shows it. At most about 60,000
    characters in all; lines that are too long for a parser are in no window.
    """
    whole = _WHOLE_JSON if language == "json" else _WHOLE
    lines = text.split("\n")
    spans = [(0, len(lines))] if len(text) <= whole else list(_spans(lines, ranges))
    budget, start, done = max(whole, _BUDGET), 0, 0
    for first, stop in spans:
        start += sum(len(line) + 1 for line in lines[done:first])
        done = first
        part = "\n".join(lines[first:stop])
        budget -= len(part)
        if budget < 0:
            return
        if max(map(len, lines[first:stop]), default=0) <= MAX_LINE:
            inside = [(max(a, first) - first, min(b, stop) - first) for a, b in ranges]
            yield Window(part, first, start, inside)


def _spans(lines: Sequence[str], ranges: Ranges) -> Iterator[tuple[int, int]]:
    """Around each range, from one line without indentation to another; merged."""
    done = 0
    for start, stop in ranges:
        if start >= stop or stop <= done:
            continue
        first = _outwards(lines, max(start - _BEFORE, 0), -1)
        end = _outwards(lines, min(stop + _AFTER, len(lines)), 1)
        yield max(first, done), end
        done = end


def _outwards(lines: Sequence[str], number: int, step: int) -> int:
    for _ in range(_MAX_EXTENSION):
        if not 0 < number < len(lines) or (lines[number][:1].strip(" \t})]")):
            break
        number += step
    return number
