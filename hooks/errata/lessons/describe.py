"""What an edit did, as facts: ``call-removed print``, ``except-narrowed Exception → ValueError``.

Which differences between the elements of both versions are facts, and what they are called, is data
(``rules/edits.toml``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from errata import rules
from errata.lessons import areas, elements, examples, prose
from errata.lessons.description import Description, EditedFile, Hunk, ShownFact
from errata.lessons.differences import Difference, differences
from errata.lessons.elements import Element
from errata.lessons.kinds import ARROW, Fact
from errata.messages.redact import redact

MAX_FACTS = 24
_MANY_LINES = 5
_LITERALS = ("string", "number")


def describe(files: Iterable[EditedFile]) -> Description:
    """The facts of an edit, its area and examples; empty for what cannot be read.

    The order of the files does not matter.
    """
    changed = sorted(files, key=lambda file: (file.path, file.old, file.new))
    shown = [(file, item) for file in changed for item in _file_facts(file)]
    facts = sorted({item.fact for _, item in shown})[:MAX_FACTS]
    area = areas.area_of(changed)
    return Description(tuple(map(str, facts)), area, examples.choose(shown, facts))


def _file_facts(file: EditedFile) -> list[ShownFact]:
    before = _elements(file.path, file.old, _ranges(hunk.old for hunk in file.hunks))
    after = _elements(file.path, file.new, _ranges(hunk.new for hunk in file.hunks))
    shown = []
    for difference in differences(before, after):
        if fact := _fact(difference):
            shown.append(ShownFact(fact, difference.old, difference.new))
    return shown + [ShownFact(fact) for fact in _whole_blocks(file.hunks, bool(shown))]


def _elements(path: str, text: str, ranges: Sequence[tuple[int, int]]) -> list[Element]:
    if language := elements.language_of(path):
        return elements.elements(text, language, ranges)
    if path.rpartition(".")[2].lower() in prose.EXTENSIONS:
        return prose.elements(text, ranges)
    return []


def _ranges(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(start, stop) for start, stop in spans if start < stop]


def _fact(difference: Difference) -> Fact | None:
    """The first kind of fact that a difference is; None if it is none."""
    for rule in rules.load("edits")["kind"]:
        if _is_kind(rule, difference):
            return Fact(rule["name"], redact(_subject(difference)))
    return None


def _is_kind(rule: Mapping[str, Any], difference: Difference) -> bool:
    if difference.change not in rule["change"] or difference.element.kind not in rule["element"]:
        return False
    if "owner" in rule and not rule["owner"].search(difference.element.owner):
        return False
    for side, element in (("old", difference.old), ("new", difference.new)):
        if side in rule and (element is None or not rule[side].search(_searched(element))):
            return False
    return True


def _searched(element: Element) -> str:
    return element.subject if element.subject or element.kind == "comment" else element.text


def _subject(difference: Difference) -> str:
    old, new, element = difference.old, difference.new, difference.element
    if difference.change == "renamed" and old is not None and new is not None:
        return elements.shorten(f"{old.subject}{ARROW}{new.subject}")
    if element.kind in ("condition", "guard") and difference.change == "changed":
        return ""
    return element.subject or (element.owner if element.kind in _LITERALS else "")


def _whole_blocks(hunks: Sequence[Hunk], has_facts: bool) -> Iterator[Fact]:
    """A fact for hunks that only take out, or only put in, many lines."""
    removed = sum(hunk.old[1] - hunk.old[0] for hunk in hunks)
    added = sum(hunk.new[1] - hunk.new[0] for hunk in hunks)
    if removed >= _MANY_LINES and not added:
        yield Fact("block-removed")
    if added >= _MANY_LINES and not removed:
        yield Fact("block-added")
    if removed and added and not has_facts:
        yield Fact("formatting-only")


def hunks_of(old: str, new: str) -> list[Hunk]:
    """The changed lines of two texts, for callers that have no diff."""
    matcher = difflib.SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
    return [
        Hunk((start, stop), (new_start, new_stop))
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]
