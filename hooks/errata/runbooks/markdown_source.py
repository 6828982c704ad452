"""A Markdown file as bytes and as the parser's block tokens, with the same line numbers."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# The line ends of the parser: a lone CR is one; a form feed and U+2028 are not.
LINE_END = re.compile(rb"\r\n?|\n")
BOM = b"\xef\xbb\xbf"
INLINE_MAX = 1000
"""Characters of a block that are parsed: no name is longer, and brackets take the parser long."""


class MarkdownSource:
    """The bytes of a Markdown file.

    Attributes:
        data: the bytes.
        starts: offset of each line, and at the end the length of the data. Lines count from 0.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._definitions: dict[str, Any] = {}
        self.starts = [0, *(end.end() for end in LINE_END.finditer(data)), len(data)]

    def line(self, number: int) -> bytes:
        """A line without its end and without a byte order mark."""
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
        # To the parser a BOM is a letter. Replacing bytes that are not UTF-8 moves no line end.
        text = self.data.removeprefix(BOM).decode("utf-8", "replace")
        return _parser(False).parse(text, self._definitions)

    def inline(self, block: Token) -> list[Token]:
        """The inline tokens of one of the blocks, of its first :data:`INLINE_MAX` characters."""
        parsed = _parser(True).parseInline(block.content[:INLINE_MAX], self._definitions)
        return parsed[0].children or []


@cache
def _parser(inline: bool) -> MarkdownIt:
    """Created once: it keeps no state, and creating it takes longer than parsing a runbook."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    return parser if inline else parser.disable("inline")
