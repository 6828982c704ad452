"""A Markdown file as bytes and as the parser's blocks, with one line count for both."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# What the parser takes for the end of a line: no form feed, no U+2028, but a lone CR.
LINE_END = re.compile(rb"\r\n?|\n")
BOM = b"\xef\xbb\xbf"
LOOKED_AT = 1000
"""No name is longer; and a line of nothing but brackets takes the parser long."""


class MarkdownSource:
    """The bytes of a Markdown file.

    Attributes:
        data: the bytes.
        starts: offset of each line, and at last the length of the data. Lines count from 0 here.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        # What links refer to, for the parser.
        self._definitions: dict[str, Any] = {}
        self.starts = [0, *(end.end() for end in LINE_END.finditer(data)), len(data)]

    def line(self, number: int) -> bytes:
        """A line without its end, nor a byte order mark."""
        line = self.data[self.starts[number] : self.starts[number + 1]].rstrip(b"\r\n")
        return line.removeprefix(BOM) if number == 0 else line

    def lines(self) -> list[bytes]:
        """All lines, with their ends and the byte order mark."""
        return [
            self.data[a:b] for a, b in zip(self.starts, self.starts[1:], strict=False) if a != b
        ]

    @cached_property
    def blocks(self) -> list[Token]:
        """The CommonMark tokens without inline ones; ``token.map`` counts lines as ``starts``."""
        # The parser takes a BOM for a letter. Replacing bytes that are not UTF-8 moves no line end.
        text = self.data.removeprefix(BOM).decode("utf-8", "replace")
        return _parser(False).parse(text, self._definitions)

    def inline(self, block: Token) -> list[Token]:
        """The inline tokens of one of the blocks, of its first :data:`LOOKED_AT` characters."""
        parsed = _parser(True).parseInline(block.content[:LOOKED_AT], self._definitions)
        return parsed[0].children or []


@cache
def _parser(inline: bool) -> MarkdownIt:
    """Made once: it keeps nothing of what it parses, and takes longer to make than a runbook."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    return parser if inline else parser.disable("inline")
