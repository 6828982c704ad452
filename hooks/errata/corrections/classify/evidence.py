"""Is an edit a correction? Named evidence (``rules/evidence.toml``) with learned weights.

The weights are those of a logistic regression on labelled commits (``rules/evidence_weights.toml``,
made by ``python -m bench.detector train``): their sum is the logarithm of the odds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from errata import rules
from errata.corrections.classify.facts import Facts

_MAX_CHARACTERS = 1000
_LEXED = ("comment_share", "surface_share")
"""The facts that take tokens to measure."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule that holds; a positive weight speaks for a correction, a veto rules it out."""

    name: str
    weight: float
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence that holds, and the score that a correction must reach.

    Attributes:
        start: the score without any evidence.
    """

    evidence: tuple[Evidence, ...]
    threshold: float
    start: float = 0.0

    @property
    def score(self) -> float:
        """The logarithm of the odds that the edit is a correction, for and against."""
        return _exact(self.start + sum(item.weight for item in self.evidence))

    @property
    def probability(self) -> float:
        """How likely the edit is a correction, from 0 to 1."""
        return _probability(self.score)

    def strongest(self, count: int) -> list[Evidence]:
        """What weighs most, for or against."""
        return sorted(self.evidence, key=lambda item: (-abs(item.weight), item.name))[:count]

    @property
    def vetoes(self) -> tuple[Evidence, ...]:
        """The evidence that rules a correction out."""
        return tuple(item for item in self.evidence if item.veto)

    @property
    def corrective(self) -> bool:
        """Whether the edit counts as a correction."""
        return not self.vetoes and self.score >= self.threshold


def least_probability() -> float:
    """How likely an edit must be a correction to count as one."""
    return _probability(rules.load("evidence_weights")["threshold"])


def doubtful_score() -> float:
    """The score from which an edit is worth a look by somebody who understands it."""
    least = rules.load("evidence")["doubtful_from"]
    return math.log(least / (1 - least))


def _exact(score: float) -> float:
    """A sum of weights without its error: they have two digits, as the threshold has."""
    return round(score, 6)


def _probability(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def decides_without_tokens(verdict: Verdict) -> bool:
    """Whether tokens would not change if an edit is corrective, of which none were measured."""
    least, most = _bounds_of_tokens()
    least, most = _exact(verdict.score + least), _exact(verdict.score + most)
    return bool(verdict.vetoes) or least >= verdict.threshold or most < verdict.threshold


@cache
def _bounds_of_tokens() -> tuple[float, float]:
    """The least and the greatest sum of the weights that tokens decide."""
    weights = rules.load("evidence_weights")["weights"]
    least = most = 0.0
    for rule in rules.load("evidence")["scale"]:
        if rule["fact"] in _LEXED:
            each = [weights.get(name, 0.0) for name in rule["names"]]
            least, most = least + min(each), most + max(each)
    return least, most


def score_evidence(
    message: str, facts: Facts, agent_message: str = "", *, lexed: bool = True
) -> Verdict:
    """Apply the rules to the facts and to the messages of both commits.

    Args:
        lexed: whether the facts that take tokens were measured; without them, they count nothing.
    """
    learned = rules.load("evidence_weights")
    fulfilled, measures = _rules_of_messages(message, agent_message), facts.measures()
    evidence = [
        Evidence(rule["name"], 0.0, veto=True)
        for rule in rules.load("evidence")["veto"]
        if rule["name"] in fulfilled and _is_measured(rule, measures)
    ]
    for name, by_hand in _held(fulfilled, measures, lexed=lexed):
        weight = by_hand if by_hand is not None else learned["weights"].get(name, 0.0)
        if weight:
            evidence.append(Evidence(name, weight))
    return Verdict(tuple(evidence), learned["threshold"], learned["start"])


def held(message: str, facts: Facts, agent_message: str) -> list[str]:
    """The names of all evidence that holds."""
    fulfilled = _rules_of_messages(message, agent_message)
    return [name for name, _ in _held(fulfilled, facts.measures())]


def set_by_hand() -> dict[str, float]:
    """The weights that are not learned."""
    return {r["name"]: r["weight"] for r in rules.load("evidence")["evidence"] if "weight" in r}


def _held(
    fulfilled: Container[str], measures: Mapping[str, float], *, lexed: bool = True
) -> Iterator[tuple[str, float | None]]:
    """The name of each rule that holds, with its weight if that was set by hand.

    Args:
        fulfilled: the rules that the messages fulfil.
    """
    table = rules.load("evidence")
    for rule in table["evidence"]:
        if rule["name"] in fulfilled and _is_measured(rule, measures):
            yield rule["name"], rule.get("weight")
    for rule in table["scale"]:
        fact = rule["fact"]
        if lexed or fact not in _LEXED:
            yield rule["names"][bisect_right(rule["edges"], measures[fact])], None


def says() -> dict[str, str]:
    """What each evidence says, by name."""
    table = rules.load("evidence")
    rows = {rule["name"]: rule["says"] for rule in (*table["veto"], *table["evidence"])}
    for rule in table["scale"]:
        rows |= zip(rule["names"], rule["says"], strict=True)
    return rows


# A commit is judged several times: for each agent, with and without tokens.
@lru_cache(maxsize=64)
def _rules_of_messages(message: str, agent_message: str) -> frozenset[str]:
    """The names of the rules that the messages of both commits fulfil."""
    subject, _, body = normalise(message).partition("\n")
    agent = normalise(agent_message.partition("\n")[0])
    texts = {
        "words": subject[:_MAX_CHARACTERS],
        "body": body[:_MAX_CHARACTERS],
        "agent": agent[:_MAX_CHARACTERS],
    }
    table = rules.load("evidence")
    return frozenset(
        rule["name"]
        for rule in (*table["veto"], *table["evidence"])
        if all(_says(rule, name, text) for name, text in texts.items())
    )


def normalise(message: str) -> str:
    """A message as the expressions of rules expect it: lower case, and Unicode in form NFKC."""
    if message.isascii():
        return message.lower()
    import unicodedata

    return unicodedata.normalize("NFKC", message).lower()


def _says(rule: Mapping[str, Any], name: str, text: str) -> bool:
    """Whether a text fulfils a condition of a rule, if the rule has it."""
    if name not in rule or rule[name].search(text):
        return True
    return name == "words" and _in_languages(rule["name"], text)


def _is_measured(rule: Mapping[str, Any], measures: Mapping[str, float]) -> bool:
    if "fact" not in rule:
        return True
    value = measures[rule["fact"]]
    return bool(rule.get("at_least", value) <= value < rule.get("below", float("inf")))


def _in_languages(evidence: str, subject: str) -> bool:
    """Whether words of another language than English support the evidence."""
    return any(
        rule["words"].search(subject)
        for rule in rules.load("commit_words")["rule"]
        if rule["evidence"] == evidence
    )
