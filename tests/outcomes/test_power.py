"""The chances that the documentation promises to be enough."""

from __future__ import annotations

import math

import pytest

from errata.outcomes import power
from errata.outcomes.exact import Counts, at_most


def binomial(trials: int, share: float) -> dict[int, float]:
    """The probability of each count that is not negligible."""
    logarithms = {
        count: math.lgamma(trials + 1)
        - math.lgamma(count + 1)
        - math.lgamma(trials - count + 1)
        + count * math.log(share)
        + (trials - count) * math.log1p(-share)
        for count in range(1, trials)
    }
    return {count: math.exp(value) for count, value in logarithms.items() if value > -12}


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_power_is_80_percent(rate: float) -> None:
    chances = power.chances(rate)
    after = binomial(chances, rate * power.HALVED)
    seen = sum(
        first * second
        for before, first in binomial(chances, rate).items()
        for count, second in after.items()
        if at_most(Counts(before, count), 0.0) <= 0.025
    )
    assert seen == pytest.approx(0.8, abs=0.02)


def test_sessions_multiply_the_chances() -> None:
    assert power.chances(0.1, design_effect=2.5) == pytest.approx(2.5 * power.chances(0.1), abs=3)
    assert power.chances(0.1, effect=0.1) < power.chances(0.1)
