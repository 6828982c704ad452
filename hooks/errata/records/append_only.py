"""Compares a log with its committed version: the added lines, and the first missing one.

Logs are append-only, so the new content must begin with the old one. That is one comparison of
bytes; lines are compared only when it fails, and during a merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MAX_LINE = 1 << 20
"""The longest line a log may have, in bytes, without its line end."""

BLOCK_SIZE = MAX_LINE + 1
"""The most bytes that a block holds; a longer line is a block of its own."""

OVERRIDE_HINT = "to do it on purpose: --allow-rewrite, or ERRATA_ALLOW_REWRITE=1 git commit"
"""How to rewrite a log anyway; `git commit` cannot pass an option to its hook."""


@dataclass(frozen=True, slots=True)
class LostLine:
    """The first committed line that is missing: its number (from 1) and the message about it."""

    line: int
    message: str


class Block(NamedTuple):
    """Some lines to check, read at once.

    Attributes:
        numbers: the number of each line, from 1 at the first line of the additions.
        lines: the lines, without LF.
        text: the part of the log that holds these lines, and perhaps committed ones.
    """

    numbers: Sequence[int]
    lines: Sequence[bytes]
    text: bytes


@dataclass
class Additions:
    """The part of a log that must be checked.

    Attributes:
        text: the new content; with LF only, if old and new differ in nothing but line endings.
        start: offset in ``text`` of the first line to check.
        committed_lines: lines, without CR, that need no check wherever they are; None if all from
            ``start`` on is new.
        lost: the first committed line that is missing or changed.
    """

    text: bytes
    start: int = 0
    committed_lines: set[bytes] | None = None
    lost: LostLine | None = None

    @cached_property
    def lines_before(self) -> int:
        """Number of lines before ``start``; slow for a long log."""
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
            if (known := self.committed_lines) is not None:
                new = [at for at, line in enumerate(lines) if line.rstrip(b"\r") not in known]
                numbers, lines = [numbers[at] for at in new], [lines[at] for at in new]
            yield Block(numbers, lines, chunk)

    def committed(self) -> tuple[bytes, int]:
        """A text that begins with the lines that are not checked, and where they end."""
        if self.committed_lines is None:
            return self.text, self.start
        joined = b"\n".join(line for line in _split(self.text) if line in self.committed_lines)
        return joined, len(joined)


def compare(new: bytes, olds: Sequence[bytes | int]) -> Additions:
    """What ``new`` adds to ``olds``, the log in each parent; several parents are a merge.

    A number means that the old content is known to be that many bytes at the start of ``new``.
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
        return Additions(new, start)
    return Additions(new, committed_lines=set(_split(old)), lost=_first_changed(new, old))


def _end_of_prefix(new: bytes, size: int) -> int | None:
    """Where appended lines begin if the old content is the first ``size`` bytes of the new one.

    None if the last old line was continued.
    """
    if size in (0, len(new)) or new[size - 1 : size] == b"\n":
        return size
    # The old content lacks its final newline; adding that is allowed.
    for end in (b"\n", b"\r\n"):
        if new.startswith(end, size):
            return size + len(end)
    return None


def _first_changed(new: bytes, old: bytes) -> LostLine | None:
    before, after = _split(old), _split(new)
    rule = f"logs are append-only: put it back and add a new line ({OVERRIDE_HINT})"
    for number, line in enumerate(before, 1):
        if number > len(after):
            return LostLine(number, f"this committed line was removed; {rule}")
        if line != after[number - 1]:
            change = "moved" if line in after else "changed or removed"
            return LostLine(number, f"this committed line was {change}; {rule}")
    return None


def _merged(new: bytes, olds: Sequence[bytes]) -> Additions:
    """A merge keeps every line of every parent; a union puts them in any order."""
    after = set(_split(new))
    committed: set[bytes] = set()
    lost = None
    for parent, old in enumerate(olds, 1):
        lines = _split(old)
        committed.update(lines)
        if lost or after.issuperset(lines):
            continue
        number = next(n for n, line in enumerate(lines, 1) if line not in after)
        lost = LostLine(
            0,
            f"line {number} of the log in parent {parent} of this merge is missing; a merge of "
            f"logs keeps every line of both sides ({OVERRIDE_HINT})",
        )
    return Additions(new, committed_lines=committed, lost=lost)


def _split(text: bytes) -> list[bytes]:
    """Lines without their ends; no last empty one after a final newline."""
    lines = text.replace(b"\r\n", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _chunks(text: bytes, start: int) -> Iterator[bytes]:
    """Whole lines, about :data:`BLOCK_SIZE` bytes at a time; a line that is longer comes alone."""
    while start < len(text):
        end = text.rfind(b"\n", start, start + BLOCK_SIZE) + 1
        if not end:
            end = text.find(b"\n", start + BLOCK_SIZE) + 1 or len(text)
        yield text[start:end]
        start = end
