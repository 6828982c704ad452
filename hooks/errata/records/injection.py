"""Detects prompt injection: text in a log that addresses the agent instead of reporting something.

The signs are data, in ``rules/instructions.toml``. They do not find an order that is worded as an
observation, so text from logs is also quoted wherever an agent reads it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from errata import rules
from errata.rules.expression import Expression

LIMIT = 20_000
"""Characters; a longer text is not a description."""
NAME_WORDS = 3
_SPACES = re.compile(r"\s+")
# Spaced-out letters ("i g n o r e", "I|g|n|o|r|e").
_SPACED_OUT = re.compile(r"(?<![^\W_])([^\W\d_])[\s|._*/-]{1,3}(?=[^\W\d_](?![^\W_]))")
_HIDDEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"])
_HOMOGLYPHS = str.maketrans("аеорсухікӏѕјԁαεορτυνικß’", "aeopcyxiklsjdaeoptuvikb'")
_LEETSPEAK = re.compile(r"[a-z][013457@$]|[013457@$][a-z]")
_DIGITS = str.maketrans("013457@$", "oieastas")


class Sign(NamedTuple):
    """One sign of ``rules/instructions.toml``; ``words`` is searched in folded text."""

    name: str
    about: str
    words: Expression


@cache
def signs() -> tuple[Sign, ...]:
    """All signs."""
    return tuple(Sign(**sign) for sign in rules.load("instructions")["sign"])


@lru_cache(maxsize=8192)
def sign_in(text: str) -> str:
    """The name of the first sign that the text addresses an agent; "" if it has none."""
    if len(text) > LIMIT:
        return "endless"
    folded = fold(text)
    variants = dict.fromkeys((folded, _SPACED_OUT.sub(r"\1", folded)))
    if _LEETSPEAK.search(folded):
        variants[folded.translate(_DIGITS)] = None
    matches = (sign.name for text in variants for sign in signs() if sign.words.search(text))
    return next(matches, "")


def is_name(text: str) -> bool:
    """Whether a text can be a name, for example of a service: few words, and no sign."""
    return len(text.split()) <= NAME_WORDS and not sign_in(text)


def fold(text: str) -> str:
    """The text in lower case and one alphabet, with single spaces and no invisible characters."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text.lower()).strip()
    visible = "".join(
        " " if char in "\t\n\v\f\r" else char
        for char in unicodedata.normalize("NFKD", text)
        if char in "\t\n\v\f\r" or unicodedata.category(char) not in _HIDDEN
    )
    return _SPACES.sub(" ", visible.casefold().translate(_HOMOGLYPHS)).strip()
