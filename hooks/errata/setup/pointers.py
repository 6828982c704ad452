"""The line in AGENTS.md and CLAUDE.md that points agents to the shared runbook.

Agents whose tool calls our hooks are given it anyway; others only read these files. The files
belong to people: only those that there are get a line, and it may be moved or reworded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from errata.core.config import EVERYONE, Config
from errata.core.errors import ErrataError
from errata.runbooks.paths import FILE_NAME
from errata.setup import blocks
from errata.setup.file_change import FileChange
from errata.setup.layout import Layout

FILES = ("AGENTS.md", "CLAUDE.md")
_REASON = "points agents to the shared runbook"
_TEXT = "Lessons from corrections here (read them before you change code; may not exist yet): `{}`"
_OURS = re.compile(
    rb"^" + re.escape(_TEXT).replace(r"\{\}", f"[^`\n]+/{EVERYONE}/{FILE_NAME}").encode()
    + rb"[ \t]*\r?(?:\n|\Z)",
    re.MULTILINE,
)  # fmt: skip
_EXPORT = b"<!-- errata:begin "
# Claude Code reads the other file then, with its line.
_INCLUDES = re.compile(rb"(?:^|\s)@(?:\./)?AGENTS\.md\b")


def changes(layout: Layout, config: Config) -> list[FileChange]:
    """The files with the line, including those that are unchanged."""
    return [
        FileChange(path, before, edit(before, config), _REASON)
        for path, before in _without_included(layout)
    ]


def removals(layout: Layout) -> list[FileChange]:
    """The files without the line, including those that are unchanged."""
    return [FileChange(path, before, remove(before), _REASON) for path, before in _all(layout)]


def lacking(layout: Layout, config: Config) -> list[str]:
    """The files that should point to the shared runbook, and do not."""
    return [change.path for change in changes(layout, config) if change.changed]


def edit(data: bytes, config: Config) -> bytes:
    """The file with the line at its end; unchanged if it names the shared runbook anywhere.

    It is unchanged, too, if it holds the lessons themselves (`errata context --export agents-md`).
    """
    path = f"{config.paths.runbooks.rstrip('/')}/{EVERYONE}/{FILE_NAME}"
    if re.search(rb"(?<![\w/-])" + re.escape(path.encode()), data) or _EXPORT in data:
        return data
    ending = blocks.newline(data)
    line = _TEXT.format(path).encode() + ending
    if _OURS.search(data):
        return _OURS.sub(lambda _: line, data, count=1)
    if data and not data.endswith(b"\n"):
        data += ending
    last = data.rstrip(b"\r\n")
    gap = b"" if not last or data[len(last) :].count(b"\n") > 1 else ending
    return data + gap + line


def remove(data: bytes) -> bytes:
    """The file without the line as errata writes it, and without the empty line above its end."""
    match = _OURS.search(data)
    if match is None:
        return data
    before, after = data[: match.start()], data[match.end() :]
    if not after.strip():
        before = re.sub(rb"(\r?\n)\r?\n\Z", rb"\1", before)
    return before + after


def _without_included(layout: Layout) -> Iterator[tuple[str, bytes]]:
    """The files that need a line of their own: not the second if it includes the first."""
    has_first = False
    for path, data in _all(layout):
        if not (has_first and _INCLUDES.search(data)):
            has_first = True
            yield path, data


def _all(layout: Layout) -> Iterator[tuple[str, bytes]]:
    """The files that there are, each once, without those that cannot be changed."""
    targets = set()
    for path in FILES:
        try:
            target, data = layout.file(path), layout.read(path)
            writable = data is not None and target.stat().st_mode & 0o222
        except (ErrataError, OSError):
            continue
        if data is not None and writable and b"\0" not in data and target not in targets:
            targets.add(target)
            yield path, data
