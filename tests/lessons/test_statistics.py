"""Intervals, tail sums and adjusted p-values, against published values and laws."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.lessons.statistics import benjamini_hochberg, p_value, rate, wilson


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_interval_without_trials() -> None:
    assert wilson(0, 0) == (0, 1)


# Benjamini and Hochberg, J. R. Statist. Soc. B 57 (1995), section 4.1: four of 15 are rejected.
THROMBOLYSIS = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
THROMBOLYSIS += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]


def test_adjusted_p_values() -> None:
    adjusted = benjamini_hochberg(THROMBOLYSIS[::-1])[::-1]
    assert [value <= 0.05 for value in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert adjusted[-1] == 1.0


def exact(corrected: int, chances: int, base: Fraction) -> Fraction:
    terms = (
        math.comb(chances, n) * base**n * (1 - base) ** (chances - n)
        for n in range(corrected, chances + 1)
    )
    return sum(terms, Fraction())


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 99))
def test_p_value_is_the_tail_of_the_binomial_distribution(k: int, more: int, percent: int) -> None:
    expected = exact(k, k + more, Fraction(percent, 100))
    assert p_value(k, k + more, percent / 100) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize(("base", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_p_value_of_a_certain_base(base: float, expected: float) -> None:
    assert p_value(3, 10, base) == expected
    assert p_value(0, 10, base) == 1.0


def test_p_value_of_many_chances_is_quick_and_not_negative() -> None:
    assert 0 <= p_value(1, 2_000_000, 0.9) <= 1
    assert p_value(700, 13_000, 0.03) < 1e-40


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_corrected_commit_was_a_chance(corrected: int, chances: int) -> None:
    result = rate(corrected, chances, 0.1, "other edits")
    assert result.chances == max(corrected, chances)
    share = result.corrected / result.chances if result.chances else 0.5
    assert 0 <= result.low <= share <= result.high <= 1


@given(st.lists(st.floats(0, 1)))
def test_adjusting_keeps_the_order(p_values: list[float]) -> None:
    adjusted = benjamini_hochberg(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    by_p = sorted(zip(p_values, adjusted, strict=True))
    assert [q for _, q in by_p] == sorted(adjusted)
