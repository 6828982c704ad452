"""Text with colours of a terminal, as a picture in SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_CELL, _LINE, _SIZE, _MARGIN, _BAR = 8.4, 19, 14, 16, 30
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#d29922", "36": "#76e3ea"}
_CODE = re.compile(r"\x1b\[([\d;]*)m")


def runs(line: str) -> Iterator[tuple[int, str, str, bool]]:
    """The parts of a line between changes of style: column, text, colour ("" for none), bold.

    Raises:
        ValueError: a style that a picture cannot show.
    """
    column, colour, bold = 0, "", False
    for number, part in enumerate(_CODE.split(line)):
        if number % 2 == 0:
            if part:
                yield column, part, colour, bold
            column += len(part)
            continue
        for code in part.split(";"):
            if code in ("", "0"):
                colour, bold = "", False
            elif code == "1":
                bold = True
            elif code in _COLOURS:
                colour = _COLOURS[code]
            else:
                raise ValueError(f"no picture of the style {code}")


def draw(text: str, title: str) -> str:
    """The picture of what a terminal shows, with a title that screen readers say."""
    lines = text.rstrip("\n").split("\n")
    columns = max(len(_CODE.sub("", line)) for line in lines)
    width = round(columns * _CELL) + 2 * _MARGIN
    height = len(lines) * _LINE + 2 * _MARGIN + _BAR
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(title)}</title>',
            f"<style>text {{ font: {_SIZE}px {_FONT}; fill: #e6edf3; white-space: pre; }} "
            ".bold { font-weight: 700; }</style>",
            f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>',
            *(
                f'<circle cx="{22 + 20 * n}" cy="20" r="6" fill="{colour}"/>'
                for n, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
            ),
            *_texts(lines),
            "</svg>\n",
        ]
    )


def _texts(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        base = _BAR + _MARGIN + number * _LINE + _SIZE
        for column, part, colour, bold in runs(line):
            if not part.strip():
                continue
            indent = len(part) - len(part.lstrip())
            shown = part.strip()
            style = ' class="bold"' * bold + (f' style="fill: {colour}"' if colour else "")
            # The length keeps the columns, whatever font the reader's machine has.
            yield (
                f'<text x="{_MARGIN + (column + indent) * _CELL:.1f}" y="{base}"{style} '
                f'textLength="{len(shown) * _CELL:.1f}" lengthAdjust="spacingAndGlyphs" '
                f'xml:space="preserve">{escape(shown, quote=False)}</text>'
            )
