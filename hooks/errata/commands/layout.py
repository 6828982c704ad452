"""Text and tables that fit a width in cells: a wide character takes two, a combining one none."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

NARROWEST, WIDEST = 60, 200
_LEAST_TEXT = 20
"""The least width to wrap the last column of a table in."""
_WIDE = "\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60"
# A command in backticks is never broken; Chinese and Japanese have no spaces: break anywhere.
# Compiled only when something is wrapped: that takes as long as to import three modules.
_WORD = rf"\s*(?:`[^`]*`[^\s`]*|[{_WIDE}]|[^\s{_WIDE}`]+|`)"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading; a table in which no column has one has no line of headings.
        least: the least width, of a column of text only where there is space.
        gap: spaces after it.
        right: whether it is aligned at the right, as numbers are.
    """

    title: str = ""
    least: int = 0
    gap: int = 2
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a table, with its style as for ``click.style``."""

    text: str
    style: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: pieces of text that each have one style, spaces included."""

    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, *pieces: Cell) -> Line:
        """A line in which neighbours of one style are one piece."""
        runs = ([*run] for _, run in groupby(pieces, key=lambda piece: piece.style))
        return cls(tuple(Cell("".join(p.text for p in run), run[0].style) for run in runs))

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(cell.text for cell in self.cells).rstrip()


def terminal_width() -> int | None:
    """The width to fit, from COLUMNS or the terminal; None to leave lines as they are."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        width = int(columns)
    elif sys.stdout.isatty():
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns
        except OSError:
            return None
    else:
        return None
    return min(max(width, NARROWEST), WIDEST) if width else None


def cells(text: str) -> int:
    """The width of a text on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int | None) -> str:
    """The beginning of a text that fits, with an ellipsis where something is missing."""
    if width is None or cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[: max(len(text) - max(1, (cells(text) - width) // 2), 0)]
    return f"{text}…"


def wrap(text: str, width: int | None, hang: int | None = None) -> list[str]:
    """The lines of a text; all but the first are indented by ``hang`` (default: 2 more).

    A word that is wider than a line gets a line of its own, which the terminal breaks: what is
    copied from there has no line end in it.
    """
    if width is None or cells(text) <= width:
        return [text]
    if hang is None:
        hang = len(text) - len(text.lstrip(" ")) + 2
    lines, line = [], ""
    for word in re.findall(_WORD, text):
        if line.strip() and cells(line + word) > width:
            lines.append(line)
            line = " " * hang + word.lstrip()
        else:
            line += word
    return [*lines, line]


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], width: int | None, indent: int
) -> Iterator[list[Line]]:
    """The lines of each row, first those of the headings if there are any.

    Where the width is not enough, the last column is wrapped; where even that is not, a row takes
    two lines: the second begins below the widest column.
    """
    body = [[_cell(cell) for cell in row] for row in rows]
    widths, spacing = _widths(columns, body, width, indent)
    headings = [Cell(column.title, {"bold": True}) for column in columns]
    if any(column.title for column in columns):
        body.insert(0, headings)
    split = _split(widths, spacing, width, indent)
    second = indent + sum(widths[: split - 1]) + sum(spacing[: split - 1]) + 2 * (split == 1)
    for row in body:
        # Only the text in the last column may be wrapped; a name is copied from here.
        most = width if split == len(columns) else None
        first = _lines(columns[:split], row[:split], widths, spacing, most, indent)
        if split < len(columns):
            rest = row[split:], widths[split:], spacing[split:]
            first += _lines(columns[split:], *rest, width, second)
        yield first


def _cell(cell: str | Cell) -> Cell:
    return cell if isinstance(cell, Cell) else Cell(cell, {})


def _widths(
    columns: Sequence[Column], body: Sequence[Sequence[Cell]], width: int | None, indent: int
) -> tuple[list[int], list[int]]:
    """The width of each column and of the gap after it; least widths only where they fit."""
    natural = [
        max(
            [len(column.title), *(cells(row[at].text) for row in body)]
            + [column.least] * column.right
        )
        for at, column in enumerate(columns)
    ]
    least = [max(w, column.least) for w, column in zip(natural, columns, strict=True)]
    least[-1:] = natural[-1:]
    spacing = [column.gap for column in columns[:-1]] + [0]
    fits = width is None or indent + sum(least) + sum(spacing) <= width
    return (least if fits else natural), spacing


def _split(widths: Sequence[int], spacing: Sequence[int], width: int | None, indent: int) -> int:
    """How many columns the first line of a row has."""
    before = indent + sum(widths[:-1]) + sum(spacing)
    if width is None or before + widths[-1] <= width or before + _LEAST_TEXT <= width:
        return len(widths)
    return max(range(len(widths) - 1), key=lambda at: widths[at], default=0) + 1


def _lines(
    columns: Sequence[Column],
    row: Sequence[Cell],
    widths: Sequence[int],
    spacing: Sequence[int],
    width: int | None,
    indent: int,
) -> list[Line]:
    """A row, or a part of it, in one line and those that the last column needs in addition."""
    pieces, start = [Cell(" " * indent, row[0].style)], indent
    for column, cell, w, gap in zip(columns[:-1], row, widths, spacing, strict=False):
        space = " " * (w - cells(cell.text))
        text = space + cell.text if column.right else cell.text + space
        pieces.append(Cell(text + " " * gap, cell.style))
        start += w + gap
    last = row[-1]
    space_left = None if width is None else max(width - start, _LEAST_TEXT)
    first, *others = wrap(last.text, space_left, 0)
    more = [Line.of(Cell(" " * start, {}), Cell(text, last.style)) for text in others]
    return [Line.of(*pieces, Cell(first, last.style)), *more]
