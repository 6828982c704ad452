"""A regular expression that is compiled only when a text may match it.

Compiling a pattern costs a thousand times more than searching for a few literals, and in most hooks
no pattern matches. ``python -m errata.rules`` derives the literals from the patterns
(`errata.rules.literals`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

# Non-ASCII letters that match an ASCII letter when case is ignored. `str.lower` turns only U+212A
# into that letter: U+0130 becomes two characters, and the other two stay as they are.
_FOLD = {0x17F: "s", 0x130: "i", 0x131: "i", 0x212A: "k"}


class Expression:
    """A pattern with a literal prefilter; its methods work like those of ``re.Pattern``.

    Args:
        pattern: regular expression, with its flags inline.
        literals: every matching text contains at least one of these; empty if none are known.
        ignore_case: compare the lower-case literals with the text in lower case.
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
        """False if the text cannot match: it contains none of the literals."""
        if not self.literals:
            return True
        if self.ignore_case:
            text = (text if text.isascii() else text.translate(_FOLD)).lower()
        # A loop, not any(): it runs for every rule and text, and a generator would double its cost.
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
        """The match, if the pattern matches the entire text."""
        return self.compiled().fullmatch(text) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All non-overlapping matches."""
        return self.compiled().finditer(text) if self.may_match(text) else iter(())

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced."""
        return self.compiled().sub(replacement, text) if self.may_match(text) else text
