"""Trains ``rules/explicit.json``: pure Python, the same bytes every time.

Logistic regression with the weights of naive Bayes as its prior: with a few thousand short
messages, the counts of naive Bayes generalise, and regression corrects them where features overlap.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.messages.corpus import Case
from errata import rules
from errata.messages import features, message, model, phrases
from errata.records.model import CorrectionType

PRIOR = 1.0
"""Weight of naive Bayes before regression."""
STRENGTH = 2.0
"""Inverse of the L2 penalty on the difference from the prior, like C in scikit-learn."""
SMOOTHING = 0.5
EPOCHS = 8
AVERAGED = 4
"""The last epochs, whose weights are averaged."""
RATE = 2.0
MIN_MESSAGES = 2
"""A feature in fewer messages is ignored."""
MIN_CASES = 5
"""The same, for turns."""
FIT_EPOCHS = 30
RULE = 3
"""How many times a phrase rule counts: in a longer message it would be lost among the words."""
MAX_BYTES = 250_000
MAX_TYPE_BYTES = 10_000
"""Size of the features that are kept, for the verdict and for each type."""
THRESHOLD = 0.62
DIGESTS = Path(__file__).with_name("explicit.sha256")
"""Digests of what the committed weights were made from, and of the weights."""

_PHRASE_KEYS = ("name", "type", "weight", "severity", "stems", "words")
_INTERJECTIONS = ("hm, ", "ok so ", "hey, ", "btw ", "um ", "so ", "oh, ", "and ", "well, ", "hi! ")


@dataclass(frozen=True, slots=True)
class Row:
    """A message: the numbers of its features, and what each of them counts.

    A number that occurs several times counts as often.
    """

    features: tuple[int, ...]
    factor: float


def words() -> dict[str, Any]:
    """``rules/words.toml`` in the form of the weights file."""
    table = rules.load("words")
    classes = {name: " ".join(text.split()) for name, text in table["classes"].items()}
    return {
        "codes": features.CODES[: len(classes)],
        "classes": classes,
        "function": " ".join(table["function"].split()),
        "irregular": " ".join(table["irregular"].split()),
    }


def phrase_table() -> list[dict[str, Any]]:
    """``rules/phrases.toml`` without its examples."""
    return [{key: rule[key] for key in _PHRASE_KEYS} for rule in rules.load("phrases")["phrase"]]


def extractor() -> Callable[[str], list[str]]:
    """A function from a text to its features, by the current tables."""
    lexicon, rules = model.lexicon(words()), phrases.phrases(phrase_table())
    return lambda text: features.features(message.parse(text), lexicon, rules)


def varied(text: str) -> str:
    """The message as a person in a hurry might type it, in one of four ways chosen by its hash."""
    number = int(hashlib.sha256(b"varied" + text.encode()).hexdigest(), 16)
    way, number = number % 4, number // 4
    if way == 0:
        return _INTERJECTIONS[number % len(_INTERJECTIONS)] + text[:1].lower() + text[1:]
    if way == 1:
        return text.lower().rstrip(".!").replace("'", "")
    if way == 2:
        return re.sub(r"[,;:]", "", text)
    return _with_typo(text, number)


def _with_typo(text: str, number: int) -> str:
    """The text with two letters of a long word swapped; in lower case if it has none."""
    words = list(re.finditer(r"[a-z]{6,}", text))
    if not words:
        return text.lower()
    at = words[number % len(words)].start() + 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def train(cases: Sequence[Case]) -> dict[str, Any]:
    """The table of the weights file."""
    extract = extractor()
    plain = [extract(case.text) for case in cases]
    variations = [extract(varied(case.text)) for case in cases]
    truth = [case.correction for case in cases]
    return {
        "about": "Made by `python -m bench.messages train`; do not edit.",
        "threshold": THRESHOLD,
        "words": words(),
        "phrases": phrase_table(),
        "correction": _train_verdict(plain, variations, truth),
        "types": _train_types(plain, cases),
    }


def fit(
    cases: Sequence[Sequence[str]],
    truth: Sequence[bool],
    known: Sequence[float],
    factor: float,
    strength: float,
) -> tuple[float, dict[str, int]]:
    """Bias and weights, in tenths, of the features of some cases: logistic regression alone.

    Args:
        known: what is added to the sum of each case.
        factor: what a feature that is present counts.
    """
    counts = Counter(feature for features in cases for feature in features)
    kept = sorted(feature for feature, count in counts.items() if count >= MIN_CASES)
    numbers = {feature: number for number, feature in enumerate(kept)}
    rows = [Row(tuple(numbers[f] for f in case if f in numbers), factor) for case in cases]
    weights, bias = _regress(rows, truth, [0.0] * len(kept), known, strength, FIT_EPOCHS)
    tenths = {name: round(w * model.SCALE) for name, w in zip(kept, weights, strict=True)}
    return round(bias, 3), {name: weight for name, weight in tenths.items() if weight}


def as_json(table: Mapping[str, Any]) -> str:
    """The text of the weights file."""
    return json.dumps(table, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n"


def digests(cases: Sequence[Case], text: str) -> str:
    """The digest of everything that training depends on, and that of the weights file.

    It shows within seconds whether training might give other weights: it covers the labels, the
    features of the messages, the rules and this module.
    """
    extract = extractor()
    inputs = hashlib.sha256(Path(__file__).read_bytes())
    inputs.update(json.dumps([words(), phrase_table()], ensure_ascii=False).encode())
    for case in cases:
        row = [case.text, case.correction, case.type, extract(case.text)]
        inputs.update(json.dumps(row, ensure_ascii=False).encode())
    return f"{inputs.hexdigest()} {hashlib.sha256(text.encode()).hexdigest()}\n"


def _vocabulary(messages: Sequence[Sequence[str]]) -> dict[str, int]:
    counts = Counter(feature for features in messages for feature in features)
    kept = sorted(feature for feature, count in counts.items() if count >= MIN_MESSAGES)
    return {feature: number for number, feature in enumerate(kept)}


def _rows(messages: Sequence[Sequence[str]], vocabulary: Mapping[str, int]) -> list[Row]:
    return [
        Row(
            tuple(
                vocabulary[feature]
                for feature in features
                if feature in vocabulary
                for _ in range(_times(feature))
            ),
            1 / math.sqrt(max(1, len(features))),
        )
        for features in messages
    ]


def _times(feature: str) -> int:
    """How many times a feature counts."""
    return RULE if feature[0] == "#" else 1


def _train_verdict(
    plain: Sequence[Sequence[str]], variations: Sequence[Sequence[str]], truth: Sequence[bool]
) -> dict[str, Any]:
    vocabulary = _vocabulary(plain)
    rows = _rows([*plain, *variations], vocabulary)
    prior = _naive_bayes(_rows(plain, vocabulary), truth, len(vocabulary))
    weights, bias = _regress(rows, [*truth, *truth], prior)
    return _select(vocabulary, rows, weights, bias, MAX_BYTES)


def _train_types(messages: Sequence[Sequence[str]], cases: Sequence[Case]) -> dict[str, Any]:
    """Weights of each type against the others, among corrections."""
    pairs = [(m, case.type) for m, case in zip(messages, cases, strict=True) if case.correction]
    corrections = [message for message, _ in pairs]
    vocabulary = _vocabulary(corrections)
    rows = _rows(corrections, vocabulary)
    result = {}
    for kind in CorrectionType:
        truth = [label == kind.value for _, label in pairs]
        prior = _naive_bayes(rows, truth, len(vocabulary))
        weights, bias = _regress(rows, truth, prior)
        result[kind.value] = _select(vocabulary, rows, weights, bias, MAX_TYPE_BYTES)
    return result


def _naive_bayes(rows: Sequence[Row], truth: Sequence[bool], size: int) -> list[float]:
    """Log odds ratios of the presence of features, times :data:`PRIOR`."""
    yes, no = [SMOOTHING] * size, [SMOOTHING] * size
    for row, label in zip(rows, truth, strict=True):
        side = yes if label else no
        for number in set(row.features):
            side[number] += 1
    positive = sum(truth) + 2 * SMOOTHING
    negative = len(truth) - sum(truth) + 2 * SMOOTHING
    return [
        PRIOR * (math.log(a / (positive - a)) - math.log(b / (negative - b)))
        for a, b in zip(yes, no, strict=True)
    ]


def _regress(
    rows: Sequence[Row],
    truth: Sequence[bool],
    prior: Sequence[float],
    known: Sequence[float] = (),
    strength: float = STRENGTH,
    epochs: int = EPOCHS,
) -> tuple[list[float], float]:
    """Weights and bias by stochastic gradient descent on the logistic loss.

    The penalty is on the difference from the prior, which is stored as ``scale * delta``, so that
    the penalty of a step is one multiplication.
    """
    penalty = 1 / (strength * len(rows))
    delta, scale, bias, step = [0.0] * len(prior), 1.0, 0.0, 0
    mean, mean_bias = [0.0] * len(prior), 0.0
    order = list(range(len(rows)))
    shuffler = random.Random(0)
    for epoch in range(epochs):
        shuffler.shuffle(order)
        for at in order:
            row = rows[at]
            rate = RATE / (1 + RATE * penalty * step)
            step += 1
            total = sum([prior[number] + scale * delta[number] for number in row.features])
            value = bias + row.factor * total + (known[at] if known else 0.0)
            error = (1.0 if truth[at] else 0.0) - 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
            scale *= 1 - rate * penalty
            change = rate * error * row.factor / scale
            for number in row.features:
                delta[number] += change
            bias += 0.1 * rate * error
        if epoch >= epochs - AVERAGED:
            mean = [a + scale * b / AVERAGED for a, b in zip(mean, delta, strict=True)]
            mean_bias += bias / AVERAGED
    return [a + b for a, b in zip(prior, mean, strict=True)], mean_bias


def _select(
    vocabulary: Mapping[str, int],
    rows: Sequence[Row],
    weights: Sequence[float],
    bias: float,
    max_bytes: int,
) -> dict[str, Any]:
    """The features that matter most for their length, rounded, up to a number of bytes."""
    counts = Counter(number for row in rows for number in row.features)
    tenths = {
        feature: round(weights[n] * model.SCALE * _times(feature))
        for feature, n in vocabulary.items()
    }

    def importance(feature: str) -> float:
        number = vocabulary[feature]
        return round(abs(weights[number]) * math.sqrt(counts[number]), 4) / (len(feature) + 1)

    nonzero = (feature for feature in vocabulary if tenths[feature])
    kept, size = {}, 0
    for feature in sorted(nonzero, key=lambda feature: (-importance(feature), feature)):
        size += len(feature.encode()) + 1
        if size > max_bytes:
            break
        kept[feature] = tenths[feature]
    return {"bias": round(bias, 3), "weights": model.pack(kept)}
