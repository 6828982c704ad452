"""Phrase rules: phrases that people use when they correct an agent, and look-alikes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from errata.rules.expression import Expression

_MAX_CHARACTERS = 700
"""Phrases are searched in the beginning of a message."""


class Phrase(NamedTuple):
    """One rule of ``rules/phrases.toml``.

    Attributes:
        weight: its weight without the model; negative speaks against a correction.
        words: searched in :attr:`errata.messages.message.Message.plain`.
    """

    name: str
    type: str
    weight: float
    severity: str
    words: Expression


def phrases(table: Iterable[Mapping[str, Any]]) -> tuple[Phrase, ...]:
    """The rules of ``rules/phrases.toml``, or of its copy in the weights file."""
    return tuple(
        Phrase(
            rule["name"],
            rule["type"],
            float(rule["weight"]),
            rule["severity"],
            Expression(rule["words"], rule["stems"]),
        )
        for rule in table
    )


def matching(plain: str, rules: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """The rules that match a message's plain text."""
    plain = plain[:_MAX_CHARACTERS]
    return tuple(rule for rule in rules if rule.words.search(plain))
