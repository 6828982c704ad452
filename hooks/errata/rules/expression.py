"""A regular expression of a rule, compiled when a text first comes near to matching it.

What the rules' compiler found out (errata.rules.literals) answers nearly always: a text without any
of the words in ``needs`` cannot match, and what is not in ``only`` is not the whole of a match.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence
    from typing import Any


class Expression:
    """One expression.

    Args:
        text: as the rule has it.
        needs: literals of which every text that matches holds one; none known if empty.
        only: all texts that it matches as a whole, if ``fold``; None if that is not known.
        fold: whether case is ignored.
    """

    __slots__ = ("_compiled", "_fold", "_needs", "_only", "text")

    def __init__(
        self,
        text: str,
        needs: Sequence[str] = (),
        only: Sequence[str] | None = None,
        fold: bool = False,
    ) -> None:
        self.text = text
        self._needs = needs
        self._only = only
        self._fold = fold
        self._compiled: re.Pattern[str] | None = None

    def compiled(self) -> re.Pattern[str]:
        """The expression, ready to match."""
        if self._compiled is None:
            import re

            self._compiled = re.compile(self.text, re.IGNORECASE if self._fold else 0)
        return self._compiled

    def found(self, text: str) -> bool:
        """Whether it matches somewhere in a text."""
        return self.search(text) is not None

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a text."""
        return self.compiled().search(text) if self._possible(text) else None

    def whole(self, text: str) -> bool:
        """Whether it matches the whole of a text."""
        if self._only is not None and text.isascii():
            return (text.lower() if self._fold else text) in self._only
        return self._possible(text) and self.compiled().fullmatch(text) is not None

    def _possible(self, text: str) -> bool:
        if not self._needs:
            return True
        if self._fold:
            # Beyond ASCII, letters of different case are not told by `lower` alone.
            if not text.isascii():
                return True
            text = text.lower()
        for need in self._needs:  # noqa: SIM110
            if need in text:
                return True
        return False


_known: dict[tuple[str, bool], Expression] = {}


def of(rule: Mapping[str, Any], key: str, fold: bool = False) -> Expression:
    """The expression of a compiled rule; rules that have the same one share it."""
    text = rule[key]
    found = _known.get((text, fold))
    if found is None:
        needs, only = rule.get("needs", {}).get(key, ()), rule.get("only", {}).get(key)
        found = _known[text, fold] = Expression(text, needs, only, fold)
    return found
