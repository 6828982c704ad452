"""How two versions of a few lines differ, token by token."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Lexing costs time per byte; longer hunks are compared by lines, which is what matters there.
_LEX_BYTES = 60_000
_PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx")


class Difference(StrEnum):
    """The least that explains the difference between two versions."""

    WHITESPACE = "whitespace"
    COMMENT = "comment"
    STRING = "string"
    NAME = "name"
    ORDER = "order"
    LITERAL = "literal"
    PROSE = "prose"
    INSERTION = "insertion"
    DELETION = "deletion"
    LOGIC = "logic"


_SURFACE = {
    "string": Difference.STRING,
    "number": Difference.LITERAL,
    "name": Difference.NAME,
}

Token = tuple[str, str]
"""(class, text); class is one of comment, string, number, name, keyword, other."""


def compare(path: str, old: list[bytes], new: list[bytes]) -> Difference:
    """Classify the change from ``old`` lines to ``new`` lines of the file at ``path``."""
    before, after = _text(old), _text(new)
    if "".join(before.split()) == "".join(after.split()):
        return Difference.WHITESPACE
    if path.endswith(_PROSE):
        return Difference.PROSE
    return _code_difference(_code(tokens(path, before)), _code(tokens(path, after)))


def _code_difference(old: list[Token], new: list[Token]) -> Difference:
    """The difference between two versions whose comments do not count."""
    if old == new:
        return Difference.COMMENT
    if not old or not new:
        return Difference.DELETION if old else Difference.INSERTION
    if Counter(old) == Counter(new):
        return Difference.ORDER
    for kind, found in _SURFACE.items():
        if _without(old, kind) == _without(new, kind):
            return found
    return Difference.LOGIC


def tokens(path: str, text: str) -> list[Token]:
    """The tokens of a piece of source without whitespace; plain words where no lexer knows it."""
    file = PurePosixPath(path)
    return list(_tokens(file.suffix.lower() or file.name, text))


# A hunk is looked at once to compare it and once for its pattern.
@lru_cache(maxsize=256)
def _tokens(ending: str, text: str) -> tuple[Token, ...]:
    lexer = lexer_for(ending)
    if lexer is None or len(text) > _LEX_BYTES:
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
    named = str(kind)
    for part, name in (
        ("Token.Comment", "comment"),
        ("Token.Literal.String", "string"),
        ("Token.Literal.Number", "number"),
        ("Token.Name", "name"),
        ("Token.Keyword", "keyword"),
    ):
        if named.startswith(part):
            return name
    return "other"


def _text(lines: list[bytes]) -> str:
    return b"\n".join(lines).decode("utf-8", "replace")


def _code(found: list[Token]) -> list[Token]:
    return [token for token in found if token[0] != "comment"]


def _without(found: list[Token], kind: str) -> list[Token]:
    return [(name, "" if name == kind else text) for name, text in found]
