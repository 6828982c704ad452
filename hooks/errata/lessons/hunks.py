"""The changed lines of a file, and how much of each hunk stayed what it was."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from errata.lessons.description import EditedFile, Hunk
from errata.lessons.element import Element

_WORD = re.compile(r"\w+|[^\w\s]")
_REWRITTEN = 0.4
_KEPT_CODE = 0.5
_FEW_LINES = 4
_LONG_BLOCK = 10
_MIN_LINE = 4
_MAX_CHARACTERS = 20_000


class HunkLines:
    """The lines of one hunk in both versions.

    Attributes:
        old, new: its lines.
        old_code, new_code: those that are not empty, without their comments.
    """

    def __init__(
        self, old: Sequence[str], new: Sequence[str], old_code: list[str], new_code: list[str]
    ) -> None:
        self.old = old
        self.new = new
        self.old_code = old_code
        self.new_code = new_code

    @cached_property
    def is_rewritten(self) -> bool:
        """Whether most of a hunk of several lines became something else."""
        few = min(len(self.old), len(self.new)) < _FEW_LINES
        return not few and _similarity(self.old, self.new) < _REWRITTEN

    @cached_property
    def is_long(self) -> bool:
        """Whether it hardly does anything but add many lines, or remove them."""
        few, many = sorted((len(self.old), len(self.new)))
        return many > _LONG_BLOCK and 3 * few < many

    @cached_property
    def keeps_code(self) -> bool:
        """Whether most of the code stayed; comments do not count.

        A comment that comes or goes with its code says nothing about comments.
        """
        same = self.old_code == self.new_code
        return same or _similarity(self.old_code, self.new_code) >= _KEPT_CODE


def lines_of(
    file: EditedFile, old_comments: Sequence[Element], new_comments: Sequence[Element]
) -> list[HunkLines]:
    """The lines of each hunk of a file."""
    old, new = file.old.split("\n"), file.new.split("\n")
    old_code, new_code = _code(file.old, old, old_comments), _code(file.new, new, new_comments)
    return [
        HunkLines(
            old[slice(*hunk.old)],
            new[slice(*hunk.new)],
            _filled(old_code[slice(*hunk.old)]),
            _filled(new_code[slice(*hunk.new)]),
        )
        for hunk in file.hunks
    ]


def _code(text: str, lines: Sequence[str], comments: Sequence[Element]) -> list[str]:
    """Lines without their comments."""
    code = list(lines)
    for comment in comments:
        begin = text.rfind("\n", 0, comment.start) + 1
        last = min(comment.last, len(code) - 1)
        for number in range(comment.first, last + 1):
            code[number] = ""
        if comment.first < len(code):
            code[comment.first] = text[begin : comment.start]
    return code


def _filled(lines: Sequence[str]) -> list[str]:
    return [stripped for line in lines if (stripped := line.strip())]


def wraps_older_lines(
    element: Element, lines: Sequence[str], ranges: Sequence[tuple[int, int]], others: set[str]
) -> bool:
    """Whether an element holds lines that are not new: it was put around them.

    Args:
        lines: of its version of the file.
        ranges: the changed ones.
        others: the changed lines of the other version, stripped.
    """
    for number in range(element.first + 1, min(element.last + 1, len(lines))):
        line = lines[number].strip()
        if len(line) < _MIN_LINE:
            continue
        if line in others or not any(start <= number < stop for start, stop in ranges):
            return True
    return False


def hunks_of(old: str, new: str) -> list[Hunk]:
    """The changed lines of two texts, for callers that have no diff."""
    matcher = difflib.SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
    return [
        Hunk((start, stop), (new_start, new_stop))
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]


def _similarity(old: Sequence[str], new: Sequence[str]) -> float:
    """Tokens that both texts have, as a share of those of the longer one."""
    a = Counter(_WORD.findall("\n".join(old)[:_MAX_CHARACTERS]))
    b = Counter(_WORD.findall("\n".join(new)[:_MAX_CHARACTERS]))
    return sum((a & b).values()) / max(a.total(), b.total()) if a or b else 1.0
