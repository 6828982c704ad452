"""What an edit did, as facts: ``call-removed print``, ``except-narrowed Exception → ValueError``.

Which differences between the elements of both versions are facts, and what they are called, is data
(``rules/edits.toml``). A fact says what a reviewer would: a new or deleted function, not all that
is in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from errata import rules
from errata.corrections.classify.instruction_comments import is_addressed
from errata.lessons import (
    areas,
    callees,
    elements,
    examples,
    identifiers,
    kinds,
    lexed,
    prose,
    relevance,
)
from errata.lessons.description import Description, EditedFile, ShownFact
from errata.lessons.differences import Difference, differences
from errata.lessons.element import Element, Ranges
from errata.lessons.hunks import HunkLines, lines_of
from errata.lessons.kinds import ARROW, Fact
from errata.lessons.texts import MAX_SUBJECT, clean, shorten, truncate

MAX_TREE_FACTS = 24
MAX_FACTS = 40
_MAX_OF_A_KIND = 4
_MAX_HUNKS = 200
_MAX_EMOJI_LINES = 200
_MAX_CHARACTERS = 3_000_000
_MANY_LINES = 5
_ENOUGH = 3
_WITHOUT_SUBJECT = (
    *("test", "heading", "paragraph", "item", "row", "text", "comment", "docstring", "class"),
    *("loop", "comprehension", "cast", "literal", "return", "link", "emoji", "block"),
)
"""Elements whose own names say nothing to those who write other code."""
_WITHOUT_TEXT = ("comment", "catch", "condition", "guard")
_LITERALS = ("string", "number")
_VAGUE = ("string-changed", "number-changed", "call-added", "call-removed", "arguments-changed")
"""Kinds that say nothing without a subject."""
_DELETED = "file-removed"
_MAX_TYPE = 28
_DATA = (".jsonl", ".csv", ".tsv", ".svg", ".lock", ".ipynb", ".snap", ".log", ".map", ".sum")
"""Endings of files that hold what programs write."""
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")


def describe(files: Iterable[EditedFile]) -> Description:
    """The facts of an edit, its area and examples; empty for what cannot be read.

    The order of the files does not matter.
    """
    changed = sorted(files, key=lambda file: (file.path, file.old, file.new))
    shown: list[tuple[EditedFile, ShownFact]] = []
    with_lines: list[tuple[EditedFile, list[HunkLines]]] = []
    for file in map(_bounded, changed):
        if file.path.lower().endswith(_DATA):
            continue
        items, lines = _file_facts(file)
        shown += [(file, item) for item in items]
        with_lines.append((file, lines))
    shown = _without_few_removals(shown, len(with_lines))
    tree_facts = _chosen([item.fact for _, item in shown])
    names = [_cleaned(fact) for fact in identifiers.facts(with_lines)[: identifiers.MAX_NAMES]]
    facts = sorted({*tree_facts, *names})[:MAX_FACTS]
    symbols = [symbol for file in changed for symbol in areas.symbols(file)]
    return Description(
        tuple(map(str, facts)),
        areas.area_of(changed, symbols),
        examples.choose(shown, facts, [file for file, _ in with_lines]),
    )


def _without_few_removals(
    shown: Sequence[tuple[EditedFile, ShownFact]], files: int
) -> list[tuple[EditedFile, ShownFact]]:
    """The facts without files that were deleted along with more other work.

    Somebody who reorganises a project also deletes files; that says nothing against such files.
    """
    counts = Counter(item.fact for _, item in shown if item.fact.kind == _DELETED)
    return [
        (file, item)
        for file, item in shown
        if item.fact not in counts or 2 * counts[item.fact] >= files
    ]


def _bounded(file: EditedFile) -> EditedFile:
    """The file as it is read: as text, and with the first hunks only if there are very many."""
    if len(file.old) + len(file.new) > _MAX_CHARACTERS:
        return replace(file, hunks=())
    hunks = file.hunks[:_MAX_HUNKS]
    return replace(file, old=_encodable(file.old), new=_encodable(file.new), hunks=hunks)


def _encodable(text: str) -> str:
    """The text without lone surrogates, which no parser takes; its length stays."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _chosen(facts: Sequence[Fact]) -> list[Fact]:
    """The facts that say most; what was only moved says nothing."""
    counts = Counter(_without_moves(facts))
    ranked = sorted(counts, key=lambda fact: (-kinds.weight(fact.kind), -counts[fact], fact))
    chosen: list[Fact] = []
    for fact in ranked:
        same = sum(other.kind == fact.kind for other in chosen)
        enough = kinds.weight(fact.kind) == 0 and len(chosen) >= _ENOUGH
        if same < _MAX_OF_A_KIND and not enough:
            chosen.append(fact)
    return chosen[:MAX_TREE_FACTS]


def _without_moves(facts: Sequence[Fact]) -> list[Fact]:
    counts = Counter(facts)
    kept = []
    for fact in facts:
        stem, _, change = fact.kind.rpartition("-")
        opposite = {"added": "removed", "removed": "added"}.get(change, "")
        other = Fact(f"{stem}-{opposite}", fact.subject)
        if not fact.subject or counts[other] < counts[fact]:
            kept.append(fact)
    return kept


def _file_facts(file: EditedFile) -> tuple[list[ShownFact], list[HunkLines]]:
    """The facts of a file with their elements, and its hunks."""
    if file.old and not file.new:
        gone = Difference("removed", Element("file", _pattern_of(file.path), ""), None)
        return [ShownFact(fact) for fact in [_fact(gone)] if fact], []
    before = _elements(file.path, file.old, [hunk.old for hunk in file.hunks])
    after = _elements(file.path, file.new, [hunk.new for hunk in file.hunks])
    lines = lines_of(file, _comments(before), _comments(after))
    kept = relevance.relevant(file, lines, differences(before, after))
    shown = [ShownFact(fact, item.old, item.new) for item in kept if (fact := _fact(item))]
    return [*shown, *_whole_hunks(lines, bool(shown))], lines


def _pattern_of(path: str) -> str:
    """What files a deleted one stands for: those of its hidden folder, or of its extension."""
    *folders, name = path.split("/")
    hidden = next((folder for folder in folders if folder.startswith(".")), "")
    extension = name.rpartition(".")[2] if "." in name else ""
    return shorten(f"{hidden}/" if hidden else f"*.{extension}" if extension else name)


def _comments(items: Sequence[Element]) -> list[Element]:
    return [element for element in items if element.kind in ("comment", "docstring")]


def _elements(path: str, text: str, ranges: Ranges) -> list[Element]:
    result: list[Element] | None = None
    if language := elements.language_of(path):
        result = elements.elements(text, language, ranges)
    elif path.rpartition(".")[2].lower() in prose.EXTENSIONS:
        result = prose.elements(text, ranges)
    if result is None:
        result = lexed.elements(path, text, ranges)
    return [*result, *_emoji(text, ranges)]


def _emoji(text: str, ranges: Ranges) -> Iterator[Element]:
    if text.isascii() or not _EMOJI.search(text):
        return
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for hunk, (begin, end) in enumerate(ranges):
        for number in range(begin, min(end, begin + _MAX_EMOJI_LINES, len(lines))):
            if _EMOJI.search(lines[number]):
                place = (starts[number], starts[number + 1] - 1, number, number, hunk)
                yield Element("emoji", "", "", "", *place)


def _fact(difference: Difference) -> Fact | None:
    """The first kind of fact that a difference is; None if it is none."""
    if difference.element.kind == "comment" and _asks_agent(difference.new):
        return None
    for rule in rules.load("edits")["kind"]:
        if _is_kind(rule, difference):
            subject = _subject(rule["name"], difference)
            needs_subject = "{" in rule["teaches"] and "teaches_alone" not in rule
            is_vague = not subject and (needs_subject or rule["name"] in _VAGUE)
            return None if is_vague else _cleaned(Fact(rule["name"], subject))
    return None


def _asks_agent(element: Element | None) -> bool:
    """Whether a comment is a person's words to an agent."""
    return element is not None and is_addressed(element.text)


def _is_kind(rule: Mapping[str, Any], difference: Difference) -> bool:
    if difference.change not in rule["change"] or difference.element.kind not in rule["element"]:
        return False
    if difference.element.kind == "string" and len(difference.element.text) < rule.get("least", 0):
        return False
    if "owner" in rule and not rule["owner"].search(difference.element.owner):
        return False
    for side, element in (("old", difference.old), ("new", difference.new)):
        if side in rule and (element is None or not rule[side].search(_searched(element))):
            return False
    return True


def _searched(element: Element) -> str:
    if element.kind == "import":
        return element.owner
    return element.subject if element.subject or element.kind in _WITHOUT_TEXT else element.text


def _subject(kind: str, difference: Difference) -> str:
    old, new, element = difference.old, difference.new, difference.element
    if element.kind in _WITHOUT_SUBJECT and not kind.startswith("suppression"):
        return ""
    if difference.change == "renamed" and old is not None and new is not None:
        is_long = len(old.subject) > _MAX_TYPE or len(new.subject) > _MAX_TYPE
        return "" if element.kind == "type" and is_long else _pair(old.subject, new.subject)
    if element.kind in _LITERALS:
        generic = kind in ("string-changed", "number-changed")
        return element.owner if generic and callees.says_something(element.owner) else ""
    if difference.change in ("changed", "inverted") and element.kind in ("condition", "guard"):
        return ""
    if kind in ("function-removed", "function-added", "type-added", "type-removed"):
        return ""
    return element.subject


def _pair(old: str, new: str) -> str:
    return f"{old or 'all'}{ARROW}{new or 'all'}"


def _cleaned(fact: Fact) -> Fact:
    """A fact whose subject may be kept and shown."""
    callee, parenthesis, argument = fact.subject.partition("(")
    if not argument.endswith("=)"):
        return Fact(fact.kind, clean(fact.subject, MAX_SUBJECT))
    # The parts alone, because "(password=)" looks like a secret that ends there.
    parts = clean(callee, MAX_SUBJECT), clean(argument[:-2], MAX_SUBJECT)
    return Fact(fact.kind, truncate(f"{parts[0]}{parenthesis}{parts[1]}=)", MAX_SUBJECT))


def _whole_hunks(lines: Sequence[HunkLines], has_facts: bool) -> Iterator[ShownFact]:
    """Facts for hunks of which nothing else is said."""
    for hunk in lines if not has_facts else ():
        old, new = len(hunk.old), len(hunk.new)
        if old >= _MANY_LINES and not new:
            yield ShownFact(Fact("block-removed"))
        elif new >= _MANY_LINES and not old:
            yield ShownFact(Fact("block-added"))
        elif hunk.is_rewritten:
            yield ShownFact(Fact("block-rewritten"))
    if lines and not has_facts and all(map(_is_reformatted, lines)):
        yield ShownFact(Fact("formatting-only"))


def _is_reformatted(hunk: HunkLines) -> bool:
    old, new = ("".join("".join(side).split()) for side in (hunk.old, hunk.new))
    return old == new
