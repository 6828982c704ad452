"""Which differences of a file say something, and which only come with others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from errata.corrections.classify.instruction_comments import is_addressed
from errata.lessons.callees import is_common
from errata.lessons.description import EditedFile
from errata.lessons.differences import LONG_TEXT, Difference
from errata.lessons.element import Element
from errata.lessons.hunks import HunkLines, wraps_older_lines

_CARRIED = ("comment", "docstring", "type", "cast", "await")
"""Elements that come and go with the code around them."""
_WITH_CODE = ("string", "number", "return", "field")
"""Elements of which only a change says something."""
_WRAPPING = ("try", "condition", "loop", "with", "lambda", "catch")
_UNITS = ("function", "test", "class", "import", "heading", "paragraph", "item", "code", "row")
"""Elements that are worth saying of a block that is new, gone or rewritten."""
_OPEN = ("import", "comment", "emoji", "type", "link", "heading", "pair", "await", "return")
"""Elements that do not speak for what lies in them."""
_MAX_OF_A_HUNK = 4
_FEW_LINES = 4


def relevant(
    file: EditedFile, lines: Sequence[HunkLines], differences: Sequence[Difference]
) -> list[Difference]:
    """The differences that a reviewer would mention."""
    pairs = [item for item in differences if item.old and item.new]
    removed = [item for item in differences if not item.new]
    added = [item for item in differences if not item.old]
    old_ranges, new_ranges = ([h.old for h in file.hunks], [h.new for h in file.hunks])
    kept = [item for item in pairs if _is_relevant_pair(item, lines)]
    sides = (
        (removed, file.old, old_ranges, [line for hunk in lines for line in hunk.new]),
        (added, file.new, new_ranges, [line for hunk in lines for line in hunk.old]),
    )
    for items, text, ranges, others in sides:
        wrapping = _wrapping(items, text, ranges, others)
        kept += _limited(
            item
            for item in _outermost(items, wrapping)
            if _is_relevant(item, lines[item.element.hunk], item.element in wrapping)
        )
    return kept


def _is_relevant_pair(item: Difference, lines: Sequence[HunkLines]) -> bool:
    element = item.element
    if element.kind == "field" or (element.kind == "call" and is_common(element.subject)):
        return False
    is_long_text = element.kind == "string" and len(element.text) >= LONG_TEXT
    if item.change == "moved" or is_long_text or not lines[element.hunk].is_rewritten:
        return True
    return item.change == "renamed" and element.kind not in ("type", "tag")


def _wrapping(
    items: Sequence[Difference], text: str, ranges: Sequence[tuple[int, int]], others: list[str]
) -> set[Element]:
    """The elements that were put around older lines, or taken away from around lines that stay."""
    candidates = [item.element for item in items if item.element.kind in _WRAPPING]
    if not candidates:
        return set()
    lines, other_lines = text.split("\n"), {line.strip() for line in others}
    return {
        element
        for element in candidates[: _MAX_OF_A_HUNK * 10]
        if wraps_older_lines(element, lines, ranges, other_lines)
    }


def _outermost(items: Sequence[Difference], wrapping: set[Element]) -> Iterator[Difference]:
    """The differences that do not lie in another one of their side."""
    reach = -1
    for item in sorted(items, key=lambda item: (item.element.start, -item.element.stop)):
        element = item.element
        if element.stop > reach or element.kind == "emoji":
            yield item
            if element.kind not in _OPEN and element not in wrapping:
                reach = max(reach, element.stop)


def _is_relevant(item: Difference, hunk: HunkLines, wraps: bool) -> bool:
    element = item.element
    kind = element.kind
    if kind in _WITH_CODE or (kind == "call" and is_common(element.subject)):
        return False
    if kind == "emoji":
        return bool(hunk.old and hunk.new)
    if kind in _CARRIED:
        # What a person asks an agent in a comment documents nothing.
        is_request = kind == "comment" and item.new is not None and is_addressed(element.text)
        return hunk.keeps_code and not is_request
    if hunk.is_rewritten or hunk.is_long:
        return kind in _UNITS
    is_small = max(len(hunk.old), len(hunk.new)) <= _FEW_LINES
    is_vague = kind == "condition" and not element.subject
    return kind not in _WRAPPING or ((wraps or is_small) and not is_vague)


def _limited(items: Iterator[Difference]) -> list[Difference]:
    """At most four of a kind in a hunk: more of them are one rewritten block."""
    counts: Counter[tuple[str, int]] = Counter()
    kept = []
    for item in items:
        key = item.element.kind, item.element.hunk
        counts[key] += 1
        if counts[key] <= _MAX_OF_A_HUNK:
            kept.append(item)
    return kept
