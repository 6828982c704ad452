"""Trains the weights of the evidence, and writes them to ``rules/evidence_weights.toml``."""

from __future__ import annotations

import math
from pathlib import Path

from bench.detector import labels, measure
from bench.detector.outcomes import is_measured, row_of
from bench.detector.train import Model, fit
from errata import rules
from errata.corrections.classify.evidence import set_by_hand

PROBABILITY = 0.6
"""From which on an edit counts as a correction; see docs/accuracy.md for what others would give."""


def train() -> str:
    """Train on the tuning part; returns a sentence about it."""
    measured = measure.read()
    rows = [
        row_of(case, measured[case.key])
        for case in labels.read()
        if case.part == "tuning" and is_measured(measured[case.key])
    ]
    model = fit(rows)
    path = rules.folder() / "evidence_weights.toml"
    write(model, path)
    count = len(model.weights)
    return f"{path.name}: {count} weights from {len(rows)} cases; now run python -m errata.rules"


def write(model: Model, path: Path) -> None:
    """Write the weights, each with two decimals."""
    learned = {n: value for n, value in model.weights.items() if n not in set_by_hand()}
    weights = {name: round(value, 2) for name, value in sorted(learned.items())}
    lines = [
        "# How much each piece of evidence weighs.",
        "# Made by `python -m bench.detector train`: do not edit.",
        "# The sum is the logarithm of the odds that an edit is a correction.",
        "",
        f"start = {model.start:.2f}",
        f"threshold = {math.log(PROBABILITY / (1 - PROBABILITY)):.2f}",
        "",
        "[weights]",
        *(f"{name} = {value}" for name, value in weights.items() if value),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
