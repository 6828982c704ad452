"""What a text must hold for a regular expression to match it, told from the expression itself.

Compiling an expression costs a thousand times what it costs to see that a text holds none of the
words without which it cannot match. This is worked out when the rules are compiled, from the tree
that Python itself parses, and only where it is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_MOST = 160
"""So many texts are put together at most before a run counts as endless."""


class Literals(NamedTuple):
    """What is known of the texts that an expression matches.

    Attributes:
        needs: one of these stands in every text in which a match is found; empty if none is known.
        only: the whole of a match is one of these; None if that cannot be listed.
    """

    needs: tuple[str, ...]
    only: tuple[str, ...] | None


def literals(expression: str, flags: int = 0) -> Literals:
    """What is known of an expression's matches; in lower case if ``flags`` ignore case.

    With IGNORECASE both hold for texts in ASCII alone: beyond it, case has exceptions.
    """
    tree = _parser.parse(expression, flags)
    fold = bool(tree.state.flags & re.IGNORECASE)
    needs, only = _sequence(tree.data, fold)
    least = _least(_better(needs, only) or set())
    return Literals(tuple(sorted(least)), tuple(sorted(only)) if only is not None else None)


_Known = tuple[set[str] | None, set[str] | None]
"""(what is needed, what alone matches), each None if unknown."""


def _sequence(items: Any, fold: bool) -> _Known:
    run: set[str] = {""}
    whole = exact = True
    best: set[str] | None = None
    for kind, value in items:
        needs, only = _one(kind, value, fold)
        if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            # Takes up no text: what stands before and behind it is side by side.
            exact = False
            continue
        if only is not None and len(run) * len(only) <= _MOST:
            run = {a + b for a, b in product(run, only)}
            continue
        best = _better(_better(best, run), _better(needs, only))
        run, whole = {""}, False
    best = _better(best, run)
    return best, run if whole and exact else None


def _better(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    """The set that says more: longer words, then fewer. A set that holds "" says nothing."""
    good = [found for found in (one, other) if found and "" not in found]
    return max(good, key=lambda found: (min(map(len, found)), -len(found)), default=None)


def _least(found: set[str]) -> set[str]:
    """Without the words that hold another one."""
    return {word for word in found if not any(o != word and o in word for o in found)}


def _one(kind: Any, value: Any, fold: bool) -> _Known:
    if kind in (op.LITERAL, op.IN):
        return None, _class(value if kind is op.IN else [(kind, value)], fold)
    if kind is op.SUBPATTERN and not (value[1] or value[2]):
        return _sequence(value[3], fold)
    if kind is op.BRANCH:
        return _branch(value[1], fold)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, inner = value
        needs, only = _sequence(inner, fold)
        if least == 0:
            return None, only | {""} if most == 1 and only is not None else None
        return _better(needs, only), None
    return None, None


def _class(members: Any, fold: bool) -> set[str] | None:
    if not all(kind is op.LITERAL for kind, _ in members):
        return None
    found = {chr(value) for _, value in members}
    if not fold:
        return found
    # Beyond ASCII, some match a character in ASCII when case is ignored.
    return {one.lower() for one in found} if all(map(str.isascii, found)) else None


def _branch(branches: Any, fold: bool) -> _Known:
    known = [_sequence(branch, fold) for branch in branches]
    return _union(_better(needs, one) for needs, one in known), _union(one for _, one in known)


def _union(sets: Iterable[set[str] | None]) -> set[str] | None:
    """All of them together; unknown if one of them is."""
    found: set[str] = set()
    for one in sets:
        if one is None:
            return None
        found |= one
    return found
