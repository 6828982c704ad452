"""The words of a text that may tell what it is about.

Apart from the other modules, because agents wait for this one.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# They are in every name or description.
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a after all also an and any are as at be before by can do each every for from has have "
        "how in into is it its more must new no not of on or other should so than that the their "
        "then these they this to up use used user users uses using was what when where which who "
        "will with without you your "
        "agent agents claude code codex cursor dev developer engineer file files gemini index init "
        "lib main md skill skills src task tasks work working"
    )
)
_SUFFIXES = ("ers", "ing", "er", "es", "s")


def words(text: str) -> frozenset[str]:
    """The significant words of a text, in lower case, stemmed."""
    lower = {word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text))}
    stems = {_stem(word) for word in lower - _STOP_WORDS}
    return frozenset(word for word in stems - _STOP_WORDS if len(word) > 1)


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word.removesuffix(suffix)
    return word
