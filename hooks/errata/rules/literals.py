"""Literals that a text must contain for a regular expression to match it.

They are derived from the syntax tree that `re` itself parses, and only where they are certain. This
runs when the rules are compiled (``python -m errata.rules``), not in hooks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from errata.rules.expression import Expression

_MAX_STRINGS = 24
"""A sequence that can be more strings than this is not listed."""
_FEW_LITERALS = 4
_MAX_LITERALS = 16
"""Looking for more literals than this takes longer than the search that they may save."""
_IGNORE_CASE = re.compile(r"\(\?[a-zA-Z]*i")

_Strings = set[str] | None
"""Alternatives; None if they are unknown."""


class _Known(NamedTuple):
    """What is known of a part of a pattern.

    Attributes:
        required: one of these is in every text that the part matches.
        exact: the part matches these and nothing else.
    """

    required: _Strings = None
    exact: _Strings = None


def expression(pattern: str) -> Expression:
    """The pattern with its required literals.

    Raises:
        re.error: the pattern is malformed.
    """
    required = _required(_analyse(pattern)) or set()
    return Expression(pattern, _merge(required), ignore_case=_ignores_case(pattern))


def exact_strings(pattern: str) -> list[str]:
    """All strings that match as a whole, in lower case if case is ignored; [] if unknown."""
    return sorted(_analyse(pattern).exact or ())


def _merge(required: set[str]) -> tuple[str, ...]:
    """Merge many literals that begin or end alike, by shorter parts until there are few enough."""
    merged = _group(required, str)
    for length in (6, 5, 4, 3, 2, 1) if len(merged) > _FEW_LITERALS else ():
        by_start = _group(required, lambda text: text[:length])  # noqa: B023
        by_end = _group(required, lambda text: text[-length:])  # noqa: B023
        merged = min(by_start, by_end, key=len)
        if len(merged) <= _MAX_LITERALS:
            break
    return tuple(sorted(merged))


def _group(texts: set[str], key: Callable[[str], str]) -> set[str]:
    """Replace texts with the same key by the key; drop those that contain another one."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(key(text), []).append(text)
    merged = {part if len(group) > 1 else group[0] for part, group in groups.items()}
    return {a for a in merged if not any(b != a and b in a for b in merged)}


def _ignores_case(pattern: str) -> bool:
    return _IGNORE_CASE.search(pattern) is not None


def _analyse(pattern: str) -> _Known:
    return _sequence(_parser.parse(pattern).data, _ignores_case(pattern))


def _required(known: _Known) -> _Strings:
    return _better(known.required, known.exact)


def _sequence(items: Any, fold: bool) -> _Known:
    run: set[str] = {""}
    whole = exact = True
    best: _Strings = None
    for kind, value in items:
        if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            # These match no characters, so that their neighbours stay adjacent.
            exact = False
            continue
        known = _item(kind, value, fold)
        if known.exact is not None and len(run) * len(known.exact) <= _MAX_STRINGS:
            run = {a + b for a, b in product(run, known.exact)}
            continue
        best = _better(_better(best, run), _required(known))
        run, whole = {""}, False
    return _Known(_better(best, run), run if whole and exact else None)


def _better(a: _Strings, b: _Strings) -> _Strings:
    """The more selective set: longer strings, then fewer. A set with "" excludes no text."""
    usable = [strings for strings in (a, b) if strings and "" not in strings]
    return max(usable, key=lambda strings: (min(map(len, strings)), -len(strings)), default=None)


def _item(kind: Any, value: Any, fold: bool) -> _Known:
    if kind in (op.LITERAL, op.IN):
        return _Known(exact=_characters(value if kind is op.IN else [(kind, value)], fold))
    if kind is op.SUBPATTERN:
        return _sequence(value[3], fold)
    if kind is op.ATOMIC_GROUP:
        return _sequence(value, fold)
    if kind is op.BRANCH:
        branches = [_sequence(branch, fold) for branch in value[1]]
        return _Known(_union(map(_required, branches)), _union(known.exact for known in branches))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _repeat(value[0], value[1], _sequence(value[2], fold))
    return _Known()


def _repeat(minimum: int, maximum: int, known: _Known) -> _Known:
    if minimum > 0:
        return _Known(_required(known))
    return _Known(exact=known.exact | {""} if maximum == 1 and known.exact is not None else None)


def _characters(members: Any, fold: bool) -> _Strings:
    if not all(kind is op.LITERAL for kind, _ in members):
        return None
    characters = {chr(code) for _, code in members}
    if not fold:
        return characters
    # Case folding has exceptions among non-ASCII letters.
    ascii_only = all(map(str.isascii, characters))
    return {char.lower() for char in characters} if ascii_only else None


def _union(sets: Iterable[_Strings]) -> _Strings:
    """All of them together; unknown if one is."""
    strings: set[str] = set()
    for members in sets:
        if members is None:
            return None
        strings |= members
    return strings
