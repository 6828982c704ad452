"""How often each verdict is given, and how often an interval misses, over simulated histories."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.outcomes import peers
from bench.outcomes.histories import Scenario, simulate
from errata.outcomes.effect import Verdict, judge

RATES = (0.02, 0.2)
_TRIES = 50
"""Histories tried for each one in which a lesson is promoted."""


@dataclass(frozen=True)
class Figures:
    """Shares of histories, 0 to 1.

    Attributes:
        histories: how many were judged.
        verdicts: of ours.
        ratio_missed, difference_missed: intervals that do not contain the planted value.
        overlap, fisher: those of the peers that say "works", and "got worse".
    """

    histories: int
    verdicts: dict[Verdict, float]
    ratio_missed: float
    difference_missed: float
    overlap: tuple[float, float]
    fisher: tuple[float, float]


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """Each with its label: what comes into force, the planted effect, the drift, the commits."""
    for commits in (50, 200, 1000):
        yield from _rules(commits)
    for commits in (300, 2000):
        yield from _lessons(commits)


def _rules(commits: int) -> Iterator[tuple[str, Scenario]]:
    plan: list[tuple[float, str, bool]] = [(1.0, "none", False)]
    plan += [(1.0, drift, True) for drift in ("none", "fall", "drop", "rise")]
    plan += [(effect, "drop", True) for effect in (0.5, 0.1, 2.0)]
    for effect, drift, clustered in plan:
        scenario = Scenario(RATES, commits, commits, effect, drift, clustered)
        sessions = "" if clustered else ", independent commits"
        yield f"rule, {_DRIFTS[drift]}{sessions}", scenario
    yield (
        "rule after a bad week, no drift",
        Scenario(RATES, commits, commits, 1.0, "none", True, "burst"),
    )


def _lessons(commits: int) -> Iterator[tuple[str, Scenario]]:
    half = commits // 2
    for effect, drift in (
        (1.0, "none"),
        (1.0, "fall"),
        (0.5, "fall"),
        (0.1, "fall"),
        (2.0, "fall"),
    ):
        low = RATES[0] / 4
        scenario = Scenario((low, RATES[1]), half, half, effect, drift, True, "promoted")
        yield f"lesson, {_DRIFTS[drift]}", scenario


_DRIFTS = {
    "none": "no drift",
    "fall": "all fall by half, evenly",
    "drop": "all fall by half at its date",
    "rise": "all double at its date",
}


def run(label: str, scenario: Scenario, histories: int) -> Figures:
    """Simulate so many histories in which the lesson comes into force, and judge each."""
    rng = random.Random(f"{label} {scenario}")
    counts: Counter[object] = Counter()
    for _ in range(histories * _TRIES):
        if counts["judged"] == histories:
            break
        counts.update(_judged(rng, scenario))
    total = max(1, counts["judged"])
    return Figures(
        counts["judged"],
        {verdict: counts[verdict] / total for verdict in Verdict},
        counts["ratio missed"] / total,
        counts["difference missed"] / total,
        (counts["overlap", Verdict.WORKS] / total, counts["overlap", Verdict.GOT_WORSE] / total),
        (counts["fisher", Verdict.WORKS] / total, counts["fisher", Verdict.GOT_WORSE] / total),
    )


def _judged(rng: random.Random, scenario: Scenario) -> Iterator[object]:
    simulated = simulate(rng, scenario)
    if simulated is None:
        return
    effect = judge(simulated.counts, selected=scenario.start == "promoted")
    yield "judged"
    yield effect.verdict
    if not effect.ratio_low <= scenario.effect <= effect.ratio_high:
        yield "ratio missed"
    if not effect.low <= simulated.difference <= effect.high:
        yield "difference missed"
    yield "overlap", peers.overlap(simulated.counts)
    yield "fisher", peers.fisher(simulated.counts)
