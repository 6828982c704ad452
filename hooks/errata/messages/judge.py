"""Judges whether a message corrects the agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from errata.messages import conversation, message, model
from errata.messages.conversation import AFTER, ALONE, WORDS
from errata.messages.message import Message
from errata.messages.model import Model

if TYPE_CHECKING:
    from errata.messages.conversation import Described, Weights
    from errata.messages.turn import Turn
    from errata.records.model import CorrectionType

_MAX_TERMS = 8
_GROUP = 3
"""Sentences that are judged together in a long message."""


class Judgement(NamedTuple):
    """Whether a message corrects the agent.

    Attributes:
        score: the probability that it does, 0 to 1.
        type: the type of the correction; None if it is not one.
        pattern: the pattern that its words name, or "".
        severity, confidence: high, medium or low; confidence is that of the verdict.
        terms: (term or rule, weight) of the strongest features first; positive weights speak for a
            correction.
    """

    correction: bool
    score: float
    type: CorrectionType | None = None
    pattern: str = ""
    severity: str = "medium"
    confidence: str = "low"
    terms: tuple[tuple[str, float], ...] = ()


def judge(text: str, turn: Turn | None = None) -> Judgement:
    """Judge one message, as a person types it during a session.

    A long message is judged in full and by groups of sentences, so that a correction among other
    text is found. A message is not a correction if it is not in English, or if it contains none of
    the person's own words.

    Args:
        turn: the end of the agent's turn before the message, if it is known.
    """
    from errata.messages import reply

    text = reply.without_pictures(text) if turn is None else reply.as_reply(turn, text)
    parsed = message.parse(text)
    if parsed.is_empty or not parsed.maybe_english:
        return Judgement(False, 0.0, confidence="high")
    weights = model.load()
    score, features = score_by_words(parsed, weights)
    described = conversation.describe(turn, text, parsed, features, score, weights)
    chosen = _weights(turn)
    score = chosen.probability(described)
    by_words = weights.terms(features, _MAX_TERMS) if turn is None else None
    terms = _terms(chosen, described, by_words)
    confidence = _confidence(score, chosen.threshold)
    if score < chosen.threshold:
        return Judgement(False, score, confidence=confidence, terms=terms)
    from errata.records.pattern_names import name_of

    kind = weights.type(features)
    severity = _severity(kind, features, weights)
    return Judgement(True, score, kind, name_of(text), severity, confidence, terms)


def least_probability(turn: Turn | None = None) -> float:
    """The probability from which on a message counts as a correction."""
    return _weights(turn).threshold


def _weights(turn: Turn | None) -> Weights:
    return conversation.load(ALONE if turn is None else AFTER)


def score_by_words(parsed: Message, weights: Model) -> tuple[float, list[str]]:
    """The highest probability among the message and its groups of sentences, with the features."""
    whole = _score(parsed, weights)
    if len(parsed.sentences) <= _GROUP + 1:
        return whole
    starts = range(0, len(parsed.sentences), _GROUP)
    groups = [_score(parsed.slice_sentences(start, _GROUP), weights) for start in starts]
    score, features = max(groups, key=lambda scored: scored[0])
    if score <= whole[0]:
        return whole
    # The rest of the message may speak against it.
    return (whole[0] + score) / 2, features


def _score(parsed: Message, weights: Model) -> tuple[float, list[str]]:
    features = weights.features(parsed)
    return weights.probability(features), features


def _terms(
    chosen: Weights, described: Described, by_words: Sequence[tuple[str, float]] | None
) -> tuple[tuple[str, float], ...]:
    """The strongest terms of the sum.

    Args:
        by_words: where no turn is known, what the log-odds by words consist of.
    """
    summands = chosen.summands(described)
    if by_words is None:
        terms = {f"turn: {name}": value for name, value in summands.items()}
    else:
        terms = {
            f"text: {name.removeprefix('prompt ')}": value
            for name, value in summands.items()
            if name != WORDS and not name.startswith("words>=")
        }
        terms.update((name, chosen.slope * value) for name, value in by_words)
    ranked = sorted(terms.items(), key=lambda term: (-abs(term[1]), term[0]))[:_MAX_TERMS]
    return tuple((name, round(value, 2)) for name, value in ranked)


def _confidence(score: float, threshold: float) -> str:
    """By the distance from the threshold, as a share of the largest possible distance."""
    distance = (
        (score - threshold) / (1 - threshold) if score >= threshold else 1 - score / threshold
    )
    return "high" if distance >= 0.5 else "medium" if distance >= 0.2 else "low"


def _severity(kind: CorrectionType, features: Sequence[str], weights: Model) -> str:
    """high if a severe phrase of this type matches, otherwise by the type."""
    for phrase in weights.phrases:
        severe = phrase.type == kind.value and phrase.severity == "high"
        if severe and f"#{phrase.name}" in features:
            return "high"
    from errata.records.model import SEVERITY_OF_TYPE

    return SEVERITY_OF_TYPE.get(kind, "medium")
