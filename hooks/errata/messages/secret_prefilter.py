"""Whether a text may hold a secret at all, told by plain look-ups before anything is compiled.

An answer of "no" is certain, which a test holds to every expression; an answer of "maybe" costs
what is behind it: the import of detect-secrets is half of what a correcting prompt takes otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

Needs = Sequence[Sequence[str]]
"""Groups of literals in lower case; a text that matches holds one of each group."""

RUN, LONG_RUN = 20, 24
"""Letters, digits, ``_`` and ``-`` unbroken: tokens of services have so many, if one is a digit;
if none is, so many more."""

# Beyond ASCII, what an expression that ignores case takes for an ASCII letter.
_LETTERS = {"\u017f": "s", "\u0131": "i", "\u0130": "i", "\u212a": "k"}
_BREAKS = str.maketrans(dict.fromkeys("\t\n\x0b\x0c\r!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~", " "))
# What begins or surrounds the tokens that may be shorter, or have signs in them.
_MARKS = (
    *("A3T", "ABIA", "ACCA", "AKIA", "ASIA", "AKC", "eyJ"),
    *(f"AP{sign}" for sign in "0123456789ABCDEF"),
)
_FOLDED_MARKS = ("xox", "accountkey=", "hooks.slack.com", "sq0csp-")
_AWS: Needs = (("aws",), ("key", "pw", "pass", "token"), ('"', "'"))


class Text:
    """A text, made ready to be asked.

    Attributes:
        plain: in lower case, each character in its place; a digit of another script is 0.
    """

    __slots__ = ("_cased", "_text", "plain")

    def __init__(self, text: str) -> None:
        self._text = text
        self._cased = text if text.isascii() else "".join(map(_ascii, text))
        self.plain = self._cased.lower()

    def has(self, needs: Needs) -> bool:
        """Whether one of each group is in it, whatever the case."""
        return all(any(word in self.plain for word in group) for group in needs)

    def has_token(self) -> bool:
        """Whether an expression of detect-secrets may match."""
        if any(mark in self._cased for mark in _MARKS):
            return True
        if any(mark in self.plain for mark in _FOLDED_MARKS) or self.has(_AWS):
            return True
        return any(
            len(run) >= LONG_RUN or any(map(str.isdigit, run))
            for run in self._cased.translate(_BREAKS).split(" ")
            if len(run) >= RUN
        )

    def has_random(self) -> bool:
        """Whether some word is long, of both cases and numbered, as random ones are."""
        return any(
            any(map(str.isdigit, word))
            and any(map(str.islower, word))
            and any(map(str.isupper, word))
            for word in self._text.split()
            if len(word) >= RUN
        )


def _ascii(char: str) -> str:
    if char in _LETTERS:
        return _LETTERS[char]
    return "0" if char.isdigit() and not char.isascii() else char
