"""Lines of both versions that show facts."""

from __future__ import annotations

from collections.abc import Sequence

from errata.lessons.description import EditedFile, Example, ShownFact
from errata.lessons.element import Element
from errata.lessons.kinds import Fact
from errata.lessons.texts import clean, truncate, visible
from errata.messages.redact import redact

MAX_EXAMPLES = 3
MAX_LINES = 3
MAX_LINE = 160
_MAX_PATH = 200
_TAB = "    "


def choose(
    all_facts: Sequence[tuple[EditedFile, ShownFact]], facts: Sequence[Fact]
) -> tuple[Example, ...]:
    """At most three examples that together show as many of the facts as possible."""
    open_facts = set(facts)
    chosen: list[Example] = []
    for file, item in all_facts:
        if item.fact not in open_facts or not (item.old or item.new):
            continue
        before, after = _lines(file.old, item.old), _lines(file.new, item.new)
        if before == after:
            continue
        shown = sorted(
            {o.fact for f, o in all_facts if f is file and _within(o, item)} & open_facts
        )
        open_facts.difference_update(shown)
        path = clean(file.path, _MAX_PATH)
        chosen.append(Example(tuple(map(str, shown)), path, before, after))
        if len(chosen) == MAX_EXAMPLES:
            break
    return tuple(chosen)


def _within(item: ShownFact, shown: ShownFact) -> bool:
    """Whether the elements of a fact lie in those of the one that an example shows."""
    pairs = [(item.old, shown.old), (item.new, shown.new)]
    return item.fact == shown.fact or all(
        a is None or (b is not None and b.start <= a.start and a.stop <= b.stop) for a, b in pairs
    )


def _lines(text: str, element: Element | None) -> tuple[str, ...]:
    """The first lines of an element, as they may be stored."""
    if element is None:
        return ()
    start = text.rfind("\n", 0, element.start) + 1
    lines: list[str] = []
    while len(lines) < MAX_LINES and start <= element.stop and start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        if line := visible(text[start : min(stop, start + 10 * MAX_LINE)]).rstrip():
            lines.append(line.replace("\t", _TAB))
        start = stop + 1
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
    return tuple(truncate(redact(line[indent:]), MAX_LINE) for line in lines)
