"""Pattern names: their normal form, and rules that name the pattern of a record without one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from errata import rules
from errata.rules.expression import Expression

PATTERN_NAME = re.compile(r"(?=.{1,100}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")
"""A valid pattern name, after normalisation."""


@dataclass(frozen=True, slots=True)
class KnownPattern:
    """One rule of ``rules/patterns.toml``."""

    name: str
    category: str
    description: str
    words: Expression
    """Searched in lower-cased text."""
    in_subjects: bool = False
    """Whether ``words`` are right in subjects of commits, too: most subjects say what was added."""


@cache
def known_patterns() -> dict[str, KnownPattern]:
    """The rules by pattern name, in the order in which they are tried."""
    return {rule["name"]: KnownPattern(**rule) for rule in rules.load("patterns")["pattern"]}


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str:
    """The pattern that a description is about, or "" if no rule matches."""
    # Descriptions are one or two sentences; the limit bounds the cost of a pasted file.
    lowered = text[:2000].lower()
    return next((rule.name for rule in known_patterns().values() if rule.words.search(lowered)), "")


@lru_cache(maxsize=65_536)
def name_of_subject(subject: str) -> str:
    """The pattern that a commit repairs, by its subject; "" if no rule can tell."""
    name = name_of(subject)
    return name if name and known_patterns()[name].in_subjects else ""


def normal_name(name: str) -> str:
    """The normal form of a name: ``Missing_Status Condition`` -> ``missing-status-condition``."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower()).strip("-")


_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=65_536)
def kebab(text: str, limit: int = 100) -> str:
    """Any name as lower-case words joined by '-': ``lang.evalUse`` -> ``lang-eval-use``.

    Accents are removed; the result has at most ``limit`` characters and is cut between words if
    possible. A text without Latin letters or digits is returned as it is.
    """
    plain = unicodedata.normalize("NFKD", _CAMEL_CASE.sub("-", text))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(name) > limit:
        name = name[: limit + 1].rpartition("-")[0] or name[:limit]
    return name.strip("-")[:limit] or text
