"""What sort of correction it is, which pattern it shows, and how much it weighs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from errata import rules
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.classify import token_diff
from errata.corrections.classify.evidence import Facts, Verdict
from errata.records.model import CorrectionType
from errata.records.pattern_names import name_of


def type_of(message: str, facts: Facts, verdict: Verdict) -> CorrectionType:
    """The type of a correction: the first rule of ``rules/kinds.toml`` that holds.

    ``communication_gap`` never comes out of this: it shows in words only.
    """
    subject = message.lower().partition("\n")[0]
    measures = facts.measures()
    measures["score"] = verdict.score
    for rule in rules.load("kinds")["type"]:
        if _fits(rule, subject, measures):
            return CorrectionType(rule["type"])
    return CorrectionType.CODE_QUALITY


def _fits(rule: dict[str, Any], subject: str, measures: dict[str, float]) -> bool:
    if "words" in rule and not rule["words"].search(subject):
        return False
    if "unless" in rule and rule["unless"].search(subject):
        return False
    return all(low <= measures[fact] <= high for fact, (low, high) in rule.get("facts", {}).items())


def pattern_of(message: str, touches: Sequence[AttributedHunk]) -> tuple[str, str]:
    """The pattern that a correction shows and how sure that is; ("", "") if no rule matches.

    The words of the message decide before the changed tokens do: a person who says what was wrong
    knows better than a comparison.
    """
    if named := name_of(message.partition("\n")[0]):
        return named, "high"
    votes: Counter[str] = Counter()
    for touch in touches:
        path = (touch.diff.new_path or touch.diff.old_path or b"").decode("utf-8", "replace")
        old = token_diff.tokens(path, _text(touch.hunk.old))
        new = token_diff.tokens(path, _text(touch.hunk.new))
        if found := _by_tokens(path, _without(old, new), _without(new, old)):
            votes[found] += 1
    if not votes:
        return "", ""
    best = min(votes, key=lambda name: (-votes[name], name))
    # One hunk among many that show nothing of the kind is not what the commit is about.
    if votes[best] * 2 < len(touches):
        return "", ""
    return best, "medium" if votes[best] > 1 else "low"


def _without(
    found: list[token_diff.Token], others: list[token_diff.Token]
) -> list[token_diff.Token]:
    """The tokens that the other side lacks, in their order; each of theirs takes away one."""
    left = Counter(others)
    rest = []
    for token in found:
        if left[token]:
            left[token] -= 1
        else:
            rest.append(token)
    return rest


def _by_tokens(path: str, gone: list[token_diff.Token], come: list[token_diff.Token]) -> str:
    sides = {"gone": _words(gone), "come": _words(come)}
    for rule in rules.load("kinds")["change"]:
        if "path" in rule and not rule["path"].search(path):
            continue
        if all(
            bool(rule[key].search(sides[side])) is wanted
            for key, side, wanted in (
                ("gone", "gone", True),
                ("come", "come", True),
                ("not_gone", "gone", False),
                ("not_come", "come", False),
            )
            if key in rule
        ):
            return str(rule["name"])
    return ""


def _words(found: list[token_diff.Token]) -> str:
    """Tokens as ``class:text`` words, which the rules' expressions look at."""
    return " ".join(f"{kind}:{text}" for kind, text in found)[:20_000]


def _text(lines: list[bytes]) -> str:
    return b"\n".join(lines).decode("utf-8", "replace")


def severity_of(kind: CorrectionType, facts: Facts) -> str:
    """high, medium or low: work thrown away is high, taste is low."""
    if kind is CorrectionType.APPROACH_REJECTION:
        return "high"
    if kind is CorrectionType.PREFERENCE_CONFLICT:
        return "low"
    undone = facts.measures()["undone"]
    return "high" if undone >= 0.5 and facts.removed >= 10 else "medium"
