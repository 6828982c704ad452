"""The verdict on one message."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

from errata import rules
from errata.corrections.explicit import message
from errata.corrections.explicit.phrases import Phrase, found, phrases
from errata.records.model import CorrectionType
from errata.records.naming import name_of


@dataclass(frozen=True, slots=True)
class Judgement:
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


@cache
def _phrases() -> tuple[Phrase, ...]:
    return phrases(rules.load("phrases")["phrase"])


def judge(text: str) -> Judgement:
    """Judge one message, as typed by a person in the middle of a session."""
    read = message.read(text)
    if read.empty:
        return Judgement(False, 0.0)
    hits = found(read.plain, _phrases())
    total = sum(hit.weight for hit in hits)
    score = 1 / (1 + math.exp(1.0 - total))
    terms = tuple((hit.name, hit.weight) for hit in sorted(hits, key=lambda h: -abs(h.weight)))
    if score < 0.5:
        return Judgement(False, score, terms=terms)
    votes: Counter[str] = Counter()
    for hit in hits:
        if hit.type:
            votes[hit.type] += int(hit.weight * 100)
    kind = CorrectionType(votes.most_common(1)[0][0]) if votes else CorrectionType.CODE_QUALITY
    return Judgement(True, score, kind, name_of(text), "medium", "medium", terms)
