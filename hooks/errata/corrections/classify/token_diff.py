"""How two versions of a hunk differ, token by token."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

    from errata.corrections.attribution.diff import FileDiff

_MAX_LEXED_CHARACTERS = 60_000
"""Longer hunks are split into words instead."""
_PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx")


class Difference(StrEnum):
    """The smallest kind of change that explains the difference between two versions."""

    COMMENT = "comment"
    STRING = "string"
    NAME = "name"
    ORDER = "order"
    LITERAL = "literal"
    PROSE = "prose"
    INSERTION = "insertion"
    DELETION = "deletion"
    LOGIC = "logic"


_BY_CLASS = {
    "string": Difference.STRING,
    "number": Difference.LITERAL,
    "name": Difference.NAME,
}
"""Token class -> the difference, if nothing but tokens of this class changed."""
_CLASSES = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Name", "name"),
    ("Token.Keyword", "keyword"),
)

Token = tuple[str, str]
"""(class, text); class is one of comment, string, number, name, keyword, other."""


def compare(path: str, old: list[bytes], new: list[bytes]) -> Difference:
    """Classify the change from ``old`` lines to ``new`` lines of the file at ``path``."""
    before, after = text_of(old), text_of(new)
    if is_prose(path):
        return Difference.PROSE
    if tokens(path, before) == tokens(path, after):
        # Only white space changed, and it means something: a formatter's changes were left out.
        return Difference.LOGIC
    return _code_difference(_without_comments(path, before), _without_comments(path, after))


def is_prose(path: str) -> bool:
    """Whether a file holds text, of which every change is :attr:`Difference.PROSE`."""
    return path.endswith(_PROSE)


def _code_difference(old: list[Token], new: list[Token]) -> Difference:
    if old == new:
        return Difference.COMMENT
    if not old or not new:
        return Difference.DELETION if old else Difference.INSERTION
    if Counter(old) == Counter(new):
        return Difference.ORDER
    for kind, difference in _BY_CLASS.items():
        if _blank(old, kind) == _blank(new, kind):
            return difference
    return Difference.LOGIC


def tokens(path: str, text: str) -> list[Token]:
    """The tokens of source text without whitespace; its words if no lexer knows the file."""
    file = PurePosixPath(path)
    return list(_tokens(file.suffix.lower() or file.name, text))


# Each hunk is lexed for its difference and again for its pattern.
@lru_cache(maxsize=2048)
def _tokens(ending: str, text: str) -> tuple[Token, ...]:
    lexer = lexer_for(ending)
    if lexer is None or len(text) > _MAX_LEXED_CHARACTERS:
        return tuple(("other", word) for word in text.split())
    return tuple(
        (_class(kind), stripped)
        for kind, value in lexer.get_tokens(text)
        if (stripped := value.strip())
    )


@lru_cache(maxsize=64)
def lexer_for(ending: str) -> Lexer | None:
    """The lexer for an extension such as ``.py``, or for a file name; None if unknown."""
    from pygments.lexers import (
        find_lexer_class_by_name,
        find_lexer_class_for_filename,
        get_all_lexers,
    )
    from pygments.util import ClassNotFound

    # A search by file name compiles a pattern for each of 500 lexers and loads those of other
    # installed packages. It is only needed if several lexers claim the extension.
    glob = f"*{ending}" if ending[:1] == "." else ending
    names = [aliases for _, aliases, globs, _ in get_all_lexers(plugins=False) if glob in globs]
    lexer: type[Lexer] | None = None
    try:
        if len(names) == 1 and names[0]:
            lexer = find_lexer_class_by_name(names[0][0])
        elif names:
            lexer = find_lexer_class_for_filename(glob.replace("*", "x"))
    except ClassNotFound:
        return None
    return lexer(stripnl=False, ensurenl=False) if lexer else None


@cache
def _class(kind: object) -> str:
    return next((name for prefix, name in _CLASSES if str(kind).startswith(prefix)), "other")


def path_of(diff: FileDiff) -> str:
    """The new path of a file, or the old one if it was deleted."""
    return (diff.new_path or diff.old_path or b"").decode("utf-8", "replace")


def text_of(lines: list[bytes]) -> str:
    """Lines of a hunk as text."""
    return b"\n".join(lines).decode("utf-8", "replace")


def _without_comments(path: str, text: str) -> list[Token]:
    return [token for token in tokens(path, text) if token[0] != "comment"]


def _blank(tokens: list[Token], kind: str) -> list[Token]:
    """The tokens with the text of one class removed."""
    return [(name, "" if name == kind else text) for name, text in tokens]
