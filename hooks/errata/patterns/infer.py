"""What a record is about when it does not say: names, categories and descriptions from rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from errata import rules
from errata.records.model import CorrectionType

# Categories of corrections follow from their type; all other types are convention.
CATEGORY_OF_TYPE = {
    CorrectionType.CODE_QUALITY: "correctness",
    CorrectionType.CODE_COMPLETENESS: "completeness",
}

# Words in a pattern's name, for names that no rule lists.
_CATEGORY_WORDS = {
    "security": "security auth authorization authentication permission secret token injection "
    "xss csrf validation unvalidated tenant credential crypto sanitize escape",
    "performance": "performance slow inefficient cache n-plus-one unbounded latency memory",
    "testing": "test tests coverage flaky fixture",
    "api": "api status condition schema endpoint crd deepcopy",
    "infrastructure": "ci docker helm kustomize deploy deployment pipeline terraform",
    "correctness": "error errors race nil null leak deadlock handling crash bug wrong finalizer",
    "completeness": "missing incomplete forgotten todo",
}


@dataclass(frozen=True, slots=True)
class KnownPattern:
    """One rule of ``rules/patterns.toml``."""

    name: str
    category: str
    description: str
    words: str

    def matches(self, lowered: str) -> bool:
        """Whether the rule's expression is found in a lower-cased text."""
        return _compiled(self.words).search(lowered) is not None


# Compiled when first tried: most commands name nothing, and thirty expressions cost 20 ms.
_compiled = cache(re.compile)


@cache
def known() -> dict[str, KnownPattern]:
    """The rules by pattern name, in the order in which they are tried."""
    return {
        rule["name"]: KnownPattern(
            rule["name"], rule["category"], rule["description"], rule["words"]
        )
        for rule in rules.load("patterns")["pattern"]
    }


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str:
    """The pattern that a description is about, or "" when no rule matches: never a guess."""
    # Descriptions are one or two sentences; a cap keeps a pasted file from costing anything.
    lowered = text[:2000].lower()
    for rule in known().values():
        if rule.matches(lowered):
            return rule.name
    return ""


def normal_name(name: str) -> str:
    """``Missing_Status Condition`` -> ``missing-status-condition``: one spelling per pattern."""
    return re.sub(r"[\s_]+", "-", name.strip().lower())


@cache
def category_of(name: str) -> str:
    """The category that a pattern's name implies, or ""."""
    if rule := known().get(name):
        return rule.category
    words = set(name.split("-"))
    for category, listed in _CATEGORY_WORDS.items():
        if words & set(listed.split()):
            return category
    return ""
