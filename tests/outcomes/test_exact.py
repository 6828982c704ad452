"""Exact limits of a ratio, against published values, and against sums over all outcomes."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.outcomes.exact import Counts, at_least, at_most, lower, upper

FEW = st.integers(0, 12)


# The examples of R's fisher.test: Fisher's tea (Agresti 1990, p. 61), and convictions of twins
# (Fisher 1970), to the tolerance of its root finder.
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        (Counts(1, 3, 3, 1), 0.3135693, None),
        (Counts(15, 2, 3, 10), None, 0.2849601),
    ],
)
def test_one_sided_limits_of_an_odds_ratio(
    counts: Counts, low: float | None, high: float | None
) -> None:
    if low is not None:
        assert math.exp(lower(counts, 0.05)) == pytest.approx(low, abs=1e-5)
    if high is not None:
        assert math.exp(upper(counts, 0.05)) == pytest.approx(high, abs=1e-5)


# Clopper and Pearson (1934): 5 of 10, 0 of 10.
@pytest.mark.parametrize(
    ("counts", "low", "high"), [(Counts(5, 5), 0.1871, 0.8129), (Counts(10, 0), 0.0, 0.3085)]
)
def test_limits_of_a_share(counts: Counts, low: float, high: float) -> None:
    def share(log_odds: float) -> float:
        return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0

    limits = share(lower(counts, 0.025)), share(upper(counts, 0.025))
    assert limits == pytest.approx((low, high), abs=5e-5)


def weights(counts: Counts, odds: Fraction) -> dict[int, Fraction]:
    total = counts.before + counts.after
    if counts.others_before is None or counts.others_after is None:
        return {x: math.comb(total, x) * odds**x for x in range(total + 1)}
    others, after = counts.others_before + counts.others_after, counts.after + counts.others_after
    support = range(max(0, after - others), min(total, after) + 1)
    return {x: math.comb(total, x) * math.comb(others, after - x) * odds**x for x in support}


@given(FEW, FEW, st.none() | st.tuples(FEW, FEW), st.integers(1, 40), st.integers(1, 40))
def test_probabilities_are_sums_over_all_outcomes(
    before: int, after: int, others: tuple[int, int] | None, up: int, down: int
) -> None:
    counts = Counts(before, after, *(others or (None, None)))
    terms, log_odds = weights(counts, Fraction(up, down)), math.log(up / down)
    total = sum(terms.values())
    most = float(sum(w for x, w in terms.items() if x <= after) / total)
    least = float(sum(w for x, w in terms.items() if x >= after) / total)
    assert at_most(counts, log_odds) == pytest.approx(most, rel=1e-9)
    assert at_least(counts, log_odds) == pytest.approx(least, rel=1e-9)


@given(st.integers(1, 12), FEW, st.integers(1, 99))
def test_counting_until_a_repeat_has_the_same_probability_of_few_after(
    before: int, after: int, percent: int
) -> None:
    """Why a lesson that is promoted at its k-th repeat needs no other upper limit."""
    share = Fraction(percent, 100)
    until = sum(
        math.comb(before - 1 + x, x) * (1 - share) ** before * share**x for x in range(after + 1)
    )
    log_odds = math.log(percent / (100 - percent))
    assert at_most(Counts(before, after), log_odds) == pytest.approx(float(until), rel=1e-9)


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 8))
def test_the_same_among_other_repeats(before: int, after: int, first: int, second: int) -> None:
    """Of all orders of repeats: how many others come before the k-th repeat of the lesson."""
    lesson, others = before + after, first + second
    few = sum(
        math.comb(before - 1 + x, x) * math.comb(lesson - before + others - x, others - x)
        for x in range(first + 1)
    )
    expected = few / math.comb(lesson + others, others)
    assert at_most(Counts(before, after, first, second), 0.0) == pytest.approx(expected, rel=1e-9)


@given(FEW, FEW, st.none() | st.tuples(FEW, FEW), st.floats(0.001, 0.4))
def test_limits_have_the_probability_that_they_say(
    before: int, after: int, others: tuple[int, int] | None, level: float
) -> None:
    counts = Counts(before, after, *(others or (None, None)))
    low, high = lower(counts, level), upper(counts, level)
    assert low < high
    if math.isfinite(low):
        assert at_least(counts, low) == pytest.approx(level, rel=1e-4)
    if math.isfinite(high):
        assert at_most(counts, high) == pytest.approx(level, rel=1e-4)


def test_limits_of_many() -> None:
    deviations = 1.959964 * math.sqrt(2e-6)
    assert lower(Counts(10**6, 10**6), 0.025) == pytest.approx(-deviations, rel=1e-3)
    assert upper(Counts(10**6, 10**6), 0.025) == pytest.approx(deviations, rel=1e-3)


def test_a_level_near_0_gives_wide_limits() -> None:
    assert lower(Counts(50, 50), 1e-300) < -7
    assert upper(Counts(50, 50), 1e-300) > 7
