"""Phrase rules: what people say when they correct an agent, and what only looks like it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

_SPAN = 700
"""Characters of the message that phrases look at."""

_compiled = cache(re.compile)


class Phrase(NamedTuple):
    """One rule of ``rules/phrases.toml``.

    Attributes:
        weight: what it adds where only rules decide; negative speaks against a correction.
    """

    name: str
    type: str
    weight: float
    severity: str
    stems: tuple[str, ...]
    words: str

    def matches(self, plain: str) -> bool:
        """Whether the expression is found in a message's plain tokens."""
        return any(stem in plain for stem in self.stems) and bool(
            _compiled(self.words).search(plain)
        )


def phrases(table: Iterable[Mapping[str, Any]]) -> tuple[Phrase, ...]:
    """The rules of a table, in its order."""
    return tuple(
        Phrase(
            rule["name"],
            rule["type"],
            float(rule["weight"]),
            rule["severity"],
            tuple(rule["stems"]),
            rule["words"],
        )
        for rule in table
    )


def found(plain: str, rules: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """The phrases in a message; only its first part is looked at."""
    plain = plain[:_SPAN]
    return tuple(rule for rule in rules if rule.matches(plain))
