"""Git's conflicts in a runbook, resolved where they concern the generated block alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from errata.core.errors import RunbookError
from errata.runbooks.document import RunbookDocument, parse
from errata.runbooks.markdown_source import MarkdownSource

# A marker line may have a label. Each leads to a part of the conflict, the last one out of it.
_MARKERS = {
    "ours": re.compile(rb"<{7}( .*)?\Z", re.DOTALL),
    "ancestor": re.compile(rb"\|{7}( .*)?\Z", re.DOTALL),
    "theirs": re.compile(rb"={7}( .*)?\Z", re.DOTALL),
    "": re.compile(rb">{7}( .*)?\Z", re.DOTALL),
}
_FOLLOWING = {
    "": ("ours",),
    "ours": ("ancestor", "theirs"),
    "ancestor": ("theirs",),
    "theirs": ("",),
}
# Every line that can stand in a block that errata wrote (see render). Others are a person's.
_GENERATED_LINE = re.compile(
    r"These notes |Nothing is promoted |- \*\*.+\*\* \(|- Left out |"
    r"  (?:Instead|For example): |  (?:Before|Removed|Added): `|  Seen [0-9]|"
    r"  People corrected this [0-9]|\Z"
)
_GENERATED_DIFF = re.compile(r"^  ```diff\n(?:  [-+].*\n)+  ```\n", re.MULTILINE)


@dataclass(slots=True)
class _Side:
    """One side's file, and where in it (offsets) the conflicting parts are."""

    data: bytes = b""
    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, conflicting: bytes) -> None:
        self.spans.append((len(self.data), len(self.data) + len(conflicting)))
        self.data += conflicting


def resolve(data: bytes) -> bytes | None:
    """The file with git's conflicts resolved to our side, if they concern the block alone.

    The block is rendered again anyway, so that either side will do. A file without a complete
    conflict is returned unchanged; None means that a conflict touches what a person wrote.
    """
    sides = _sides(data)
    if sides is None:
        return data
    return sides[0].data if _differ_in_block_only(*sides) else None


def _sides(data: bytes) -> tuple[_Side, _Side] | None:
    """Our file and theirs; None without conflicts, or if one is incomplete."""
    ours, theirs = _Side(), _Side()
    part = ""  # of a conflict; "" outside
    lines: dict[str, list[bytes]] = {}
    for line in MarkdownSource(data).lines():
        following = _part_after(part, line.rstrip(b"\r\n"))
        if following is None and part:
            lines[part].append(line)
        elif following is None:
            ours.data += line
            theirs.data += line
        else:
            if following == "ours":
                lines = {"ours": [], "ancestor": [], "theirs": []}
            elif following == "":
                ours.add(b"".join(lines["ours"]))
                theirs.add(b"".join(lines["theirs"]))
            part = following
    return (ours, theirs) if ours.spans and not part else None


def _part_after(part: str, line: bytes) -> str | None:
    """The part of a conflict that a line begins; None if it is not a marker allowed here."""
    return next((name for name in _FOLLOWING[part] if _MARKERS[name].match(line)), None)


def _differ_in_block_only(ours: _Side, theirs: _Side) -> bool:
    try:
        left, right = parse(ours.data), parse(theirs.data)
    except RunbookError:
        return False
    same_text = (left.before, left.after) == (right.before, right.after)
    return same_text and _conflicts_in_block(ours, left) and _conflicts_in_block(theirs, right)


def _conflicts_in_block(side: _Side, document: RunbookDocument) -> bool:
    block = document.block
    if block is None:
        return False
    lines = _GENERATED_DIFF.sub("", block.text).split("\n")
    if not all(map(_GENERATED_LINE.match, lines)):
        return False
    start, end = len(document.before), len(document.before) + len(block.raw)
    # A conflict elsewhere with equal sides is an example in somebody's text: leave it alone.
    return all(a < end and b > start if a != b else start <= a <= end for a, b in side.spans)
