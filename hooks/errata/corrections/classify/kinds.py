"""Which type of correction an edit is, which pattern it shows, and how severe it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errata import rules
from errata.corrections.classify.evidence import Verdict
from errata.corrections.classify.facts import Facts
from errata.records.model import SEVERITY_OF_TYPE, CorrectionType
from errata.records.pattern_names import name_of_subject

_MUCH_UNDONE = 0.5
_MANY_LINES = 10


def type_of(message: str, facts: Facts, verdict: Verdict) -> CorrectionType:
    """The type of a correction: the first rule of ``rules/kinds.toml`` that holds.

    It is never ``communication_gap``, which only words show.
    """
    subject = message.lower().partition("\n")[0]
    measures = {**facts.measures(), "score": verdict.score}
    for rule in rules.load("kinds")["type"]:
        if _type_rule_holds(rule, subject, measures):
            return CorrectionType(rule["type"])
    return CorrectionType.CODE_QUALITY


def _type_rule_holds(rule: Mapping[str, Any], subject: str, measures: Mapping[str, float]) -> bool:
    if "words" in rule and not rule["words"].search(subject):
        return False
    if "unless" in rule and rule["unless"].search(subject):
        return False
    return all(low <= measures[fact] <= high for fact, (low, high) in rule.get("facts", {}).items())


def pattern_of(message: str) -> str:
    """The pattern that the subject of a message names; "" if it names none.

    The changed lines name nothing: what recurs in them is grouped later (:mod:`errata.lessons`).
    """
    return name_of_subject(message.partition("\n")[0])


def severity_of(kind: CorrectionType, facts: Facts) -> str:
    """high, medium or low: rejected or mostly undone work is high, taste is low."""
    if severity := SEVERITY_OF_TYPE.get(kind):
        return severity
    return "high" if facts.undone >= _MUCH_UNDONE and facts.removed >= _MANY_LINES else "medium"
