"""The parts of a Markdown text that an edit can touch: headings, paragraphs, items, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from errata.lessons.elements import Element, flat, is_unreadable, shorten

if TYPE_CHECKING:
    from markdown_it.token import Token

EXTENSIONS = ("md", "markdown", "mdx", "mdc")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?")
_BLOCKS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "fence": "code",
    "code_block": "code",
    "tr_open": "row",
}


def elements(text: str, ranges: Sequence[tuple[int, int]]) -> list[Element]:
    """The elements of a Markdown text that reach into some lines (half-open, from 0)."""
    if not ranges or is_unreadable(text):
        return []
    from markdown_it import MarkdownIt

    # The parser takes a lone carriage return for a line end.
    tokens = MarkdownIt("commonmark").enable("table").parse(text.replace("\r", " "))
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    return [
        element._replace(
            start=starts[element.start], stop=starts[min(element.stop, len(starts) - 1)] - 1
        )
        for element in _elements(tokens)
        if any(element.start < stop and element.stop > start for start, stop in ranges)
    ]


def _elements(tokens: Sequence[Token]) -> Iterator[Element]:
    """The elements of all blocks; they start and stop at lines."""
    in_item = 0
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        in_item += (token.type == "list_item_open") - (token.type == "list_item_close")
        kind = _BLOCKS.get(token.type, "")
        if not kind or token.map is None:
            continue
        where = token.map[0], token.map[1]
        if kind == "code":
            yield Element(
                "code", shorten(token.info.split(" ")[0]), flat(token.content), "", *where
            )
            continue
        kind = "item" if kind == "paragraph" and in_item else kind
        inline = following if following is not None and following.type == "inline" else None
        yield Element(kind, "", flat(inline.content) if inline else "", "", *where)
        if inline:
            yield from _inline_elements(inline, where)


def _inline_elements(token: Token, where: tuple[int, int]) -> Iterator[Element]:
    for child in token.children or []:
        if child.type == "link_open":
            yield Element("link", shorten(str(child.attrs.get("href", ""))), "", "", *where)
    for emoji in _EMOJI.findall(token.content):
        yield Element("emoji", emoji, emoji, "", *where)
