"""Does a text speak to the agent that will read it? A report of what was seen does not.

The signs are data, in ``rules/instructions.toml``. They are signs only: who words an order as an
observation is not found, which is why text from logs is quoted wherever an agent reads it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from errata import rules

LIMIT = 20_000
"""Characters beyond which a text is no description of anything."""
NAME_WORDS = 3
_SPACES = re.compile(r"\s+")
# Letters set apart ("i g n o r e", "I|g|n|o|r|e").
_APART = re.compile(r"(?<![^\W_])([^\W\d_])[\s|._*/-]{1,3}(?=[^\W\d_](?![^\W_]))")
_HIDDEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"])
# Letters of other alphabets that look like these; and figures that are written for letters.
_LOOKS = str.maketrans("аеорсухікӏѕјԁαεορτυνικß’", "aeopcyxiklsjdaeoptuvikb'")
_MIXED = re.compile(r"[a-z][013457@$]|[013457@$][a-z]")
_FIGURES = str.maketrans("013457@$", "oieastas")


class Sign(NamedTuple):
    """One sign; see ``rules/instructions.toml``."""

    name: str
    stems: tuple[str, ...]
    words: str

    def found(self, folded: str) -> bool:
        """Whether a folded text has it."""
        for stem in self.stems:
            if stem in folded:
                return _compiled(self.words).search(folded) is not None
        return False


# Compiled when first tried: few texts come near to any of them.
_compiled = cache(re.compile)


@cache
def signs() -> tuple[Sign, ...]:
    """All signs."""
    table = rules.load("instructions")
    return tuple(
        Sign(
            one["name"],
            tuple(one["stems"]),
            one["words"].replace("<order>", table["order"]),
        )
        for one in table["sign"]
    )


@lru_cache(maxsize=8192)
def sign_in(text: str) -> str:
    """The name of a sign that the text speaks to an agent; "" if it has none."""
    if len(text) > LIMIT:
        return "endless"
    folded = fold(text)
    forms = dict.fromkeys((folded, _APART.sub(r"\1", folded)))
    if _MIXED.search(folded):
        forms[folded.translate(_FIGURES)] = None
    return next((sign.name for form in forms for sign in signs() if sign.found(form)), "")


def is_name(text: str) -> bool:
    """Whether a text can be the name of something, as of a service: few words, and no order."""
    return len(text.split()) <= NAME_WORDS and not sign_in(text)


def fold(text: str) -> str:
    """Lower case, one alphabet, nothing that cannot be seen, single spaces."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text.lower()).strip()
    seen = "".join(
        " " if char in "\t\n\v\f\r" else char
        for char in unicodedata.normalize("NFKD", text)
        if char in "\t\n\v\f\r" or unicodedata.category(char) not in _HIDDEN
    )
    return _SPACES.sub(" ", seen.casefold().translate(_LOOKS)).strip()
