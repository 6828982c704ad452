"""Content that shows that no one wrote it: generated files, and pointers to large files."""

from __future__ import annotations

import re

from errata import rules

_HEAD_LINES = 15
_HEAD_BYTES = 4000
_LFS = b"version https://git-lfs.github.com/spec/"
_COMMENT = re.compile(
    rb"\s*(?:#|//|/\*|\*|--|;|<!--|%|\"|'|\(\*|\{-|\{#|<#|!|rem\b|\.\.|@rem\b)", re.I
)


def is_generated_content(content: bytes) -> bool:
    """Whether a comment in the first lines says that a tool wrote the file, or it is a pointer.

    What an agent says of its own work is not such a comment.
    """
    if content.startswith(_LFS):
        return True
    lines = content[:_HEAD_BYTES].splitlines()[:_HEAD_LINES]
    comments = b"\n".join(line for line in lines if _COMMENT.match(line))
    return any(map(_is_mark, comments.split(b"\n"))) or _is_mark(b" ".join(comments.split()))


def _is_mark(comment: bytes) -> bool:
    text = comment.decode("latin-1")
    return any(
        mark["words"].search(text) and not ("unless" in mark and mark["unless"].search(text))
        for mark in rules.load("generated")["mark"]
    )
