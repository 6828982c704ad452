"""What a commit added to a file: code, strings and comments apart, also without a whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from errata.corrections.classify.token_diff import lexer_for

if TYPE_CHECKING:
    from errata.corrections.attribution.diff import FileDiff

MAX_BYTES = 200_000
"""Of the lines that a commit adds to one file, or removes; further ones are not read."""
_MAX_LEXED = 60_000
_LINE_COMMENT = re.compile(r"(?m)^[ \t]*(?:#(?![!\[])|//|/\*|\*(?=[ \t/]|$)|<!--|--[ \t])[^\n]*")


class Lines:
    """Lines of one file, taken apart when that is asked for."""

    def __init__(self, path: str, lines: Iterable[bytes]) -> None:
        self._path = path
        self._lines = lines

    @cached_property
    def text(self) -> str:
        """All of it."""
        return _bounded(self._lines).decode("utf-8", "replace")

    def part(self, name: str) -> str:
        """The text, or only its code, comments, or code with strings (``string``)."""
        return self.text if name == "text" else self._parts[name]

    @cached_property
    def _parts(self) -> dict[str, str]:
        file = PurePosixPath(self._path)
        lexer = lexer_for(file.suffix.lower() or file.name)
        if lexer is None or len(self.text) > _MAX_LEXED:
            code = _LINE_COMMENT.sub("", self.text)
            comments = "\n".join(_LINE_COMMENT.findall(self.text))
            return {"code": code, "string": code, "comment": comments}
        parts: dict[str, list[str]] = {"code": [], "string": [], "comment": []}
        for token, value in lexer.get_tokens(self.text):
            for name, piece in _pieces(str(token), value):
                parts[name].append(piece)
        return {name: "".join(pieces) for name, pieces in parts.items()}


def _pieces(token: str, value: str) -> Iterable[tuple[str, str]]:
    """What a token adds to each part; lines stay lines."""
    ends = "\n" * value.count("\n")
    # A directive of a preprocessor is a comment to the lexer, and code to everybody else.
    if token.startswith("Token.Comment") and "Preproc" not in token:
        return (("code", ends), ("string", ends), ("comment", value))
    if token.startswith("Token.Literal.String") and not _is_cut(value):
        return (("code", ends or '"'), ("string", value), ("comment", ends))
    return (("code", value), ("string", value), ("comment", ends))


def _is_cut(value: str) -> bool:
    """Whether a string over several lines begins with something else than a quote.

    An apostrophe in the text of an element, for example.
    """
    return value[:1] in "'\"" and "\n" in value and value[:3] not in ("'''", '"""')


def added(file: FileDiff, moved: Mapping[bytes, int]) -> list[bytes]:
    """The lines that a commit adds to a file, without those that it removed elsewhere.

    Args:
        moved: see :func:`removed`.
    """
    lines = []
    used = Counter[bytes]()
    for hunk in file.hunks:
        for line in hunk.new:
            key = line.strip()
            if key and moved.get(key, 0) > used[key]:
                used[key] += 1
            else:
                lines.append(line)
    return lines


def removed(files: Iterable[FileDiff]) -> Counter[bytes]:
    """The lines that a commit removes, without their indentation."""
    return Counter(line.strip() for file in files for hunk in file.hunks for line in hunk.old)


def old_lines(file: FileDiff) -> list[bytes]:
    """The lines that a commit removes from a file."""
    return [line for hunk in file.hunks for line in hunk.old]


def new_text(file: FileDiff) -> bytes:
    """All lines that a commit adds to a file."""
    return _bounded(line for hunk in file.hunks for line in hunk.new)


def _bounded(lines: Iterable[bytes]) -> bytes:
    kept, left = [], MAX_BYTES
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return b"\n".join(kept)
