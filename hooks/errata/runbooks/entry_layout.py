"""The layout of a runbook entry: one list item, and reading it back.

An entry is a list item, never a heading, so that no text from a log can open a section. The
wording states facts: agents read it beside their instructions, and it must not pose as one. Text
from a log is quoted, and nothing in it can end the quotation.

What a person wrote or confirmed is quoted, too, but its entry says so right after its name, where
no text of a log can be.

Two other readers depend on this layout: :func:`items` below, and ``skills/runbook_excerpt.py``,
which recognises a quotation, or code, above the line of figures, and a person's entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from errata.runbooks.entry import RETURNED, Entry
from errata.runbooks.sanitise import code_line, code_span, markdown, markdown_with_code, quoted

if TYPE_CHECKING:
    from errata.lessons.hot_spots import HotSpot
    from errata.patterns.lesson import Lesson

NAME_MAX = 80
"""Maximum length of a name, in characters."""
SMALLEST_ITEM = ("- **x** (tip, written by  on )",)
"""No item is smaller than this, whatever its entry holds."""
_TEXT_MAX, _EXAMPLE_MAX, _WORD_MAX = 300, 120, 40
_SERVICES_SHOWN, _FOLDERS_SHOWN = 5, 2
_CODE_MAX, _CODE_LINES = 120, 3
_FENCE = "```"
_ITEM = re.compile(r"- \*\*((?:[^*\\]|\\.)+)\*\* \(")


# Several runbooks may hold the same entry.
@lru_cache(maxsize=8192)
def item_lines(entry: Entry, by_hand: bool) -> tuple[str, ...]:
    """The lines of an entry; only its figures if a person described it in the same file."""
    head = f"- **{markdown(entry.name, NAME_MAX) or 'unnamed'}** ({_word(entry.kind)}"
    if by_hand:
        return f"{head}) (described above by hand)", *_figures(entry)
    description = _description(entry)
    if entry.by_person:
        head += f", {_author(entry)}"
    lines = [f"{head}): {description}" if description else f"{head})"]
    if entry.lesson and not entry.written:
        return *lines, *_example(entry.lesson), *_figures(entry)
    if fix := _quote(entry.fix):
        lines.append(f"  Instead: {fix}")
    if entry.lesson:
        return *lines, *_example(entry.lesson), *_figures(entry)
    examples = [text for text in (quoted(text, _EXAMPLE_MAX) for text in entry.examples) if text]
    if examples:
        lines.append(f"  For example: {'; '.join(examples)}.")
    return *lines, *_figures(entry)


def _author(entry: Entry) -> str:
    name = quoted(entry.written, _WORD_MAX)
    return f"{entry.source} by {name} on {_word(entry.written_on)}"


def hot_spot_lines(spots: Sequence[HotSpot]) -> tuple[str, ...]:
    """The lines of the note on hot spots; none without any."""
    if not spots:
        return ()
    head = "- **hot spots** (note): Do not commit changes to these places unread; check them twice"
    places = [f"  - {code_span(spot.place, _EXAMPLE_MAX)}: {spot.figures}" for spot in spots]
    return f"{head}.", *places


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


def _description(entry: Entry) -> str:
    if (lesson := entry.lesson) and lesson.instruction:
        sentences = (lesson.instruction, lesson.reason)
        return " ".join(filter(None, (markdown_with_code(text, _TEXT_MAX) for text in sentences)))
    return _sentence(entry.description) if entry.shipped else _quote(entry.description)


def _example(lesson: Lesson) -> list[str]:
    """The lines before and after, as code: on one line if each is one, else as a diff.

    In a diff every line has a sign, so that none can close the fence.
    """
    if lesson.example is None:
        return []
    before, after = (
        [line for text in lines[:_CODE_LINES] if (line := code_line(text, _CODE_MAX)).strip()]
        for lines in (lesson.example.before, lesson.example.after)
    )
    if len(before) > 1 or len(after) > 1:
        signed = [*(f"-{line}" for line in before), *(f"+{line}" for line in after)]
        return [f"  {line}" for line in (f"{_FENCE}diff", *signed, _FENCE)]
    old, new = (code_span(lines[0], _CODE_MAX) if lines else "" for lines in (before, after))
    if old and new:
        return [f"  Before: {old} After: {new}"]
    return [f"  Removed: {old}"] if old else [f"  Added: {new}"] if new else []


def _figures(entry: Entry) -> tuple[str, ...]:
    """The line of figures; none of a person's lesson that nothing was seen of."""
    if entry.by_person and not entry.occurrences:
        return ()
    times = "1 time" if entry.occurrences == 1 else f"{entry.occurrences} times"
    if entry.sessions:
        times += f" in {entry.sessions} session{'' if entry.sessions == 1 else 's'}"
    trend = _word(entry.trend) or "no trend"
    facts = [f"Seen {times} ({trend}), last {_word(entry.last_seen)}"]
    if entry.lesson:
        facts = [_history(entry, entry.lesson, times), trend]
    if entry.written and not entry.by_person:
        facts = facts if entry.occurrences else ["Seen 0 times"]
        facts.append(_author(entry))
    if entry.regressed:
        facts.append(RETURNED)
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
    return (f"  {'; '.join(facts)}.",)


def _history(entry: Entry, lesson: Lesson, times: str) -> str:
    """How often people corrected it, of how many chances, where and since when."""
    parts = [f"People corrected this {times}"]
    if rate := lesson.rate:
        noun = "agent commit" if rate.chances == 1 else "agent commits"
        parts[0] += f" ({rate.corrected} of {rate.chances} {noun} that could have called for it)"
    if folders := [code_span(name, _WORD_MAX) for name in lesson.folders[:_FOLDERS_SHOWN]]:
        parts.append(f"mostly in {' and '.join(folders)}")
    parts += [f"since {_word(entry.first_seen)}", f"last {_word(entry.last_seen)}"]
    return ", ".join(parts)


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
