"""A regular expression that is compiled only when a text may match it.

Compiling costs a thousand times more than looking for a few literals, and most hooks see texts that
match nothing. ``python -m errata.rules`` derives the literals from the patterns
(`errata.rules.literals`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

# Non-ASCII letters that match an ASCII letter when case is ignored; `str.lower` keeps them.
_FOLD = {0x17F: "s", 0x130: "i", 0x131: "i", 0x212A: "k"}


class Expression:
    """A pattern with a literal prefilter; the methods return what those of ``re.Pattern`` return.

    Args:
        pattern: regular expression, with its flags inline.
        literals: every matching text contains at least one of these; empty if none is known.
        ignore_case: the literals are lower case, and are compared with the text in lower case.
    """

    __slots__ = ("_compiled", "ignore_case", "literals", "pattern")

    def __init__(
        self, pattern: str, literals: Sequence[str] = (), *, ignore_case: bool = False
    ) -> None:
        self.pattern = pattern
        self.literals = literals
        self.ignore_case = ignore_case
        self._compiled: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        case = ", ignore_case=True" if self.ignore_case else ""
        return f"Expression({self.pattern!r}, {tuple(self.literals)!r}{case})"

    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern."""
        if self._compiled is None:
            import re

            self._compiled = re.compile(self.pattern)
        return self._compiled

    def may_match(self, text: str) -> bool:
        """Whether the text contains a required literal; False is certain."""
        if not self.literals:
            return True
        if self.ignore_case:
            text = (text if text.isascii() else text.translate(_FOLD)).lower()
        # Not any(): this loop runs for every rule and text, and a generator doubles its cost.
        for literal in self.literals:  # noqa: SIM110
            if literal in text:
                return True
        return False

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a text."""
        return self.compiled().search(text) if self.may_match(text) else None

    def match(self, text: str) -> re.Match[str] | None:
        """The match at the beginning of a text."""
        return self.compiled().match(text) if self.may_match(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text."""
        return self.compiled().fullmatch(text) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches that do not overlap."""
        return self.compiled().finditer(text) if self.may_match(text) else iter(())

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced."""
        return self.compiled().sub(replacement, text) if self.may_match(text) else text
