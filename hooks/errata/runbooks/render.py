"""The text of a generated block.

An entry is a list item, never a heading, so that no text from a log can open a section. The
wording states facts: agents read it beside their instructions, and it must not pose as one. What a
log says is quoted, and nothing in it can end the quotation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from errata.core.config import RunbookBudget
from errata.runbooks.document import MARKER_LENGTHS
from errata.runbooks.entry import Entry
from errata.runbooks.paths import INTRO
from errata.runbooks.sanitise import markdown, quoted

LEFT_OUT_MAX = 300
"""Most characters of the line that names what did not fit."""
_NAME_MAX, _TEXT_MAX, _EXAMPLE_MAX, _WORD_MAX = 80, 300, 120, 40
_SERVICES_SHOWN = 5
# No item is smaller than this, whatever its entry holds.
_SMALLEST_ITEM = (
    "- **x** (x)",
    "  Seen 1 time (x), last ; confidence 0.00; category x; severity x.",
)
_ITEM = re.compile(r"- \*\*((?:[^*\\]|\\.)+)\*\* \(")


class _Budget:
    """Lines and characters that are left; a line end counts two, as it does in a CRLF file."""

    def __init__(self, budget: RunbookBudget) -> None:
        self.lines = budget.max_lines - len(MARKER_LENGTHS)
        self.chars = budget.max_chars - sum(length + 2 for length in MARKER_LENGTHS)

    def fits(self, lines: Sequence[str]) -> bool:
        return len(lines) <= self.lines and _size(lines) <= self.chars

    def spend(self, lines: Sequence[str]) -> None:
        self.lines -= len(lines)
        self.chars -= _size(lines)


def render(entries: Sequence[Entry], manual: frozenset[str], budget: RunbookBudget) -> str:
    """The body of a block: LF line ends, the last one included; empty without entries.

    Best confidence first, then by name. ``manual`` holds the names that a person described in
    the same file: those entries keep their figures only. With its markers the block stays within
    the budget, whichever line end the file uses; what does not fit is named in its last line.
    """
    ranked = sorted(entries, key=lambda e: (-e.confidence, e.name, e.kind, e.description))
    if not ranked:
        return ""
    header = [INTRO, ""]
    left = _Budget(budget)
    left.spend(header)
    lines = _all_items(ranked, manual, left)
    if lines is None:
        lines = _items_that_fit(ranked, manual, left)
    return "\n".join([*header, *lines]) + "\n"


def items(body: str) -> dict[str, str]:
    """Name, as it is displayed -> the text of its item, of a body that :func:`render` made."""
    texts: dict[str, str] = {}
    name = ""
    for line in body.split("\n"):
        if match := _ITEM.match(line):
            name = re.sub(r"\\(.)", r"\1", match[1])
            texts[name] = line
        elif name and line.startswith("  "):
            texts[name] += "\n" + line
        else:
            name = ""
    return texts


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 2 for line in lines)


def _all_items(entries: Sequence[Entry], manual: frozenset[str], left: _Budget) -> list[str] | None:
    """The lines of all entries, or None if they do not fit."""
    lines: list[str] = []
    for entry in entries:
        lines += _item(entry, entry.name in manual)
        if not left.fits(lines):
            return None
    return lines


def _items_that_fit(entries: Sequence[Entry], manual: frozenset[str], left: _Budget) -> list[str]:
    """The lines of the entries that fit, and a line that names the others."""
    # The last line is paid for first. It may also use what the items leave, up to its cap.
    reserve = min(LEFT_OUT_MAX, left.chars // 2)
    left.lines -= 1
    left.chars -= reserve
    lines: list[str] = []
    omitted: list[Entry] = []
    for entry in entries:
        # Entries may be many: once nothing fits any more, their items are not even made.
        item = _item(entry, entry.name in manual) if left.fits(_SMALLEST_ITEM) else None
        if item is not None and left.fits(item):
            left.spend(item)
            lines += item
        else:
            omitted.append(entry)
    return [*lines, _left_out(omitted, min(LEFT_OUT_MAX, left.chars + reserve - 2))]


def _left_out(omitted: Sequence[Entry], limit: int) -> str:
    start = f"- Left out for lack of space: {len(omitted)}"
    names: list[str] = []
    for entry in omitted:
        longer = [*names, markdown(entry.name, _NAME_MAX)]
        if len(f"{start} ({', '.join(longer)}, …).") > limit:
            break
        names = longer
    if not names:
        return f"{start}."
    return f"{start} ({', '.join(names)}{'' if len(names) == len(omitted) else ', …'})."


def _item(entry: Entry, by_hand: bool) -> list[str]:
    head = f"- **{markdown(entry.name, _NAME_MAX) or 'unnamed'}** ({_word(entry.kind)}"
    if by_hand:
        return [f"{head}) (described above by hand)", _figures(entry)]
    description = _sentence(entry.description) if entry.shipped else _quote(entry.description)
    lines = [f"{head}): {description}" if description else f"{head})"]
    if fix := _quote(entry.fix):
        lines.append(f"  Instead: {fix}")
    examples = [text for text in (quoted(text, _EXAMPLE_MAX) for text in entry.examples) if text]
    if examples:
        lines.append(f"  For example: {'; '.join(examples)}.")
    return [*lines, _figures(entry)]


def _figures(entry: Entry) -> str:
    times = "1 time" if entry.occurrences == 1 else f"{entry.occurrences} times"
    if entry.sessions:
        times += f" in {entry.sessions} session{'' if entry.sessions == 1 else 's'}"
    trend = _word(entry.trend) or "no trend"
    facts = [f"Seen {times} ({trend}), last {_word(entry.last_seen)}"]
    if entry.regressed:
        facts.append("regressed: it was resolved and came back")
    facts += [
        f"confidence {entry.confidence:.2f}",
        f"category {_word(entry.category) or 'none'}",
        f"severity {_word(entry.severity) or 'none'}",
    ]
    if entry.services:
        facts.append(f"services {_services(entry.services)}")
    if entry.sources:
        labels = [f"{_word(label)} ({count})" for label, count in entry.sources]
        facts.append(f"from {', '.join(labels)}")
    return f"  {'; '.join(facts)}."


def _services(names: Sequence[str]) -> str:
    shown = ", ".join(_word(name) for name in names[:_SERVICES_SHOWN])
    more = len(names) - _SERVICES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _sentence(text: str) -> str:
    """The text, ended with a full stop: the lines of an item join into one paragraph."""
    line = markdown(text, _TEXT_MAX)
    return line if not line or line.endswith((".", "!", "?", "…", ":")) else f"{line}."


def _quote(text: str) -> str:
    """The words of a log in quotation marks, as a sentence: quoted speech is not an instruction."""
    line = quoted(text, _TEXT_MAX)
    return line if not line or line[-2] in ".!?…" else f"{line}."


def _word(text: str) -> str:
    return markdown(text, _WORD_MAX)
