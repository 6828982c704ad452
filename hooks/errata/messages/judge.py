"""The verdict on one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from errata.messages import message, model
from errata.messages.model import Model

if TYPE_CHECKING:
    from errata.records.model import CorrectionType

_TERMS = 8
_WINDOW = 3
"""Sentences that are judged together in a long message."""
_SEVERITY = {
    "approach_rejection": "high",
    "preference_conflict": "low",
}


class Judgement(NamedTuple):
    """Whether a message corrects the agent.

    Attributes:
        score: the probability that it does, 0 to 1.
        type: in what way; None if it does not.
        pattern: the pattern that its words name, or "".
        severity, confidence: high, medium or low; confidence is how sure the verdict is.
        terms: what decided, strongest first: (term or rule, weight); positive speaks for a
            correction.
    """

    correction: bool
    score: float
    type: CorrectionType | None = None
    pattern: str = ""
    severity: str = "medium"
    confidence: str = "low"
    terms: tuple[tuple[str, float], ...] = ()


def judge(text: str) -> Judgement:
    """Judge one message, as a person types it in the middle of a session.

    A long message is judged as a whole and by groups of sentences: one reproach among much else
    is a reproach. What is not a person's words, or not English, is no correction.
    """
    read = message.read(text)
    if read.empty or not read.english:
        return Judgement(False, 0.0, confidence="high")
    weights = model.load()
    score, found = _strongest(read, weights)
    terms = weights.terms(found, _TERMS)
    sure = _confidence(score, weights.threshold)
    if score < weights.threshold:
        return Judgement(False, score, confidence=sure, terms=terms)
    from errata.records.pattern_names import name_of

    kind = weights.type(found)
    return Judgement(True, score, kind, name_of(text), _severity(kind, found, weights), sure, terms)


def _strongest(read: message.Message, weights: Model) -> tuple[float, list[str]]:
    """The greatest probability among the message and its groups of sentences."""
    parts = [read]
    if len(read.sentences) > _WINDOW + 1:
        parts += [read.part(at, _WINDOW) for at in range(0, len(read.sentences), _WINDOW)]
    judged = [(weights.probability(found), found) for found in map(weights.features, parts)]
    whole, best = judged[0], max(judged, key=lambda one: one[0])
    if best is whole:
        return whole
    # A group lacks what the rest of the message says against it.
    return (whole[0] + best[0]) / 2, best[1]


def _confidence(score: float, threshold: float) -> str:
    away = (score - threshold) / (1 - threshold) if score >= threshold else 1 - score / threshold
    return "high" if away >= 0.5 else "medium" if away >= 0.2 else "low"


def _severity(kind: CorrectionType, found: Sequence[str], weights: Model) -> str:
    """By the phrases of that type that were found, else by the type."""
    for phrase in weights.phrases:
        if phrase.type == kind.value and phrase.severity == "high" and f"#{phrase.name}" in found:
            return "high"
    return _SEVERITY.get(kind.value, "medium")
