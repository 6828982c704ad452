"""Lexers of pygments that are made ready only as far as a text needs them.

A lexer is a table of some hundred expressions, and pygments compiles all of it before it reads the
first character: for three lines of Python that takes longer than everything else a hook does. Here
an expression is compiled when it is first tried, and nothing else is changed; in a text of ASCII,
words that do not stand in the text are not tried, and the long lists of letters of all scripts are
compiled without the letters that are not ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pygments.lexer import Lexer, RegexLexerMeta, words

# An escaped character, or a class with its first and last bracket.
_CLASS = re.compile(r"\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]")
_BEYOND = re.compile(r"[^\x00-\x7f]-[^\x00-\x7f]|[^\x00-\x7f]")
# A range that only ends or begins there, or an escape.
_ACROSS = re.compile(r"[\x00-\x7f]-[^\x00-\x7f]|[^\x00-\x7f]-[\x00-\x7f]|\\[^\x00-\x7f]")
# Empty, or with something in a place where it means, or may come to mean, another thing.
_NEW_MEANING = re.compile(r"\[\^?+[\]\[^]|.*(?:--|&&|~~|\|\|)", re.DOTALL)
# Beyond ASCII there are letters that match one in ASCII when case is ignored.
_FOLDS = re.compile(r"\(\?[a-zA-Z-]*[ix]")
_PLAIN_FLAGS = ~(re.IGNORECASE | re.VERBOSE)

Match = Callable[..., "re.Match[str] | None"]


@cache
def lazy(lexer: type[Lexer]) -> type[Lexer]:
    """The same lexer, made ready on the way."""
    if type(lexer) is not RegexLexerMeta:
        return lexer
    made: type[Lexer] = _Lazy(lexer.__name__, (lexer,), {"__module__": lexer.__module__})  # type: ignore
    return made


class _Lazy(RegexLexerMeta):
    """What makes the table of a lexer of expressions."""

    def _process_regex(cls, regex: Any, rflags: int, state: str) -> Match:  # noqa: ARG002
        return _matcher(regex, rflags)


def _matcher(regex: Any, flags: int) -> Match:
    """As the ``match`` of the compiled expression."""
    # A lexer tries its expressions at every token of one text: what is known of it is kept.
    known: str | None = None
    current: Match | None = None
    made: dict[bool, Match] = {}

    def match(text: str, *where: int) -> re.Match[str] | None:
        nonlocal known, current
        if text is not known:
            known, ascii_only = text, text.isascii()
            current = made.get(ascii_only)
            if current is None and _possible(regex, flags, text):
                current = made[ascii_only] = _compiled(regex, flags, ascii_only)
        return None if current is None else current(text, *where)

    return match


def _possible(regex: Any, flags: int, text: str) -> bool:
    """Whether one of the words stands in the text, if the expression is a list of words."""
    if not isinstance(regex, words) or not isinstance(regex.words, list | tuple | set | frozenset):
        return True
    if flags & re.IGNORECASE or _FOLDS.search(f"{regex.prefix} {regex.suffix}"):
        return True
    return any(word in text for word in regex.words)


def _compiled(regex: Any, flags: int, ascii_only: bool) -> Match:
    text: str = regex if isinstance(regex, str) else regex.get()
    if ascii_only and flags | _PLAIN_FLAGS == _PLAIN_FLAGS and not _FOLDS.search(text):
        text = without_other_letters(text)
    return re.compile(text, flags).match


def without_other_letters(expression: str) -> str:
    """An expression that matches the same in texts of ASCII, its classes being shorter.

    ``expression`` sets no flags of its own.
    """
    return expression if expression.isascii() else _CLASS.sub(_shorter, expression)


def _shorter(found: re.Match[str]) -> str:
    text = found[0]
    if text.isascii() or text[0] == "\\" or _ACROSS.search(text):
        return text
    short = _BEYOND.sub("", text)
    negated = short[1] == "^" and text[1] != "^"
    return text if negated or _NEW_MEANING.match(short) else short
