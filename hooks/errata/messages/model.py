"""The linear model of ``rules/explicit.json``: from features to a probability and a type.

The logit of a message with n features is ``bias + sum of their weights / sqrt(n)``, and its terms
explain the verdict. Each type has such a sum of its own; the greatest decides the type.
``python -m bench.messages train`` writes the file.
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
    """A linear function of features; weights are in tenths."""

    bias: float
    weights: Mapping[str, int]

    def value(self, present: Sequence[str]) -> float:
        """The value for a message with these features."""
        weights = self.weights
        total = sum(weights[feature] for feature in present if feature in weights)
        return self.bias + total / (SCALE * math.sqrt(max(1, len(present))))


class Model(NamedTuple):
    """Weights, word lists and phrase rules.

    Attributes:
        threshold: the lowest probability that counts as a correction where the words alone decide,
            as they do for a peer in ``bench``; hooks also use :mod:`errata.messages.conversation`.
        types: type -> its table of weights, which is decoded for corrections only.
        class_names: code of a word class -> its name.
    """

    threshold: float
    correction: Linear
    types: Mapping[str, Mapping[str, object]]
    lexicon: Lexicon
    phrases: tuple[Phrase, ...]
    class_names: Mapping[str, str]

    def features(self, message: Message) -> list[str]:
        """The features of a message."""
        return features(message, self.lexicon, self.phrases)

    def probability(self, present: Sequence[str]) -> float:
        """The probability that a message with these features corrects the agent."""
        return 1 / (1 + math.exp(-self.correction.value(present)))

    def type(self, present: Sequence[str]) -> CorrectionType:
        """The type with the greatest value; the first of equals."""
        from errata.records.model import CorrectionType

        values = {name: _linear(table).value(present) for name, table in self.types.items()}
        return CorrectionType(max(values, key=lambda name: values[name]))

    def terms(self, present: Sequence[str], limit: int) -> tuple[tuple[str, float], ...]:
        """The strongest terms of the sum, in readable form, with their contributions."""
        weights, divisor = self.correction.weights, SCALE * math.sqrt(max(1, len(present)))
        weighted = (feature for feature in present if weights.get(feature))
        ranked = sorted(weighted, key=lambda feature: (-abs(weights[feature]), feature))
        return tuple(
            (self._readable(feature), round(weights[feature] / divisor, 2))
            for feature in ranked[:limit]
        )

    def _readable(self, feature: str) -> str:
        if feature[0] == "#":
            return f"rule {feature[1:]}"
        names = self.class_names
        return " ".join(
            f"[{names[word[0]]}]{word[1:]}" if word[0] in names else word
            for word in feature.split(" ")
        )


_WORDLESS = re.compile(
    r"\[[^\]]*\](?:ing|ed|ly|s)?|<\w+>|\+(?:ing|ed|ly|s)?|\W+|(?:words|sentences)[<=>]+\d+"
)
"""A token of a readable term that a person did not type."""


def has_no_words(term: str) -> bool:
    """Whether a readable term consists of rules and classes only, without words of a message."""
    kind, separator, name = term.partition(": ")
    if separator and kind in ("turn", "text"):
        return not name.startswith(("says ", "begins "))
    kind, _, name = term.partition(" ")
    if kind == "rule":
        return any(name == phrase.name for phrase in load().phrases)
    return all(map(_WORDLESS.fullmatch, term.split(" ")))


@cache
def load() -> Model:
    """The model of the package."""
    return build(json.loads(FILE.read_text("utf-8")))


def build(table: Mapping[str, Any]) -> Model:
    """The model of a table of weights."""
    words = table["words"]
    return Model(
        table["threshold"],
        _linear(table["correction"]),
        table["types"],
        lexicon(words),
        phrases(table["phrases"]),
        dict(zip(words["codes"], words["classes"], strict=True)),
    )


def lexicon(words: Mapping[str, Any]) -> Lexicon:
    """The words of ``rules/words.toml`` with a code for each class; a word's first class counts."""
    classes: dict[str, str] = {}
    for code, members in zip(words["codes"], words["classes"].values(), strict=True):
        for word in members.split():
            classes.setdefault(word, code)
    pairs = (pair.partition("=") for pair in words["irregular"].split())
    return Lexicon(
        classes, frozenset(words["function"].split()), {form: verb for form, _, verb in pairs}
    )


def pack(weights: Mapping[str, int]) -> dict[str, str]:
    """Weights as stored: weight -> its features, joined by tabs; zeros are omitted."""
    groups: dict[int, list[str]] = {}
    for feature in sorted(weights):
        if weights[feature]:
            groups.setdefault(weights[feature], []).append(feature)
    return {str(weight): "\t".join(groups[weight]) for weight in sorted(groups)}


def _linear(table: Mapping[str, Any]) -> Linear:
    weights = {
        feature: weight
        for weight, joined in ((int(key), joined) for key, joined in table["weights"].items())
        for feature in joined.split("\t")
    }
    return Linear(table["bias"], weights)
