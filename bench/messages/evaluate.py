"""Classifiers of messages that are compared, and their scores on the labelled ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bench.messages.corpus import Case
from bench.messages.train import phrase_table
from bench.score import Label, Score
from errata.messages import judge, message, phrases
from errata.messages import model as model_of_words
from errata.messages.judge import score_by_words

_TRIGGERS = re.compile(
    r"\b(?:no|nope|wrong|incorrect|not what i|that's not|don't|do not|stop|undo|revert|actually"
    r"|instead|should(?:n't)? (?:be|have)|i (?:said|meant|asked)|mistake|broken"
    r"|fix (?:this|it|that)"
    r"|didn't work|doesn't work|still)\b",
    re.IGNORECASE,
)


def model(text: str) -> Label:
    """The verdict of errata."""
    judgement = judge(text)
    return judgement.type.value if judgement.type else None


def words_alone(text: str) -> Label:
    """A peer: the words, without what turns teach about prompts."""
    parsed = message.parse(text)
    if parsed.is_empty or not parsed.maybe_english:
        return None
    weights = model_of_words.load()
    score, features = score_by_words(parsed, weights)
    return weights.type(features).value if score >= weights.threshold else None


def triggers(text: str) -> Label:
    """A peer: the usual list of trigger words."""
    return "" if _TRIGGERS.search(text) else None


def rules_only() -> Callable[[str], Label]:
    """A peer: the phrase rules of errata with manual weights, without the model."""
    rules = phrases.phrases(phrase_table())

    def predict(text: str) -> Label:
        matches = phrases.matching(message.parse(text).plain, rules)
        if sum(phrase.weight for phrase in matches) < 1.0:
            return None
        typed = [phrase for phrase in matches if phrase.type and phrase.weight > 0]
        return max(typed, key=lambda phrase: phrase.weight).type if typed else "code_quality"

    return predict


def score(cases: Sequence[Case], predictions: Iterable[Label]) -> Score:
    """Compare predictions with labels."""
    labels = (case.label for case in cases)
    return Score.of(zip(labels, predictions, strict=True))
