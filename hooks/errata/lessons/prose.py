"""The parts of a Markdown text that an edit can touch: headings, paragraphs, items, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from errata.lessons.element import Element, Ranges
from errata.lessons.texts import flat, shorten
from errata.lessons.windows import Window, windows_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINK = re.compile(r"\]\(<?([^)\s>]+)")
_MAX_ELEMENTS = 600
EXTENSIONS = ("md", "markdown", "mdx", "mdc")
_BLOCKS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "fence": "code",
    "code_block": "code",
    "tr_open": "row",
}


def elements(text: str, ranges: Ranges) -> list[Element]:
    """The elements of a Markdown text that reach into some lines."""
    if not any(start < stop for start, stop in ranges):
        return []
    windows = windows_of(text, "markdown", ranges)
    return [element for window in windows for element in _window_elements(window)][:_MAX_ELEMENTS]


def _window_elements(window: Window) -> Iterator[Element]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    # The parser takes a lone carriage return for a line end.
    tokens = parser.parse(window.text.replace("\r", " "))
    lengths = (len(line) + 1 for line in window.text.split("\n"))
    starts = list(accumulate(lengths, initial=window.start))
    for element in _elements(tokens):
        if (hunk := _hunk_of(element, window.ranges)) >= 0:
            yield element._replace(
                start=starts[element.first],
                stop=starts[min(element.last + 1, len(starts) - 1)] - 1,
                first=element.first + window.first,
                last=element.last + window.first,
                hunk=hunk,
            )


def _hunk_of(element: Element, ranges: Ranges) -> int:
    pairs = enumerate(ranges)
    return next((i for i, (a, b) in pairs if a < b and element.first < b and element.last >= a), -1)


def _elements(tokens: Sequence[Token]) -> Iterator[Element]:
    in_item = 0
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        in_item += (token.type == "list_item_open") - (token.type == "list_item_close")
        kind = _BLOCKS.get(token.type, "")
        if not kind or token.map is None:
            continue
        where = token.map[0], token.map[1]
        if kind == "code":
            yield _element("code", shorten(token.info.split(" ")[0]), flat(token.content), where)
            continue
        kind = "item" if kind == "paragraph" and in_item else kind
        inline = following if following is not None and following.type == "inline" else None
        yield _element(kind, "", flat(inline.content) if inline else "", where)
        if inline:
            yield from _links(inline.content, where)


def _links(text: str, where: tuple[int, int]) -> Iterator[Element]:
    for target in _LINK.findall(text):
        yield _element("link", "", shorten(target), where)


def _element(kind: str, subject: str, text: str, where: tuple[int, int]) -> Element:
    return Element(kind, subject, text, first=where[0], last=where[1] - 1)
