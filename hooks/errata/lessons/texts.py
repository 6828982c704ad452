"""Text of strangers, as it is kept: visible characters on one line, without secrets."""

from __future__ import annotations

import re
import unicodedata

MAX_SUBJECT = 60
_ELLIPSIS = "…"
_SPACE = re.compile(r"\s+")
_KEPT_CATEGORIES = frozenset("LMNPS")


def flat(text: str) -> str:
    """A text with each run of white space replaced by one space."""
    return _SPACE.sub(" ", text).strip()


def shorten(text: str) -> str:
    """A subject of at most 60 characters on one line."""
    return truncate(flat(text), MAX_SUBJECT)


def visible(line: str) -> str:
    """A line without control, bidirectional and other invisible characters; tabs are kept."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        char for char in line if char in "\t " or unicodedata.category(char)[0] in _KEPT_CATEGORIES
    )


def clean(text: str, limit: int) -> str:
    """One visible line of at most ``limit`` characters, without secrets."""
    from errata.messages.redact import redact

    return truncate(redact(flat(visible(flat(text)))), limit)


def truncate(line: str, limit: int) -> str:
    """The beginning of a line, with an ellipsis where it was cut."""
    return line if len(line) <= limit else line[: limit - 1] + _ELLIPSIS
