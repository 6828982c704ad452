"""Git's conflicts in a runbook, settled where they concern the generated block alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from errata.core.errors import RunbookError
from errata.runbooks.document import RunbookDocument, parse
from errata.runbooks.markdown_source import MarkdownSource

_OURS, _BASE, _SPLIT, _THEIRS = (
    re.compile(rb"%s( .*)?\Z" % (mark * 7), re.DOTALL) for mark in (b"<", rb"\|", b"=", b">")
)
# Every line that can stand in a block that errata wrote (see render). Others are a person's.
_WRITTEN = re.compile(
    r"These notes |Nothing is promoted |- \*\*.+\*\* \(|- Left out |"
    r"  (?:Instead|For example): |  Seen [0-9]|\Z"
)


@dataclass(slots=True)
class _Side:
    """One side's file, and where in it (offsets) the conflicting parts are."""

    data: bytes = b""
    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, part: bytes) -> None:
        self.spans.append((len(self.data), len(self.data) + len(part)))
        self.data += part


def resolve(data: bytes) -> bytes | None:
    """The file with git's conflicts settled on our side, if they concern the block alone.

    The block is written anew anyway, so that either side will do. A file without conflicts comes
    back as it is; None says that a conflict touches what a person wrote.
    """
    sides = _sides(data)
    if sides is None:
        return data
    return sides[0].data if _same_but_generated(*sides) else None


def _same_but_generated(ours: _Side, theirs: _Side) -> bool:
    try:
        left, right = parse(ours.data), parse(theirs.data)
    except RunbookError:
        return False
    return (left.before, left.after) == (right.before, right.after) and all(
        _only_generated(side, document) for side, document in ((ours, left), (theirs, right))
    )


def _only_generated(side: _Side, document: RunbookDocument) -> bool:
    block = document.block
    if block is None or not all(map(_WRITTEN.match, block.text.split("\n"))):
        return False
    start, end = len(document.before), len(document.before) + len(block.raw)
    # A conflict elsewhere whose sides agree is somebody's example of one: not ours to settle.
    return all(a < end and b > start if a != b else start <= a <= end for a, b in side.spans)


def _sides(data: bytes) -> tuple[_Side, _Side] | None:
    """Our file and theirs; None without any complete conflict."""
    ours, theirs = _Side(), _Side()
    parts: dict[str, list[bytes]] = {}
    state = ""
    for line in MarkdownSource(data).lines():
        bare = line.rstrip(b"\r\n")
        following = _next_state(state, bare)
        if following == "done":
            ours.add(b"".join(parts["ours"]))
            theirs.add(b"".join(parts["theirs"]))
            following = ""
        elif following == "ours" != state:
            parts = {"ours": [], "base": [], "theirs": []}
        elif state and following == state:
            parts[state].append(line)
        elif not state:
            ours.data += line
            theirs.data += line
        state = following
    return (ours, theirs) if ours.spans and not state else None


def _next_state(state: str, line: bytes) -> str:
    if not state and _OURS.match(line):
        return "ours"
    if state == "ours" and _BASE.match(line):
        return "base"
    if state in ("ours", "base") and _SPLIT.match(line):
        return "theirs"
    return "done" if state == "theirs" and _THEIRS.match(line) else state
