"""Learns the weights of the evidence: logistic regression, with the same result every time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errata.corrections.classify.evidence import set_by_hand

PENALTY = 20.0
"""Of the squares of the weights: half of it for each."""
SWEEPS = 60
_LARGEST_STEP = 2.0
FEWEST = 12
"""Evidence that holds in fewer cases gets no weight."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case to learn from.

    Attributes:
        held: the names of the evidence that holds.
        truth: whether it is a correction.
        weight: how much the case counts.
    """

    held: frozenset[str]
    truth: bool
    weight: float = 1.0


@dataclass(slots=True)
class Model:
    """The logarithm of the odds is the sum of the weights of what holds."""

    start: float
    weights: dict[str, float]

    def score(self, held: Sequence[str] | frozenset[str]) -> float:
        """The logarithm of the odds of a correction."""
        return self.start + sum(self.weights.get(name, 0.0) for name in held)

    def probability(self, held: Sequence[str] | frozenset[str]) -> float:
        """From 0 to 1."""
        return 1 / (1 + math.exp(-self.score(held)))


def fit(
    rows: Sequence[Row],
    penalty: float = PENALTY,
    begin: Model | None = None,
    sweeps: int = SWEEPS,
) -> Model:
    """Fit by Newton steps for one weight after the other.

    Args:
        begin: where to begin, as from other rows.
    """
    cases: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for name in row.held:
            cases[name].append(number)
    fixed = set_by_hand()
    often = (name for name, where in cases.items() if FEWEST <= len(where) < len(rows))
    names = sorted(name for name in often if name not in fixed)
    first = begin.weights if begin else {}
    model = Model(begin.start if begin else 0.0, {name: first.get(name, 0.0) for name in names})
    model.weights |= fixed
    scores = [model.score(row.held) for row in rows]
    everything = list(range(len(rows)))
    for _ in range(sweeps):
        largest = 0.0
        step = _step(rows, scores, everything, 0.0, 0.0)
        model.start += step
        largest = max(largest, abs(step))
        for name in names:
            step = _step(rows, scores, cases[name], model.weights[name], penalty)
            model.weights[name] += step
            largest = max(largest, abs(step))
        if largest < 1e-4:
            break
    return model


def _step(
    rows: Sequence[Row], scores: list[float], where: Sequence[int], weight: float, penalty: float
) -> float:
    """One Newton step of a weight; the scores follow."""
    slope, bend = -penalty * weight, penalty
    for number in where:
        row = rows[number]
        chance = 1 / (1 + math.exp(-scores[number]))
        slope += row.weight * (row.truth - chance)
        bend += row.weight * chance * (1 - chance)
    # Far from the optimum, a whole step may overshoot.
    step = max(-_LARGEST_STEP, min(_LARGEST_STEP, slope / max(bend, 1e-9)))
    for number in where:
        scores[number] += step
    return step


def leave_one_out(
    groups: Mapping[str, Sequence[Row]], penalty: float = PENALTY
) -> dict[str, list[float]]:
    """Probabilities for the rows of each group, learned from all the others."""
    whole = fit([row for rows in groups.values() for row in rows], penalty)
    result = {}
    for name, rows in groups.items():
        others = [row for other, each in groups.items() if other != name for row in each]
        model = fit(others, penalty, whole, sweeps=25)
        result[name] = [model.probability(row.held) for row in rows]
    return result
