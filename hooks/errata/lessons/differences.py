"""How the elements of two versions of a text differ.

The elements that lie in the changed lines are compared as multisets. What only one version has was
removed or added; what both have in two forms was changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from errata.lessons.elements import Element

_TEXTS = ("comment", "docstring", "string", "text")
_LITERALS = ("string", "number")
_NAMED = ("argument", "default", "pair", "attribute")
_PROSE = ("comment", "docstring", "text", "heading", "paragraph", "item", "row")
_WORD = re.compile(r"\w+")
_TRANSPARENT = (
    "condition",
    "loop",
    "with",
    "try",
    "catch",
    "lambda",
    "return",
    "await",
    "function",
)
"""Elements that do not speak for what lies in them: a loop that is added may hold older code."""
_SIMILAR = 0.45
_SHORTENED = 0.75


class Difference(NamedTuple):
    """An element of one version without its like in the other, or a pair of two forms.

    Attributes:
        change: removed, added, changed (same subject), renamed (same rest), reworded or shortened.
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
    removed = [Difference("removed", element, None) for element in _outermost(old)]
    added = [Difference("added", None, element) for element in _outermost(new)]
    return _without_inner_pairs(pairs) + removed + added


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
    if element.kind in _CONTAINERS:
        return element.kind, element.subject
    if element.kind == "import":
        return element.kind, element.subject, element.owner
    return element.kind, element.subject, element.text


_CONTAINERS = ("function", "test", "class", "try", "loop", "with", "condition", "lambda", "unsafe")
"""Elements that are alike if their subject is, whatever they hold."""


def _same_subject(old: Element, new: Element) -> bool:
    return bool(old.subject) and old.subject == new.subject and old.kind not in _TEXTS


def _same_rest(old: Element, new: Element) -> bool:
    if (
        not old.subject
        or not new.subject
        or old.kind not in ("call", "assertion", "tag", "decorator")
    ):
        return old.kind in ("catch", "throw") and old.kind == new.kind
    return _rest(old) == _rest(new)


def _rest(element: Element) -> str:
    return element.text.replace(element.subject.lstrip("."), "", 1)


def _moved(old: Element, new: Element) -> bool:
    return old.kind == "import" and old.subject == new.subject


def _same_owner(old: Element, new: Element) -> bool:
    return old.kind in _LITERALS and old.owner == new.owner


def _shorter(old: Element, new: Element) -> bool:
    return len(new.text) <= _SHORTENED * len(old.text) and _similar(old, new)


def _similar(old: Element, new: Element) -> bool:
    return old.kind in _PROSE and _share(old, new) >= _SIMILAR


def _other_test(old: Element, new: Element) -> bool:
    return (
        old.kind in ("condition", "guard", "assert", "assertion") and _share(old, new) >= _SIMILAR
    )


def _other_value(old: Element, new: Element) -> bool:
    return old.kind == new.kind == "return"


def _share(old: Element, new: Element) -> float:
    """Words that both texts have, as a share of the shorter one's."""
    old_words, new_words = _WORD.findall(old.text.lower()), _WORD.findall(new.text.lower())
    shared = sum((Counter(old_words) & Counter(new_words)).values())
    return shared / max(1, min(len(old_words), len(new_words)))


_Alike = Callable[[Element, Element], bool]
_PAIRINGS = (
    ("moved", _moved),
    ("changed", _same_subject),
    ("renamed", _same_rest),
    ("shortened", _shorter),
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
    for element in old[:]:
        match = next((n for n in new if n.kind == element.kind and alike(element, n)), None)
        if match is not None:
            old.remove(element)
            new.remove(match)
            pairs.append(Difference(change, element, match))


def _without_inner_pairs(pairs: Sequence[Difference]) -> list[Difference]:
    """Of pairs that lie in each other, the one that says most.

    A call only changed because its argument did; but the value of an argument, a default or a key
    says less than its name.
    """
    kept = []
    for pair in pairs:
        kind, element = pair.element.kind, pair.element
        others = [other.element for other in pairs if other is not pair]
        inner = [o for o in others if _holds(element, o)]
        outer = [o for o in others if _holds(o, element) and o.kind in _NAMED]
        if kind in _NAMED:
            inner = [o for o in inner if o.kind in _NAMED]
        if (pair.change == "changed" and inner) or (kind in _LITERALS and outer):
            continue
        kept.append(pair)
    return kept


def _outermost(items: Sequence[Element]) -> list[Element]:
    """The elements that do not lie in another one that was removed or added with them."""
    opaque = [element for element in items if element.kind not in _TRANSPARENT]
    whole = [element for element in items if element.kind in ("function", "test", "class")]
    return [
        element
        for element in items
        if not any(_holds(outer, element) for outer in (*opaque, *whole))
    ]


def _holds(outer: Element, inner: Element) -> bool:
    return (
        outer is not inner
        and outer.start <= inner.start
        and inner.stop <= outer.stop
        and (outer.stop - outer.start, inner.kind) != (inner.stop - inner.start, outer.kind)
    )
