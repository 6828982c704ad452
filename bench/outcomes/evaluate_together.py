"""How often the verdict on many lessons together is given, and how often its interval misses."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.outcomes.evaluate import RATES
from bench.outcomes.histories import Scenario, Simulated, simulate
from errata.outcomes.effect import Verdict
from errata.outcomes.together import judge_together

LESSONS = 20


@dataclass(frozen=True)
class Pooled:
    """Shares of repositories, 0 to 1, and the ratio that half of them exceed."""

    verdicts: dict[Verdict, float]
    missed: float
    median: float


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """Each with its label; the commits are those of each lesson."""
    rare = (RATES[0] / 2, RATES[0] / 2)
    for effect in (1.0, 0.5):
        yield (
            "lessons, all fall by half",
            Scenario(RATES, 300, 300, effect, "fall", start="promoted"),
        )
        yield "lessons of 1%, no drift", Scenario(rare, 300, 300, effect, start="promoted")
        yield "rules, all fall by half at their dates", Scenario(RATES, 100, 100, effect, "drop")


def run(label: str, scenario: Scenario, repositories: int) -> Pooled:
    """Simulate so many repositories of 20 lessons, and judge these together."""
    rng = random.Random(f"{label} {scenario}")
    verdicts: Counter[Verdict] = Counter()
    ratios, missed = [], 0
    for _ in range(repositories):
        lessons = [_lesson(rng, scenario).counts for _ in range(LESSONS)]
        effect = judge_together((each, scenario.start == "promoted") for each in lessons)
        verdicts[effect.verdict] += 1
        missed += not effect.low <= scenario.effect <= effect.high
        ratios.append(effect.ratio or 0.0)
    shares = {verdict: verdicts[verdict] / repositories for verdict in Verdict}
    return Pooled(shares, missed / repositories, statistics.median(ratios))


def _lesson(rng: random.Random, scenario: Scenario) -> Simulated:
    while (simulated := simulate(rng, scenario)) is None:
        pass
    return simulated
