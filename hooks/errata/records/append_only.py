"""What a log's new content adds to what is committed, and which committed line it lost.

Logs are append-only, so the old content has to be the beginning of the new one. That is one
comparison of bytes; lines are looked at only when it fails, and during a merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MAX_LINE = 1 << 20
"""The longest line a log may have, in bytes, without its line end."""

BLOCK = MAX_LINE + 1
"""At most so many bytes of lines are handed out at once; a line that does not fit comes alone."""

WAY_OUT = "on purpose: --allow-rewrite, or ERRATA_ALLOW_REWRITE=1 git commit"
"""How to rewrite a log all the same; a commit cannot hand a flag to its hook."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A committed line that is not where it was: its number (from 1) and what to say about it."""

    line: int
    message: str


class Block(NamedTuple):
    """Some lines to check.

    Attributes:
        numbers: of each line, counted from 1 where the lines to check begin.
        lines: without LF.
        text: a piece of the log that holds these lines, and perhaps others that are kept.
    """

    numbers: Sequence[int]
    lines: Sequence[bytes]
    text: bytes


@dataclass
class Fresh:
    """The part of a log that has to be checked.

    Attributes:
        text: the new content; with LF only, if line endings are all that kept old and new apart.
        start: offset in ``text`` of the first line to check.
        kept: committed lines, without CR, to be passed over; None when everything from ``start`` on
            is new.
        lost: the first committed line that is missing or changed.
    """

    text: bytes
    start: int = 0
    kept: set[bytes] | None = None
    lost: Lost | None = None

    @cached_property
    def lines_before(self) -> int:
        """Number of lines before ``start``; on a long log worth asking only when it is needed."""
        return self.text.count(b"\n", 0, self.start)

    def blocks(self) -> Iterator[Block]:
        """The lines to check, some at a time."""
        number = 1
        for chunk in _chunks(self.text, self.start):
            lines = chunk.split(b"\n")
            if not lines[-1]:
                lines.pop()
            numbers: Sequence[int] = range(number, number + len(lines))
            number += len(lines)
            if self.kept is not None:
                rest = [at for at, line in enumerate(lines) if line.rstrip(b"\r") not in self.kept]
                numbers, lines = [numbers[at] for at in rest], [lines[at] for at in rest]
            yield Block(numbers, lines, chunk)

    def committed(self) -> tuple[bytes, int]:
        """A text whose beginning holds the lines that are not checked, and where that ends."""
        if self.kept is None:
            return self.text, self.start
        joined = b"\n".join(line for line in _split(self.text) if line in self.kept)
        return joined, len(joined)


def compare(new: bytes, olds: Sequence[bytes | int]) -> Fresh:
    """What ``new`` adds to ``olds``, the log in each parent; several parents are a merge.

    A number stands for an old content that is known to be so many bytes at the beginning of
    ``new``.
    """
    if len(olds) > 1:
        return _merged(new, [new[:old] if isinstance(old, int) else old for old in olds])
    old = olds[0] if olds else 0
    if isinstance(old, bytes):
        start = _end_of_prefix(new, len(old)) if new.startswith(old) else None
    else:
        start = _end_of_prefix(new, old)
        old = new[:old] if start is None else b""
    if start is None and (b"\r\n" in old or b"\r\n" in new):
        new, old = new.replace(b"\r\n", b"\n"), old.replace(b"\r\n", b"\n")
        start = _end_of_prefix(new, len(old)) if new.startswith(old) else None
    if start is not None:
        return Fresh(new, start)
    return Fresh(new, kept=set(_split(old)), lost=_first_changed(new, old))


def _end_of_prefix(new: bytes, size: int) -> int | None:
    """Where appended lines begin if the old content is the first ``size`` bytes of the new one.

    None if something is glued to the last old line.
    """
    if size in (0, len(new)) or new[size - 1 : size] == b"\n":
        return size
    # The old content lacks its final newline, which may be added.
    for end in (b"\n", b"\r\n"):
        if new.startswith(end, size):
            return size + len(end)
    return None


def _first_changed(new: bytes, old: bytes) -> Lost | None:
    before, after = _split(old), _split(new)
    rule = f"logs are append-only: put it back and add a new line ({WAY_OUT})"
    for number, line in enumerate(before, 1):
        if number > len(after):
            return Lost(number, f"this committed line was removed; {rule}")
        if line != after[number - 1]:
            what = "moved" if line in after else "changed or removed"
            return Lost(number, f"this committed line was {what}; {rule}")
    return None


def _merged(new: bytes, olds: Sequence[bytes]) -> Fresh:
    """A merge keeps every line of every parent; a union puts them in any order."""
    after = set(_split(new))
    kept: set[bytes] = set()
    lost = None
    for parent, old in enumerate(olds, 1):
        lines = _split(old)
        kept.update(lines)
        if lost or after.issuperset(lines):
            continue
        number = next(n for n, line in enumerate(lines, 1) if line not in after)
        lost = Lost(
            0,
            f"line {number} of the log in parent {parent} of this merge is missing; a merge of "
            f"logs keeps every line of both sides ({WAY_OUT})",
        )
    return Fresh(new, kept=kept, lost=lost)


def _split(text: bytes) -> list[bytes]:
    """Lines without their ends; no last empty one after a final newline."""
    lines = text.replace(b"\r\n", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _chunks(text: bytes, start: int) -> Iterator[bytes]:
    """Whole lines, about :data:`BLOCK` bytes at a time; a line that is longer comes alone."""
    while start < len(text):
        end = text.rfind(b"\n", start, start + BLOCK) + 1
        if not end:
            end = text.find(b"\n", start + BLOCK) + 1 or len(text)
        yield text[start:end]
        start = end
