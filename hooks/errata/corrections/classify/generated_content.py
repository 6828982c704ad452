"""Content that shows that no one wrote it: generated files, and pointers to large files."""

from __future__ import annotations

import re

from errata import rules

_HEAD_LINES = 15
_HEAD_BYTES = 4000
_LONG_LINES = 500
"""The mean length of lines, in bytes, that only a bundler or an export writes."""
_MANY_BYTES = 4000
_LFS = b"version https://git-lfs.github.com/spec/"
_CHANGELOG = re.compile(
    rb"(?:^|/)(?:change[-_]?log|changes|history|release[-_]?notes)[^/]*\Z", re.I
)
_COMMENT = re.compile(
    rb"\s*(?:#|//|/\*|\*|--|;|<!--|%|\"|'|\(\*|\{-|\{#|<#|!|rem\b|\.\.|@rem\b)", re.I
)


def is_generated_content(content: bytes) -> bool:
    """Whether a comment in the first lines says that a tool wrote the file, or it looks like that.

    What an agent says of its own work is not such a comment.
    """
    if content.startswith(_LFS) or _is_bundle(content):
        return True
    lines = content[:_HEAD_BYTES].splitlines()[:_HEAD_LINES]
    comments = b"\n".join(line for line in lines if _COMMENT.match(line))
    return any(map(_is_mark, comments.split(b"\n"))) or _is_mark(b" ".join(comments.split()))


def _is_bundle(content: bytes) -> bool:
    """Whether the lines are too long for anybody to have written them."""
    return len(content) > _MANY_BYTES and len(content) > _LONG_LINES * (content.count(b"\n") + 1)


def is_tool_changelog(path: bytes, content: bytes) -> bool:
    """Whether the head of a change log shows that a release tool writes it."""
    if not _CHANGELOG.search(path):
        return False
    head = content[:_HEAD_BYTES].decode("latin-1")
    return any(rule["words"].search(head) for rule in rules.load("generated")["changelog"])


def _is_mark(comment: bytes) -> bool:
    text = comment.decode("latin-1")
    return any(
        mark["words"].search(text) and not ("unless" in mark and mark["unless"].search(text))
        for mark in rules.load("generated")["mark"]
    )
