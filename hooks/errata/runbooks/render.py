"""The text of a generated block: which entries fit the budget, and in what order.

``entry_layout.py`` lays out each entry.
"""

from __future__ import annotations

from collections.abc import Sequence

from errata.core.config import RunbookBudget
from errata.lessons.hot_spots import HotSpot
from errata.runbooks.document import MARKER_LENGTHS
from errata.runbooks.entry import Entry
from errata.runbooks.entry_layout import NAME_MAX, SMALLEST_ITEM, hot_spot_lines, item_lines
from errata.runbooks.paths import CODE, INTRO, WRITTEN
from errata.runbooks.sanitise import markdown

OMITTED_MAX = 300
"""Maximum length of the line that names omitted entries, in characters."""


class _Budget:
    """Remaining lines and characters; a line end counts as two, as in a CRLF file."""

    def __init__(self, budget: RunbookBudget) -> None:
        self.lines = budget.max_lines - len(MARKER_LENGTHS)
        self.chars = budget.max_chars - sum(length + 2 for length in MARKER_LENGTHS)

    def fits(self, lines: Sequence[str]) -> bool:
        return len(lines) <= self.lines and _size(lines) <= self.chars

    def spend(self, lines: Sequence[str]) -> None:
        self.lines -= len(lines)
        self.chars -= _size(lines)


def render(
    entries: Sequence[Entry],
    manual: frozenset[str],
    budget: RunbookBudget,
    hot_spots: Sequence[HotSpot] = (),
) -> str:
    """The body of a block, with LF line ends; empty without entries and hot spots.

    Entries are sorted by confidence, then by name; first come those that a person wants taught, and
    last those that do not help.
    ``manual`` holds the names that a person described in the same file: those entries keep only
    their figures. With its markers, the block stays within the budget, whichever line end the file
    uses; the last line names omitted entries.
    """
    ranked = sorted(entries, key=_rank)
    if not ranked and not hot_spots:
        return ""
    notices = [
        INTRO,
        *([WRITTEN] if any(entry.by_person for entry in ranked) else []),
        *([CODE] if any(entry.lesson for entry in ranked) else []),
    ]
    header = [" ".join(notices), ""]
    remaining = _Budget(budget)
    remaining.spend(header)
    spots = hot_spot_lines(hot_spots)
    if remaining.fits([*spots, *spots]):
        remaining.spend(spots)
    else:
        # The entries say more.
        spots = ()
    lines = _all_items(ranked, manual, remaining)
    if lines is None:
        lines = _items_that_fit(ranked, manual, remaining)
    return "\n".join([*header, *lines, *spots]) + "\n"


def _rank(entry: Entry) -> tuple[bool, bool, float, str, str, str]:
    # What agents repeat although it is taught leaves its place to others, unless it is pinned.
    is_last = entry.unhelpful and not entry.pinned
    return (
        *(not entry.pinned, is_last, -entry.confidence),
        *(entry.name, entry.kind, entry.description),
    )


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 2 for line in lines)


def _all_items(
    entries: Sequence[Entry], manual: frozenset[str], remaining: _Budget
) -> list[str] | None:
    """The lines of all entries, or None if they do not fit."""
    lines: list[str] = []
    for entry in entries:
        lines += item_lines(entry, entry.name in manual)
        if not remaining.fits(lines):
            return None
    return lines


def _items_that_fit(
    entries: Sequence[Entry], manual: frozenset[str], remaining: _Budget
) -> list[str]:
    """The lines of the entries that fit, and a line that names the others."""
    # The last line is reserved first. It may also use what the items leave, up to its maximum.
    reserve = min(OMITTED_MAX, remaining.chars // 2)
    remaining.lines -= 1
    remaining.chars -= reserve
    lines: list[str] = []
    omitted: list[Entry] = []
    for entry in entries:
        # There may be many entries: once nothing fits any more, do not even lay them out.
        item = item_lines(entry, entry.name in manual) if remaining.fits(SMALLEST_ITEM) else None
        if item is not None and remaining.fits(item):
            remaining.spend(item)
            lines += item
        else:
            omitted.append(entry)
    return [*lines, _omitted_line(omitted, min(OMITTED_MAX, remaining.chars + reserve - 2))]


def _omitted_line(omitted: Sequence[Entry], limit: int) -> str:
    start = f"- Left out for lack of space: {len(omitted)}"
    names: list[str] = []
    for entry in omitted:
        longer = [*names, markdown(entry.name, NAME_MAX)]
        if len(f"{start} ({', '.join(longer)}, …).") > limit:
            break
        names = longer
    if not names:
        return f"{start}."
    return f"{start} ({', '.join(names)}{'' if len(names) == len(omitted) else ', …'})."
