"""Apply an edit made through a parser and a writer, without the writer's reformatting.

A writer normalises a file: it moves comments, joins lines, changes spaces in lists. So the file is
written twice, unchanged and edited, and only the difference between the two goes into the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

BOM = "\ufeff"


def newline(text: str) -> str:
    """The line ending of a file, by its first line."""
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def keep_formatting(original: str, normalised: str, edited: str) -> str:
    """``original``, changed where ``edited`` differs from ``normalised``.

    All other lines keep their bytes; new lines get the line ending of the file. Comments above the
    next entry stay there: new lines go above them, and removed lines leave them behind.
    """
    lines = split_lines(original.removeprefix(BOM))
    ending = newline(original)
    unterminated = bool(lines) and not lines[-1].endswith("\n")
    if unterminated:
        lines[-1] += ending
    before, after = (_stripped(split_lines(text)) for text in (normalised, edited))
    starts, ends = _places(before, _stripped(lines))
    result: list[str] = []
    copied = 0
    for tag, low, high, start, stop in _opcodes(before, after):
        if tag == "equal":
            continue
        new = after[start:stop]
        left = _above_comments(lines, ends[low], new[0]) if low == high else ends[low]
        left = max(left, copied)
        right = left if low == high else max(starts[high], left)
        # No comment is lost: the writer may have moved or dropped it.
        dropped = _comments(lines[left:right]) - _comments(new)
        cut = left + _without_trailing_comments(lines[left:right])
        below = [line for line in lines[cut:right] if line.strip() not in map(str.strip, new)]
        kept = [line for line in lines[left:cut] if line.strip() in dropped]
        if not kept:
            new = [*map(_keep_gap, lines[left:right], new), *new[right - left :]]
        result += [*lines[copied:left], *kept, *(line + ending for line in new)]
        result += below
        copied = right
    text = "".join([*result, *lines[copied:]])
    if unterminated:
        text = text.removesuffix("\n").removesuffix("\r")
    return (BOM if original.startswith(BOM) else "") + text


def without_lines(text: str, comments: Sequence[str]) -> str:
    """A text without the lines that are one of these comments."""
    lines = [line for line in split_lines(text) if line.strip(f"{BOM} \r\n") not in comments]
    return (BOM if text.startswith(BOM) else "") + "".join(lines).removeprefix(BOM)


def split_lines(text: str) -> list[str]:
    """Lines with their endings. `str.splitlines` also splits at characters inside a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.removesuffix("\n").removesuffix("\r") for line in lines]


def _opcodes(a: Sequence[str], b: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()


def _places(before: Sequence[str], lines: Sequence[str]) -> tuple[list[int], list[int]]:
    """For each line of ``before`` where it starts in ``lines``, and where the one above it ends."""
    starts, ends = [len(lines)] * (len(before) + 1), [0] * (len(before) + 1)
    for tag, low, high, start, stop in _opcodes(before, lines):
        same = tag == "equal" or high - low == stop - start
        for line in range(low, high):
            starts[line] = start + line - low if same else start
            ends[line + 1] = start + line - low + 1 if same else stop
    return starts, ends


def _comments(lines: Sequence[str]) -> set[str]:
    return {line.strip() for line in lines if line.lstrip().startswith("#")}


def _keep_gap(old: str, new: str) -> str:
    """``new`` with the comment of the line that it replaces, after the same space."""
    match = re.search(r"(\S)(\s+)(#.*\S)\s*$", old)
    if match is None:
        return new
    kept = "#" not in new and new.startswith(old[: match.end(1)])
    if not kept and not new.endswith(match[3]):
        return new
    return new.removesuffix(match[3]).rstrip() + match[2] + match[3]


def _above_comments(lines: Sequence[str], index: int, new: str) -> int:
    """Move an insertion above blank lines, and above comments that are indented less."""
    place = index
    while place and _is_remark(lines[place - 1], _indentation(new)):
        place -= 1
    return place or index


def _is_remark(line: str, column: int) -> bool:
    text = line.strip()
    return not text or (text.startswith("#") and _indentation(line) < max(column, 1))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _without_trailing_comments(lines: Sequence[str]) -> int:
    """The number of lines above the blank lines and comments at the end."""
    count = len(lines)
    while count and (not lines[count - 1].strip() or lines[count - 1].lstrip()[0] == "#"):
        count -= 1
    return count
