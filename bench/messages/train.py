"""From the tuning messages to ``rules/explicit.json``: pure Python, the same bytes every time.

Logistic regression whose prior are the weights of naive Bayes: with a few thousand short
messages the counts of naive Bayes generalise, and regression corrects where features overlap.
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
"""How much of naive Bayes is believed before regression."""
STRENGTH = 2.0
"""Inverse of the L2 penalty on what differs from the prior, as in C of the usual libraries."""
SMOOTHING = 0.5
EPOCHS = 8
AVERAGED = 4
"""Epochs at the end whose weights are averaged."""
RATE = 2.0
LEAST = 2
"""Messages that a feature must be in."""
BUDGET = 255_000
TYPE_BUDGET = 10_000
"""Bytes of features kept, for the verdict and for each type."""
THRESHOLD = 0.6
RECEIPT = Path(__file__).with_name("explicit.sha256")
"""What the committed weights were made from."""

_PHRASE_KEYS = ("name", "type", "weight", "severity", "stems", "words")
_CHATTER = ("hm, ", "ok so ", "hey, ", "btw ", "um ", "so ", "oh, ", "and ", "well, ", "hi! ")


@dataclass(frozen=True, slots=True)
class Row:
    """A message as features: their numbers, and the factor that makes its length 1."""

    found: tuple[int, ...]
    factor: float


def words() -> dict[str, Any]:
    """``rules/words.toml`` as the weights file holds it."""
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
    """From a text to its features, by the tables as they are now."""
    lexicon, known = model.lexicon(words()), phrases.phrases(phrase_table())
    return lambda text: features.features(message.read(text), lexicon, known)


def varied(text: str) -> str:
    """The message as somebody in a hurry might have typed it; which way, its hash decides."""
    number = int(hashlib.sha256(b"varied" + text.encode()).hexdigest(), 16)
    way, number = number % 4, number // 4
    if way == 0:
        return _CHATTER[number % len(_CHATTER)] + text[:1].lower() + text[1:]
    if way == 1:
        return text.lower().rstrip(".!").replace("'", "")
    if way == 2:
        return re.sub(r"[,;:]", "", text)
    long = list(re.finditer(r"[a-z]{6,}", text))
    if not long:
        return text.lower()
    at = long[number % len(long)].start() + 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def train(cases: Sequence[Case]) -> dict[str, Any]:
    """The table of the weights file."""
    extract = extractor()
    plain = [extract(case.text) for case in cases]
    other = [extract(varied(case.text)) for case in cases]
    truth = [case.correction for case in cases]
    correction = _binary(plain, other, truth)
    return {
        "about": "Made by `python -m bench.messages train`; do not edit.",
        "threshold": THRESHOLD,
        "words": words(),
        "phrases": phrase_table(),
        "correction": correction,
        "types": _types(plain, cases),
    }


def written(table: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(table, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n"


def receipt(cases: Sequence[Case], text: str) -> str:
    """What a file of weights was made from, and the file itself, as two digests.

    Features are what the rules, the words and the code make of the messages; this module and the
    labels say the rest. So it changes when training may give other bytes, in a few seconds.
    """
    extract = extractor()
    made = hashlib.sha256(Path(__file__).read_bytes())
    made.update(json.dumps([words(), phrase_table()], ensure_ascii=False).encode())
    for case in cases:
        row = [case.text, case.correction, case.type, extract(case.text)]
        made.update(json.dumps(row, ensure_ascii=False).encode())
    return f"{made.hexdigest()} {hashlib.sha256(text.encode()).hexdigest()}\n"


def _vocabulary(found: Sequence[Sequence[str]]) -> dict[str, int]:
    counts = Counter(one for each in found for one in each)
    kept = sorted(one for one, count in counts.items() if count >= LEAST)
    return {one: number for number, one in enumerate(kept)}


def _rows(found: Sequence[Sequence[str]], vocabulary: Mapping[str, int]) -> list[Row]:
    return [
        Row(
            tuple(vocabulary[one] for one in each if one in vocabulary),
            1 / math.sqrt(max(1, len(each))),
        )
        for each in found
    ]


def _binary(
    plain: Sequence[Sequence[str]], other: Sequence[Sequence[str]], truth: Sequence[bool]
) -> dict[str, Any]:
    """Weights of one yes-or-no question."""
    vocabulary = _vocabulary(plain)
    rows = _rows([*plain, *other], vocabulary)
    prior = _bayes(_rows(plain, vocabulary), truth, len(vocabulary))
    weights, bias = _regress(rows, [*truth, *truth], prior)
    return _kept(vocabulary, rows, weights, bias, BUDGET)


def _types(found: Sequence[Sequence[str]], cases: Sequence[Case]) -> dict[str, Any]:
    """Weights of each type against the others, among corrections."""
    mine = [(each, case.type) for each, case in zip(found, cases, strict=True) if case.correction]
    each_found = [each for each, _ in mine]
    vocabulary = _vocabulary(each_found)
    rows = _rows(each_found, vocabulary)
    result = {}
    for kind in CorrectionType:
        truth = [label == kind.value for _, label in mine]
        prior = _bayes(rows, truth, len(vocabulary))
        weights, bias = _regress(rows, truth, prior)
        result[kind.value] = _kept(vocabulary, rows, weights, bias, TYPE_BUDGET)
    return result


def _bayes(rows: Sequence[Row], truth: Sequence[bool], size: int) -> list[float]:
    """Log-odds ratios of features being present, times :data:`PRIOR`."""
    yes, no = [SMOOTHING] * size, [SMOOTHING] * size
    for row, label in zip(rows, truth, strict=True):
        side = yes if label else no
        for number in row.found:
            side[number] += 1
    positive = sum(truth) + 2 * SMOOTHING
    negative = len(truth) - sum(truth) + 2 * SMOOTHING
    return [
        PRIOR * (math.log(a / (positive - a)) - math.log(b / (negative - b)))
        for a, b in zip(yes, no, strict=True)
    ]


def _regress(
    rows: Sequence[Row], truth: Sequence[bool], prior: Sequence[float]
) -> tuple[list[float], float]:
    """Stochastic gradient descent on the logistic loss, penalised by the distance to the prior.

    The difference to the prior is kept as ``scale * moved``, so that the penalty of a step is one
    multiplication.
    """
    penalty = 1 / (STRENGTH * len(rows))
    moved, scale, bias, step = [0.0] * len(prior), 1.0, 0.0, 0
    mean, mean_bias = [0.0] * len(prior), 0.0
    order = list(range(len(rows)))
    shuffler = random.Random(0)
    for epoch in range(EPOCHS):
        shuffler.shuffle(order)
        for at in order:
            row = rows[at]
            rate = RATE / (1 + RATE * penalty * step)
            step += 1
            total = sum([prior[number] + scale * moved[number] for number in row.found])
            value = bias + row.factor * total
            error = (1.0 if truth[at] else 0.0) - 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
            scale *= 1 - rate * penalty
            change = rate * error * row.factor / scale
            for number in row.found:
                moved[number] += change
            bias += 0.1 * rate * error
        if epoch >= EPOCHS - AVERAGED:
            mean = [a + scale * b / AVERAGED for a, b in zip(mean, moved, strict=True)]
            mean_bias += bias / AVERAGED
    return [a + b for a, b in zip(prior, mean, strict=True)], mean_bias


def _kept(
    vocabulary: Mapping[str, int],
    rows: Sequence[Row],
    weights: Sequence[float],
    bias: float,
    budget: int,
) -> dict[str, Any]:
    """The features that matter most for their length, rounded, within a number of bytes."""
    counts = Counter(number for row in rows for number in row.found)
    tenths = {one: round(weights[number] * model.SCALE) for one, number in vocabulary.items()}
    ranked = sorted(
        (one for one in vocabulary if tenths[one]),
        key=lambda one: (
            -round(abs(weights[vocabulary[one]]) * math.sqrt(counts[vocabulary[one]]), 4)
            / (len(one) + 1),
            one,
        ),
    )
    kept, used = {}, 0
    for one in ranked:
        used += len(one.encode()) + 1
        if used > budget:
            break
        kept[one] = tenths[one]
    return {"bias": round(bias, 3), "weights": model.pack(kept)}
