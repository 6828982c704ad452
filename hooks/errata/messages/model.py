"""The weights of ``rules/explicit.json``: how features become a probability and a type.

A linear model, so that the terms of the sum say why. Of a message with n features, the logit is
``bias + sum of the weights of its features / sqrt(n)``; for each type the same without the
logistic function, and the greatest wins. ``python -m bench.messages train`` makes the file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from errata import rules
from errata.messages.features import Lexicon, features
from errata.messages.message import Message
from errata.messages.phrases import Phrase, phrases

if TYPE_CHECKING:
    from errata.records.model import CorrectionType

FILE = rules.folder() / "explicit.json"
SCALE = 10
"""The file holds weights in tenths."""


class Linear(NamedTuple):
    """A bias, and tenths for each feature."""

    bias: float
    weights: Mapping[str, int]

    def value(self, found: Sequence[str]) -> float:
        """The sum for a message with these features."""
        weights = self.weights
        total = sum(weights[one] for one in found if one in weights)
        return self.bias + total / (SCALE * math.sqrt(max(1, len(found))))


class Model(NamedTuple):
    """All that judging needs.

    Attributes:
        threshold: the probability from which on a message counts as a correction.
        kinds: the tables of the types, which only a correction needs.
        classes: code of a class of words -> its name.
    """

    threshold: float
    correction: Linear
    kinds: Mapping[str, Mapping[str, object]]
    lexicon: Lexicon
    phrases: tuple[Phrase, ...]
    classes: Mapping[str, str]

    def features(self, message: Message) -> list[str]:
        """The features of a message."""
        return features(message, self.lexicon, self.phrases)

    def probability(self, found: Sequence[str]) -> float:
        """That a message with these features corrects the agent."""
        return 1 / (1 + math.exp(-self.correction.value(found)))

    def type(self, found: Sequence[str]) -> CorrectionType:
        """In what way; of equals the first."""
        from errata.records.model import CorrectionType

        values = {kind: _linear(table).value(found) for kind, table in self.kinds.items()}
        return CorrectionType(max(values, key=lambda kind: values[kind]))

    def terms(self, found: Sequence[str], most: int) -> tuple[tuple[str, float], ...]:
        """What weighs most, strongest first, as people can read it."""
        weights, root = self.correction.weights, SCALE * math.sqrt(max(1, len(found)))
        ranked = sorted(
            (one for one in found if weights.get(one)), key=lambda one: (-abs(weights[one]), one)
        )
        return tuple((self._shown(one), round(weights[one] / root, 2)) for one in ranked[:most])

    def _shown(self, feature: str) -> str:
        if feature[0] == "#":
            return f"rule {feature[1:]}"
        return " ".join(
            f"[{self.classes[word[0]]}]{word[1:]}" if word[0] in self.classes else word
            for word in feature.split(" ")
        )


def wordless(term: str) -> bool:
    """Whether a term, as people read it, names rules and classes only and no word of a message."""
    return term.startswith("rule ") or not re.search(r"(?:^|\s)[~']?[^\W\d_]{2}", term)


@cache
def load() -> Model:
    """The model as shipped."""
    return build(json.loads(FILE.read_text("utf-8")))


def build(table: Mapping[str, Any]) -> Model:
    """The model of a weights table."""
    return Model(
        table["threshold"],
        _linear(table["correction"]),
        table["types"],
        lexicon(table["words"]),
        phrases(table["phrases"]),
        dict(zip(table["words"]["codes"], table["words"]["classes"], strict=True)),
    )


def lexicon(words: Mapping[str, Mapping[str, str] | str]) -> Lexicon:
    """The words of ``rules/words.toml`` with a code for each class."""
    listed = words["classes"]
    assert isinstance(listed, Mapping)
    classes: dict[str, str] = {}
    for code, text in zip(str(words["codes"]), listed.values(), strict=True):
        for word in text.split():
            classes.setdefault(word, code)
    pairs = (pair.partition("=") for pair in str(words["irregular"]).split())
    return Lexicon(
        classes,
        frozenset(str(words["function"]).split()),
        {form: verb for form, _, verb in pairs},
    )


def packed(weights: Mapping[str, int]) -> dict[str, str]:
    """Weights as the file holds them: each value once, with its features joined by tabs."""
    groups: dict[int, list[str]] = {}
    for feature in sorted(weights):
        if weights[feature]:
            groups.setdefault(weights[feature], []).append(feature)
    return {str(value): "\t".join(groups[value]) for value in sorted(groups)}


def _linear(table: Mapping[str, object]) -> Linear:
    groups, bias = table["weights"], table["bias"]
    assert isinstance(groups, dict) and isinstance(bias, float)
    # Once for each feature, of which there are tens of thousands: no dictionaries are merged.
    weights = {
        one: value
        for value, joined in ((int(key), text) for key, text in groups.items())
        for one in joined.split("\t")
    }
    return Linear(bias, weights)
