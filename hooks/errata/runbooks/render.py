"""The text of a generated block.

An entry is a list item, never a heading, so that no text from a log can open a section. The
wording states facts: agents read it beside their instructions, and it must not pose as one. What a
log says is quoted, and nothing in it can end the quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from errata.core.config import RunbookBudget
from errata.runbooks.document import MARKER_LENGTHS
from errata.runbooks.entry import Entry
from errata.runbooks.paths import INTRO as INTRO
from errata.runbooks.sanitise import markdown, quoted

_NAME, _TEXT, _WORD = 80, 300, 40
_EXAMPLE = 120
_SERVICES = 5
_LEFT_OUT = 300  # characters of the line that names what did not fit
# No item is smaller than this, whatever its entry holds.
_LEAST = ("- **x** (x)", "  Seen 1 time (x), last ; confidence 0.00; category x; severity x.")
_ITEM = re.compile(r"- \*\*((?:[^*\\]|\\.)+)\*\* \(")


def render(entries: Sequence[Entry], manual: frozenset[str], budget: RunbookBudget) -> str:
    """The body of a block: LF line ends, the last one included; empty without entries.

    Best confidence first, then by name. ``manual`` holds the names that a person described in
    the same file: those entries keep their numbers only. With its markers the block stays within
    the budget, whichever line end the file uses; what does not fit is named in its last line.
    """
    ranked = sorted(entries, key=lambda e: (-e.confidence, e.name, e.kind, e.description))
    if not ranked:
        return ""
    room = _Room(budget)
    room.take([INTRO, ""])
    made = _Items(manual)
    whole = made.whole(ranked, room)
    return "\n".join([INTRO, "", *(_fill(ranked, made, room) if whole is None else whole)]) + "\n"


class _Items:
    """The lines of entries, made when they are wanted: of many only a few fit."""

    def __init__(self, manual: frozenset[str]) -> None:
        self._manual = manual
        self._made: dict[int, list[str]] = {}

    def of(self, entry: Entry) -> list[str]:
        """The lines of an entry."""
        if id(entry) not in self._made:
            self._made[id(entry)] = _item(entry, entry.name in self._manual)
        return self._made[id(entry)]

    def may_fit(self, entry: Entry, room: _Room) -> bool:
        """Whether it is worth making the lines of an entry; no only where they cannot fit."""
        if not room.fits(_LEAST):
            return False
        named = _seen(entry.name[:_NAME])
        if entry.name in self._manual:
            return _size(_LEAST) + named <= room.chars
        texts = [text for text in (entry.description, *entry.examples) if _seen(text)]
        marks = 2 * (len(texts) - (entry.shipped and bool(_seen(entry.description))))
        return _size(_LEAST) + named + marks + sum(map(_seen, texts)) <= room.chars

    def whole(self, entries: Sequence[Entry], room: _Room) -> list[str] | None:
        """The lines of all entries, or None where they do not fit."""
        found: list[str] = []
        for entry in entries:
            found += self.of(entry)
            if not room.fits(found):
                return None
        return found


def items(body: str) -> dict[str, str]:
    """Name, as it is seen -> the text of its item, of a body that :func:`render` made."""
    found: dict[str, str] = {}
    name = ""
    for line in body.split("\n"):
        if match := _ITEM.match(line):
            name = re.sub(r"\\(.)", r"\1", match[1])
            found[name] = line
        elif name and line.startswith("  "):
            found[name] += "\n" + line
        else:
            name = ""
    return found


class _Room:
    """Lines and characters that are left; a line end counts two, as it does in a CRLF file."""

    def __init__(self, budget: RunbookBudget) -> None:
        self.lines = budget.max_lines - 2
        self.chars = budget.max_chars - sum(MARKER_LENGTHS) - 2 * len(MARKER_LENGTHS)

    def fits(self, lines: Sequence[str]) -> bool:
        return len(lines) <= self.lines and _size(lines) <= self.chars

    def take(self, lines: Sequence[str]) -> None:
        self.lines -= len(lines)
        self.chars -= _size(lines)


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 2 for line in lines)


def _fill(entries: Sequence[Entry], items: _Items, room: _Room) -> Iterator[str]:
    # The line about the rest is paid for first; it may use what the items leave, up to its cap.
    reserve = min(_LEFT_OUT, room.chars // 2)
    room.lines -= 1
    room.chars -= reserve
    rest = []
    for entry in entries:
        lines = items.of(entry) if items.may_fit(entry, room) else []
        if lines and room.fits(lines):
            room.take(lines)
            yield from lines
        else:
            rest.append(entry)
    yield _left_out(rest, min(_LEFT_OUT, room.chars + reserve - 2))


def _seen(text: str) -> int:
    """At least so many characters of a text are seen in its item, however it is made harmless."""
    if not (text.isascii() and text.isprintable()):
        return 0
    # A full stop at the end may go, quotation marks that meet become one, and a cut shows as one
    # character.
    gone = sum(map(text.count, " .\"'`"))
    return max(min(len(text) - gone, _EXAMPLE) - 1, 0)


def _left_out(rest: Sequence[Entry], limit: int) -> str:
    start = f"- Left out for want of room: {len(rest)}"
    named: list[str] = []
    for entry in rest:
        trial = [*named, markdown(entry.name, _NAME)]
        if len(f"{start} ({', '.join(trial)}, …).") > limit:
            break
        named = trial
    if not named:
        return f"{start}."
    return f"{start} ({', '.join(named)}{'' if len(named) == len(rest) else ', …'})."


def _item(entry: Entry, by_hand: bool) -> list[str]:
    head = f"- **{markdown(entry.name, _NAME) or 'unnamed'}** ({_word(entry.kind)}"
    if by_hand:
        return [f"{head}) (described above by hand)", _numbers(entry)]
    said = _sentence if entry.shipped else _reported
    description = said(entry.description)
    lines = [f"{head}): {description}" if description else f"{head})"]
    if fix := _reported(entry.fix):
        lines.append(f"  Instead: {fix}")
    shown = [text for text in (quoted(text, _EXAMPLE) for text in entry.examples) if text]
    if shown:
        lines.append(f"  For example: {'; '.join(shown)}.")
    return [*lines, _numbers(entry)]


def _numbers(entry: Entry) -> str:
    times = "1 time" if entry.occurrences == 1 else f"{entry.occurrences} times"
    if entry.sessions:
        times += f" in {entry.sessions} session{'' if entry.sessions == 1 else 's'}"
    trend = _word(entry.trend) or "no trend"
    facts = [
        f"Seen {times} ({trend}), last {_word(entry.last_seen)}",
        f"confidence {entry.confidence:.2f}",
        f"category {_word(entry.category) or 'none'}",
        f"severity {_word(entry.severity) or 'none'}",
    ]
    if entry.regressed:
        facts.insert(1, "regressed: it was resolved and came back")
    if entry.services:
        facts.append(f"services {_some(entry.services)}")
    if entry.sources:
        labels = [f"{_word(label)} ({count})" for label, count in entry.sources]
        facts.append(f"from {', '.join(labels)}")
    return f"  {'; '.join(facts)}."


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(_word(name) for name in names[:_SERVICES])
    more = len(names) - _SERVICES
    return f"{shown} and {more} more" if more > 0 else shown


def _sentence(text: str) -> str:
    """The text with a full stop where it has no end: the lines of an item join in one paragraph."""
    line = markdown(text, _TEXT)
    return line if not line or line.endswith((".", "!", "?", "…", ":")) else f"{line}."


def _reported(text: str) -> str:
    """The same of what a log says, in quotation marks: reported speech is no instruction."""
    line = quoted(text, _TEXT)
    return line if not line or line[-2] in ".!?…" else f"{line}."


def _word(text: str) -> str:
    return markdown(text, _WORD)
