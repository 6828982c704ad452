"""Categories of patterns whose records have none."""

from __future__ import annotations

from functools import cache

from errata.records.model import CorrectionType
from errata.records.pattern_names import known_patterns

# The category of a correction follows from its type; all other types are convention.
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


@cache
def category_of(name: str) -> str:
    """The category that a pattern's name implies, or ""."""
    if rule := known_patterns().get(name):
        return rule.category
    words = set(name.split("-"))
    for category, listed in _CATEGORY_WORDS.items():
        if words & set(listed.split()):
            return category
    return ""
