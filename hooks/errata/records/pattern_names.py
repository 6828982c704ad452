"""Names of patterns: one spelling for each, and rules for records that name none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from errata import rules

PATTERN_NAME = re.compile(r"(?=.{1,100}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")
"""What may stand as a pattern's name, once it is brought into its one spelling."""


@dataclass(frozen=True, slots=True)
class KnownPattern:
    """One rule of ``rules/patterns.toml``."""

    name: str
    category: str
    description: str
    stems: tuple[str, ...]
    words: str

    def matches(self, lowered: str) -> bool:
        """Whether the rule's expression is found in a lower-cased text."""
        for stem in self.stems:
            if stem in lowered:
                return compiled(self.words).search(lowered) is not None
        return False


# Compiled when first tried: most commands name nothing, and thirty expressions cost 20 ms.
compiled = cache(re.compile)


@cache
def known() -> dict[str, KnownPattern]:
    """The rules by pattern name, in the order in which they are tried."""
    return {
        rule["name"]: KnownPattern(
            rule["name"],
            rule["category"],
            rule["description"],
            tuple(rule["stems"]),
            rule["words"],
        )
        for rule in rules.load("patterns")["pattern"]
    }


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str:
    """The pattern that a description is about, or "" when no rule matches: never a guess."""
    return _first(_lowered(text), known().values())


def names_of(texts: Sequence[str]) -> list[str]:
    """:func:`name_of` each of many texts: a rule whose stems are in none is tried on none."""
    lowered = [_lowered(text) for text in texts]
    together = "\n".join(lowered)
    rules = [rule for rule in known().values() if any(stem in together for stem in rule.stems)]
    return [_first(text, rules) for text in lowered]


def _lowered(text: str) -> str:
    # Descriptions are one or two sentences; a cap keeps a pasted file from costing anything.
    return text[:2000].lower()


def _first(lowered: str, rules: Iterable[KnownPattern]) -> str:
    return next((rule.name for rule in rules if rule.matches(lowered)), "")


def normal_name(name: str) -> str:
    """``Missing_Status Condition`` -> ``missing-status-condition``: one spelling per pattern."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower()).strip("-")


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=65_536)
def kebab(text: str, limit: int = 100) -> str:
    """Any name as lower-case words joined by '-': ``lang.evalUse`` -> ``lang-eval-use``.

    Accents go; at most ``limit`` characters, cut between words where that is possible. The text as
    it is where nothing would be left of it (a name in a script that has no Latin letters).
    """
    plain = unicodedata.normalize("NFKD", _HUMP.sub("-", text))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(name) > limit:
        name = name[: limit + 1].rpartition("-")[0] or name[:limit]
    return name.strip("-")[:limit] or text
