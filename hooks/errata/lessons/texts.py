"""Text of strangers, as it is stored: visible characters on one line, without secrets."""

from __future__ import annotations

import unicodedata

from errata.messages.redact import redact

_ELLIPSIS = "…"


def visible(line: str) -> str:
    """A line without control, bidirectional and other invisible characters; tabs are kept."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        c for c in line if c == "\t" or unicodedata.category(c)[0] not in "CZ" or c == " "
    )


def clean(text: str, limit: int) -> str:
    """One visible line of at most ``limit`` characters, without secrets."""
    line = " ".join(visible(" ".join(text.split())).split())
    return truncate(redact(line), limit)


def truncate(line: str, limit: int) -> str:
    """The beginning of a line, with an ellipsis where it was cut."""
    return line if len(line) <= limit else line[: limit - 1] + _ELLIPSIS
