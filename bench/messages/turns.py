"""Real turns: a prompt with the end of the agent's turn before it, as two readers labelled them.

``turns/turns.jsonl`` holds no text: where a turn is published, its labels, and the names of its
features. ``python -m bench.messages rebuild FOLDER`` makes the features anew from clones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.messages import train
from bench.score import Label, Score
from errata.messages import conversation
from errata.messages.conversation import AFTER, ALONE, Described, Weights

FILE = Path(__file__).parent / "turns" / "turns.jsonl"
HALVES = ("training", "held-back")
_COMPARED = ("prompt names a file", "prompt shares")
"""Features that compare a prompt with the turn before it."""
FOLDS = 5
STRENGTH = 3.0
"""Inverse of the L2 penalty."""
FACTOR = 0.2
"""What each feature that is present contributes to the sum, times its weight."""
SLOPE = 0.75
"""What a unit of log-odds by words counts."""
SHARE = 0.5
"""How much of the log-odds without a turn comes from turns; the rest is the log-odds by words."""
PRECISION = 0.77
"""What the threshold aims at, in turns of owners that were not trained on."""


Fit = Callable[[Sequence["Case"]], dict[str, Any]]
"""Makes a table of weights from cases."""


@dataclass(frozen=True, slots=True)
class Case:
    """One turn.

    Attributes:
        repo: owner/name; all repositories of an owner are in one half.
        kind: of the session: claude, specstory or aider.
        sample: natural, rejected (chosen because the person rejected a tool call or interrupted
            the turn) or plan (a plan that was pasted to be carried out).
        by_words: the verdict by the words alone, and ``words_type`` the type by them.
        described: None for a prompt that is never judged: in another language, or without words.
        readers: the labels of the first two readers, and of a third if they disagree.
    """

    repo: str
    kind: str
    half: str
    sample: str
    label: Label
    by_words: bool
    words_type: str
    described: Described | None
    readers: tuple[str, ...]

    @property
    def owner(self) -> str:
        """The owner of the repository, in lower case."""
        return self.repo.partition("/")[0].lower()

    def has(self, *names: str) -> bool:
        """Whether the prompt has one of some features."""
        return self.described is not None and not {*names}.isdisjoint(self.described.prompt)

    @property
    def stopped(self) -> bool:
        """Whether the person rejected a tool call or interrupted the turn."""
        agent = self.described.agent if self.described else ()
        return "agent rejected" in agent or "agent interrupted" in agent


def read(lines: Iterable[str] | None = None) -> list[Case]:
    """The turns, in the order of the file."""
    if lines is None:
        lines = FILE.read_text("utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines]


def _case(raw: Mapping[str, Any]) -> Case:
    return Case(
        raw["repo"],
        raw["kind"],
        raw["half"],
        raw["sample"],
        raw["type"] if raw["label"] == "correction" else None,
        raw["by_words"],
        raw["words_type"],
        Described(raw["odds"], tuple(raw["agent"]), tuple(raw["prompt"]), tuple(raw["terms"]))
        if raw["prompt"]
        else None,
        tuple(raw["readers"]),
    )


def as_line(raw: Mapping[str, Any]) -> str:
    """The line of a turn in the file."""
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":")) + "\n"


def by_words(case: Case) -> Label:
    """The verdict by the words alone, as learnt from the messages."""
    return case.words_type if case.by_words else None


def judge(weights: Weights) -> Callable[[Case], Label]:
    """The verdict of errata by some weights."""

    def predict(case: Case) -> Label:
        if case.described is None:
            return None
        corrects = weights.probability(case.described) >= weights.threshold
        return case.words_type if corrects else None

    return predict


def score(cases: Iterable[Case], predict: Callable[[Case], Label]) -> Score:
    """Compare predictions with labels."""
    return Score.of((case.label, predict(case)) for case in cases)


def agreements(cases: Iterable[Case]) -> int:
    """On how many cases the first two readers agree: is it a correction?"""
    return sum(bool(case.readers[0]) == bool(case.readers[1]) for case in cases)


def kappa(cases: Iterable[Case]) -> float:
    """Cohen's kappa of the first two readers: is it a correction?"""
    pairs = [(bool(case.readers[0]), bool(case.readers[1])) for case in cases]
    first, second = (sum(pair[n] for pair in pairs) / len(pairs) for n in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    return (sum(a == b for a, b in pairs) / len(pairs) - chance) / (1 - chance)


def train_weights(cases: Sequence[Case]) -> dict[str, Any]:
    """The tables of the weights file, from the judged cases."""
    judged = [case for case in cases if case.described is not None]
    return {
        "about": "Made by `python -m bench.messages train`; do not edit.",
        AFTER: _table(judged, _fit),
        ALONE: _table([without_turn(case) for case in judged], _fit_alone),
    }


def without_turn(case: Case) -> Case:
    """The case as it is where the turn is not known."""
    if case.described is None:
        return case
    prompt = tuple(name for name in case.described.prompt if not name.startswith(_COMPARED))
    return replace(case, described=case.described._replace(agent=(), prompt=prompt))


def _table(cases: Sequence[Case], fit: Fit) -> dict[str, Any]:
    return {**fit(cases), "threshold": lowest_threshold(cross(cases, fit))}


def cross(cases: Sequence[Case], fit: Fit) -> list[tuple[float, bool]]:
    """(probability, label) of each judged case by weights trained without its owner's fold."""
    weights = _weights_of_folds(cases, fit)
    return [
        (weights[_fold(case)].probability(case.described), case.label is not None)
        for case in cases
        if case.described is not None
    ]


def cross_validated(cases: Sequence[Case], name: str) -> Callable[[Case], Label]:
    """The verdict by weights that were trained without the owner's fold.

    Args:
        name: of the table of weights.
    """
    fit = _fit if name == AFTER else _fit_alone
    weights = _weights_of_folds(cases, fit, conversation.load(name).threshold)
    return lambda case: judge(weights[_fold(case)])(case)


def _weights_of_folds(cases: Sequence[Case], fit: Fit, threshold: float = 0.0) -> list[Weights]:
    """The weights without each fold."""
    folds = ([case for case in cases if _fold(case) != fold] for fold in range(FOLDS))
    return [conversation.build({**fit(rest), "threshold": threshold}) for rest in folds]


def _fold(case: Case) -> int:
    return int(sha256(case.owner.encode()).hexdigest(), 16) // 3 % FOLDS


def selections(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Name -> the turns of a part of the figures."""
    return {
        "": list(cases),
        ", as they come": [case for case in cases if case.sample == "natural"],
        ", rejected or interrupted": [case for case in cases if case.stopped],
        ", without other languages": [case for case in cases if case.described],
    }


def groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Name -> the turns of a group, by where they come from and what they are like."""
    tests: dict[str, Callable[[Case], bool]] = {
        "kept by SpecStory": lambda case: case.kind == "specstory",
        "of Aider": lambda case: case.kind == "aider",
        "of Claude Code": lambda case: case.kind == "claude",
        "with a rejected call or an interruption": lambda case: case.stopped,
        "of at most 12 words": lambda case: case.has("1-2 words", "3-6 words", "7-12 words"),
        "of more than 60 words": lambda case: case.has("over 60 words"),
        "with pasted text": lambda case: case.has("prompt is pasted"),
        "that ask something": lambda case: case.has("prompt asks"),
    }
    return {name: [*filter(test, cases)] for name, test in tests.items()}


def lowest_threshold(scores: Iterable[tuple[float, bool]]) -> float:
    """The lowest threshold, in hundredths, at which precision is at least :data:`PRECISION`."""
    ranked = sorted(scores)
    for hundredths in range(100):
        chosen = [label for value, label in ranked if value >= hundredths / 100]
        if chosen and sum(chosen) / len(chosen) >= PRECISION:
            return hundredths / 100
    return 1.0


def _fit(cases: Sequence[Case]) -> dict[str, Any]:
    features = [case.described.features() for case in cases if case.described]
    truth = [case.label is not None for case in cases if case.described]
    known = [SLOPE * case.described.odds for case in cases if case.described]
    bias, weights = train.fit(features, truth, known, FACTOR, STRENGTH)
    return {"threshold": 0.0, "bias": bias, "factor": FACTOR, "slope": SLOPE, "weights": weights}


def _fit_alone(cases: Sequence[Case]) -> dict[str, Any]:
    """Weights for prompts without a turn.

    Turns are of one kind of session; the words know short messages and others, too. So the
    log-odds are the mean of both.
    """
    table = _fit(cases)
    return {
        **table,
        "bias": round(table["bias"] * SHARE, 3),
        "factor": FACTOR * SHARE,
        "slope": round(SLOPE * SHARE + 1 - SHARE, 3),
    }
