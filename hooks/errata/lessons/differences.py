"""How the elements of two versions of a text differ.

The elements that lie in the changed lines are compared as multisets. What only one version has was
removed or added; what both have in two forms, in the same hunk, was changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from errata.lessons.callees import is_common
from errata.lessons.element import Element
from errata.lessons.texts import flat

_TEXTS = ("comment", "docstring", "string", "text")
_LITERALS = ("string", "number")
_VALUES = ("argument", "default", "pair", "attribute", "style", "constant")
_PROSE = ("comment", "docstring", "text", "heading", "paragraph", "item", "row", "string")
_RENAMED = ("call", "assertion", "tag", "function", "catch", "throw", "type", "import")
_BY_SUBJECT = (
    *("function", "test", "class", "try", "loop", "with", "lambda", "unsafe", "decorator", "emoji"),
    *("await", "defer", "tag", "comprehension", "file"),
)
"""Elements that are alike if their subject is, whatever they hold."""
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_NEGATION = re.compile(r"^(?:not\s+|!)\(?|\)$")
_OPPOSITE = {"==": "!=", "===": "!==", "is": "is not", "in": "not in", "<": ">=", ">": "<="}
_SIMILAR = 0.45
LONG_TEXT = 200
"""Characters: a string of as many is a text of its own, whatever it is the value of."""
_SHORTENED = 0.75
_MAX_CANDIDATES = 40
_MAX_PAIRS = 150


class Difference(NamedTuple):
    """An element of one version without its like in the other, or a pair of two forms.

    Attributes:
        change: removed, added, changed (same subject), renamed (same rest), moved, inverted,
            reworded or shortened.
    """

    change: str
    old: Element | None
    new: Element | None

    @property
    def element(self) -> Element:
        """The old element, or the new one if it was added."""
        element = self.old or self.new
        assert element is not None
        return element


def differences(before: Sequence[Element], after: Sequence[Element]) -> list[Difference]:
    """How the elements of two versions differ; what both have alike cancels out."""
    old, new = _without(before, after), _without(after, before)
    pairs: list[Difference] = []
    for change, alike in _PAIRINGS:
        _pair(old, new, change, alike, pairs)
    removed = [Difference("removed", element, None) for element in old]
    added = [Difference("added", None, element) for element in new]
    return _without_outer_pairs(pairs[:_MAX_PAIRS]) + removed + added


def _without(items: Sequence[Element], others: Sequence[Element]) -> list[Element]:
    """The elements that the other version does not have, as multisets."""
    counts = Counter(map(_content, others))
    rest = []
    for element in items:
        if counts[_content(element)]:
            counts[_content(element)] -= 1
        else:
            rest.append(element)
    return rest


def _content(element: Element) -> tuple[str, ...]:
    kind = "condition" if element.kind == "guard" else element.kind
    if kind in _BY_SUBJECT:
        return kind, element.subject
    if kind == "import":
        return kind, element.subject, element.owner
    if kind == "type":
        return kind, element.subject, element.owner
    return kind, element.subject, element.text


def _same_subject(old: Element, new: Element) -> bool:
    if old.kind in _TEXTS or old.kind in ("condition", "guard", "type", "return", "cast", "import"):
        return False
    return bool(old.subject) and old.subject == new.subject


def _same_rest(old: Element, new: Element) -> bool:
    if old.kind not in _RENAMED or old.subject == new.subject:
        return False
    if old.kind in ("catch", "type"):
        return old.owner == new.owner
    if not old.subject or not new.subject:
        return False
    common = is_common(old.subject) + is_common(new.subject)
    rest = _rest(old)
    # Calls without arguments are all alike.
    return rest == _rest(new) and common < (2 if _WORD.search(rest) else 1)


def _rest(element: Element) -> str:
    """What stands around the name: the names that an import takes, the arguments of a call."""
    subject = element.subject.lstrip(".")
    if element.kind in ("call", "assertion", "throw"):
        # A receiver goes with the name.
        return element.text.partition("(")[2] or element.text.rpartition(subject)[2]
    return element.text.replace(subject, "", 1)


def _moved(old: Element, new: Element) -> bool:
    return old.kind == "import" and old.subject == new.subject


def _inverted(old: Element, new: Element) -> bool:
    if old.kind not in ("condition", "guard"):
        return False
    return _negated(old.text) == _plain(new.text) or _negated(new.text) == _plain(old.text)


def _plain(condition: str) -> str:
    return re.sub(r"^\((.*)\)$", r"\1", condition).strip()


def _negated(condition: str) -> str:
    plain = _plain(condition)
    for operator, opposite in _OPPOSITE.items():
        if f" {operator} " in plain:
            return plain.replace(f" {operator} ", f" {opposite} ", 1)
    return flat(_NEGATION.sub("", plain)) if _NEGATION.match(plain) else f"!{plain}"


def _same_owner(old: Element, new: Element) -> bool:
    return old.kind in _LITERALS and bool(old.owner) and old.owner == new.owner


def _similar(old: Element, new: Element) -> bool:
    return old.kind in _PROSE and _share(old, new) >= _SIMILAR


def _other_test(old: Element, new: Element) -> bool:
    return old.kind in ("condition", "guard", "assert") and _share(old, new) >= _SIMILAR


def _other_value(old: Element, new: Element) -> bool:
    return old.kind in ("return", "code", "link") and old.subject == new.subject


def _share(old: Element, new: Element) -> float:
    """Words that both texts have, as a share of the shorter one's."""
    old_words, new_words = _words(old.text), _words(new.text)
    shared = sum((old_words & new_words).values())
    return shared / max(1, min(old_words.total(), new_words.total()))


@lru_cache(maxsize=2048)
def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


_Alike = Callable[[Element, Element], bool]
_PAIRINGS: tuple[tuple[str, _Alike], ...] = (
    ("moved", _moved),
    ("changed", _same_subject),
    ("renamed", _same_rest),
    ("inverted", _inverted),
    ("reworded", _similar),
    ("changed", _same_owner),
    ("changed", _other_test),
    ("changed", _other_value),
)
"""How two elements of a kind may be two forms of one, the surest way first."""


def _pair(
    old: list[Element], new: list[Element], change: str, alike: _Alike, pairs: list[Difference]
) -> None:
    """Move pairs from both lists to ``pairs``, in the order of the text."""
    texts = change == "reworded"
    near: defaultdict[tuple[str, int], list[Element]] = defaultdict(list)
    for element in new:
        near[_place(change, element)].append(element)
    for element in old[:]:
        candidates = near[_place(change, element)]
        matches = [n for n in candidates[:_MAX_CANDIDATES] if alike(element, n)]
        if matches:
            match = max(matches, key=lambda n: _likeness(element, n)) if texts else matches[0]
            candidates.remove(match)
            old.remove(element)
            new.remove(match)
            if _DIGITS.sub("", element.text) != _DIGITS.sub("", match.text) or _counts(element):
                short = texts and len(match.text) <= _SHORTENED * len(element.text)
                pairs.append(Difference("shortened" if short else change, element, match))


def _likeness(old: Element, new: Element) -> float:
    """Words that both texts have, as a share of the longer one's."""
    a, b = _words(old.text), _words(new.text)
    return sum((a & b).values()) / max(1, a.total(), b.total())


def _place(change: str, element: Element) -> tuple[str, int]:
    """Elements that may be forms of each other have the same place; only imports move."""
    return _kind(element), -1 if change == "moved" else element.hunk


def _kind(element: Element) -> str:
    return "condition" if element.kind == "guard" else element.kind


def _counts(element: Element) -> bool:
    """Whether a number in an element means something: in prose, it may just count on."""
    return element.kind not in _PROSE or element.kind == "string"


def _without_outer_pairs(pairs: Sequence[Difference]) -> list[Difference]:
    """Of pairs that lie in each other, the one that says most.

    A call only changed because its argument did; but the value of an argument, a default or a key
    says less than its name.
    """
    kept = []
    for pair in pairs:
        kind, element = pair.element.kind, pair.element
        others = [other.element for other in pairs if other is not pair]
        inner = [o for o in others if _holds(element, o)]
        outer = [o for o in others if _holds(o, element) and o.kind in _VALUES]
        if kind in _VALUES:
            inner = [o for o in inner if o.kind in _VALUES]
        is_value = kind in _LITERALS and outer and len(element.text) < LONG_TEXT
        if (pair.change == "changed" and inner) or is_value:
            continue
        kept.append(pair)
    return kept


def _holds(outer: Element, inner: Element) -> bool:
    is_within = outer.start <= inner.start and inner.stop <= outer.stop
    return is_within and outer[4:6] != inner[4:6]
