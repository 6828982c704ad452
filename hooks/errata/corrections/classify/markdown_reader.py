"""The tokens of Markdown, which has many spellings for the same content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from errata.corrections.classify import yaml_reader
from errata.corrections.classify.token_stream import SPACE, ReadEmbedded, TokenStream

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)


def read(text: str, read_embedded: ReadEmbedded) -> TokenStream:
    """The tokens of Markdown: blocks, the words in them, and the tokens of code.

    Raises:
        ValueError: what looks like front matter is not YAML.
    """
    stream = TokenStream()
    front = _FRONT_MATTER.match(text)
    if front is not None:
        stream.extend(yaml_reader.read(front[1]), 1)
        text = text[front.end() :]
    body = _MarkdownReader(read_embedded).read(text)
    stream.extend(body, front[0].count("\n") if front else 0)
    return stream


class _MarkdownReader:
    def __init__(self, read_embedded: ReadEmbedded) -> None:
        self._read_embedded = read_embedded
        self._stream = TokenStream()
        self._line = 0
        # The first token of each open list item.
        self._items: list[int] = []

    def read(self, text: str) -> TokenStream:
        from markdown_it import MarkdownIt

        environment: dict[str, dict[str, dict[str, object]]] = {}
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        for token in parser.parse(text, environment):
            self._line = token.map[0] if token.map else self._line
            self._add_block(token)
        for label, target in environment.get("references", {}).items():
            where = target.get("map")
            line = where[0] if isinstance(where, list) else 0
            definition = f"[{label}]: {target.get('href')} {target.get('title')}"
            self._stream.unordered.append((definition, line))
        return self._stream

    def _add_block(self, token: Token) -> None:
        stream = self._stream
        if token.type == "list_item_open":
            self._items.append(len(stream.tokens))
        if token.type == "inline":
            self._add_inline(token.children or [])
        elif token.type in ("fence", "code_block"):
            self._add_code(token)
        elif token.type == "html_block":
            stream.add_text("=", token.content.strip("\n"), self._line)
        else:
            stream.add(_tag(token), self._line)
        if token.type == "list_item_close":
            stream.entries.append((self._items.pop(), len(stream.tokens)))

    def _add_code(self, token: Token) -> None:
        info = token.info.strip()
        self._stream.add(f"<code {info}>", self._line)
        first = self._line + (token.type == "fence")
        code = self._read_embedded(info.partition(" ")[0].lower(), token.content) if info else None
        if code is None:
            self._stream.add_text("=", token.content.rstrip("\n"), first)
        else:
            self._stream.extend(code, first)
        self._line = first + token.content.count("\n")

    def _add_inline(self, children: list[Token]) -> None:
        stream = self._stream
        for child in children:
            if child.type == "text":
                stream.add_spaced_words(child.content, self._line)
            elif child.type == "softbreak":
                stream.add_space(self._line)
            else:
                stream.add(_tag(child) + child.content, self._line)
            self._line += child.type in ("softbreak", "hardbreak")
        if stream.tokens and stream.tokens[-1] == SPACE:
            stream.tokens.pop()
            stream.lines.pop()


def _tag(token: Token) -> str:
    attributes = sorted(f"{key}={value}" for key, value in token.attrs.items())
    return f"<{token.type} {token.tag} {' '.join(attributes)}>"
