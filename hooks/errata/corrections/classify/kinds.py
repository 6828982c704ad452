"""Which type of correction an edit is, which pattern it shows, and how severe it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from errata import rules
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.classify import token_diff
from errata.corrections.classify.evidence import Facts, Verdict
from errata.corrections.classify.token_diff import Token
from errata.records.model import CorrectionType
from errata.records.pattern_names import name_of

_MAX_CHARACTERS = 20_000
_MUCH_UNDONE = 0.5
_MANY_LINES = 10
# Field of a [[change]] rule -> (side of the diff, whether the expression must be found there).
_TOKEN_FIELDS = {
    "gone": ("gone", True),
    "come": ("come", True),
    "not_gone": ("gone", False),
    "not_come": ("come", False),
}


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


def pattern_of(message: str, hunks: Sequence[AttributedHunk]) -> tuple[str, str]:
    """The pattern that a correction shows, and the confidence; ("", "") if no rule matches.

    The subject of the message decides before the changed tokens do.
    """
    if name := name_of(message.partition("\n")[0]):
        return name, "high"
    votes = Counter(filter(None, map(_pattern_of_hunk, hunks)))
    if not votes:
        return "", ""
    best = min(votes, key=lambda name: (-votes[name], name))
    # A pattern in a minority of the hunks is not what the commit is about.
    if votes[best] * 2 < len(hunks):
        return "", ""
    return best, "medium" if votes[best] > 1 else "low"


def _pattern_of_hunk(touched: AttributedHunk) -> str:
    path = token_diff.path_of(touched.diff)
    old = token_diff.tokens(path, token_diff.text_of(touched.hunk.old))
    new = token_diff.tokens(path, token_diff.text_of(touched.hunk.new))
    sides = {"gone": _as_text(_subtract(old, new)), "come": _as_text(_subtract(new, old))}
    for rule in rules.load("kinds")["change"]:
        if _change_rule_holds(rule, path, sides):
            return str(rule["name"])
    return ""


def _change_rule_holds(rule: Mapping[str, Any], path: str, sides: Mapping[str, str]) -> bool:
    if "path" in rule and not rule["path"].search(path):
        return False
    return all(
        (rule[field].search(sides[side]) is not None) is wanted
        for field, (side, wanted) in _TOKEN_FIELDS.items()
        if field in rule
    )


def _subtract(tokens: Sequence[Token], others: Sequence[Token]) -> list[Token]:
    """The multiset difference of two sides, in the order of the first."""
    unmatched = Counter(others)
    rest = []
    for token in tokens:
        if unmatched[token]:
            unmatched[token] -= 1
        else:
            rest.append(token)
    return rest


def _as_text(tokens: Sequence[Token]) -> str:
    """Tokens as ``class:text`` words, in which the expressions of rules search."""
    return " ".join(f"{kind}:{text}" for kind, text in tokens)[:_MAX_CHARACTERS]


def severity_of(kind: CorrectionType, facts: Facts) -> str:
    """high, medium or low: rejected or mostly undone work is high, taste is low."""
    if kind is CorrectionType.APPROACH_REJECTION:
        return "high"
    if kind is CorrectionType.PREFERENCE_CONFLICT:
        return "low"
    return "high" if facts.undone >= _MUCH_UNDONE and facts.removed >= _MANY_LINES else "medium"
