"""The tokens of a file in a normal form: a formatter's output has the same ones.

A token belongs to a line, so that two versions of a file can be compared hunk by hunk.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

SPACE = "space"
"""The token for white space that means something."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# `//go:build` is an order to a compiler; with a space it would be a remark.
_MARKER = re.compile(
    r"^[ \t]*(?:/\*+|\*+(?=[\s/]|$)/?|#+(?!!)|//+(?!\w+:)[/!]*|--+|<!--)|\*+/\s*\Z|-->\s*\Z",
    re.MULTILINE,
)
_FRACTION = re.compile(r"(?<![\w.])(\d*)\.(\d*)(?![\w.]*\.)")


@dataclass(slots=True)
class TokenStream:
    """The tokens of one version of a file.

    Attributes:
        tokens: their normal form.
        lines: the line of each token, from 0.
        entries: half-open ranges of tokens, each one entry of something that lists things.
        comments: the words of comments with their line. A formatter may move a comment among the
            tokens of a statement.
        unordered: tokens whose order means nothing, with their line: the imports of a block.
    """

    tokens: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    entries: list[tuple[int, int]] = field(default_factory=list)
    comments: list[tuple[str, int]] = field(default_factory=list)
    unordered: list[tuple[str, int]] = field(default_factory=list)

    def add(self, token: str, line: int) -> None:
        """Append a token."""
        self.tokens.append(token)
        self.lines.append(line)

    def add_text(self, prefix: str, text: str, line: int) -> None:
        """Append a text that counts as it is, one token for each of its lines."""
        for number, part in enumerate(text.split("\n")):
            self.add(prefix + part, line + number)

    def add_words(self, prefix: str, text: str, line: int) -> None:
        """Append the words of a text; how they are wrapped means nothing."""
        for number, part in enumerate(text.split("\n")):
            for word in part.split():
                self.add(prefix + word, line + number)

    def add_comment(self, text: str, line: int) -> None:
        """Append the words of a comment."""
        for number, part in enumerate(_MARKER.sub("", text).split("\n")):
            self.comments += [(word, line + number) for word in part.split()]

    def extend(self, other: TokenStream, line: int) -> None:
        """Append what was read from a part of the text that begins at a line."""
        first = len(self.tokens)
        self.tokens += other.tokens
        self.lines += [line + number for number in other.lines]
        self.entries += [(first + start, first + stop) for start, stop in other.entries]
        self.comments += [(word, line + number) for word, number in other.comments]
        self.unordered += [(token, line + number) for token, number in other.unordered]

    def add_spaced_words(self, text: str, line: int) -> None:
        """Append words, with a token for white space between them and at the ends."""
        for number, part in enumerate(text.split("\n")):
            if number:
                self.add_space(line + number)
            if part[:1].isspace():
                self.add_space(line + number)
            for position, word in enumerate(part.split()):
                if position:
                    self.add(SPACE, line + number)
                self.add(word, line + number)
            if part.strip() and part[-1:].isspace():
                self.add_space(line + number)

    def add_space(self, line: int) -> None:
        """Append white space unless there is some already."""
        if not self.tokens or self.tokens[-1] != SPACE:
            self.add(SPACE, line)


Spans = list[tuple[int, int]]
"""Half-open ranges of lines, in order."""
Reader = Callable[[str, Spans | None], TokenStream]
"""Text of a file -> its tokens. What is on other lines than the given ones may be one token."""
ReadEmbedded = Callable[[str, str], TokenStream | None]
"""Name of a language, code in it -> its tokens; None if they cannot be read."""


def normal_number(text: str) -> str:
    """A number without its style: case, digit separators, needless zeros of a fraction."""
    number = text.lower().replace("_", "").replace("e+", "e")
    if number.startswith(("0x", "0b", "0o", "#")):
        return number
    return _FRACTION.sub(lambda m: f"{m[1] or '0'}.{m[2].rstrip('0')}", number)


def normal_text(content: str) -> str:
    """The content of a string literal as if no quote had to be escaped."""
    return _ESCAPE.sub(_normal_escape, content)


def _normal_escape(match: re.Match[str]) -> str:
    return match[1] if match[1] in "'\"" else match[0]
