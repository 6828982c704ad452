"""How sure a rate is, and whether it is above another: intervals, tail sums, many comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence

from errata.patterns.lesson import Rate

Z = 1.959963984540054
"""The 97.5% quantile of the normal distribution, for intervals of 95%."""
_NEGLIGIBLE = 1e-18
"""A term that is so much smaller than another one does not change their sum."""


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The 95% score interval of Wilson (1927) for a share; (0, 1) without trials.

    It covers close to 95% also for few trials and shares near 0 or 1, where Wald's interval fails
    and the exact one of Clopper and Pearson is too wide (Brown, Cai and DasGupta 2001).
    """
    if not trials:
        return 0.0, 1.0
    share, spread = successes / trials, Z * Z / trials
    centre = share + spread / 2
    margin = Z * math.sqrt(share * (1 - share) / trials + spread / trials / 4)
    low, high = (centre - margin) / (1 + spread), (centre + margin) / (1 + spread)
    return (max(0.0, low) if successes else 0.0, min(1.0, high) if successes < trials else 1.0)


def rate(
    corrected: int, chances: int, base: float, compared_with: str, *, is_comparable: bool = True
) -> Rate:
    """A rate with its interval.

    Args:
        corrected: agents' commits that were corrected. Each was a chance, even where ``chances``
            does not count it.
        base: the share that is corrected of comparable work, and what that is, as a noun phrase.
        is_comparable: whether it is the same kind of edit.
    """
    chances = max(corrected, chances)
    limits = wilson(corrected, chances)
    return Rate(corrected, chances, *limits, base, compared_with, is_comparable)


def p_value(corrected: int, chances: int, base: float) -> float:
    """The probability of at least so many successes if the share is ``base``; exact, one-sided."""
    chances = max(corrected, chances)
    if corrected <= 0:
        return 1.0
    if not 0 < base < 1:
        return float(base >= 1)
    # The tail away from the mean, whose terms only become smaller.
    if corrected > chances * base:
        return min(1.0, _tail(corrected, chances, base))
    return max(0.0, 1.0 - _tail(chances - corrected + 1, chances, 1 - base))


def _tail(successes: int, trials: int, share: float) -> float:
    """The probability of at least so many successes, which are more than the expected ones."""
    term = math.exp(
        _log_choose(trials, successes)
        + successes * math.log(share)
        + (trials - successes) * math.log1p(-share)
    )
    terms, odds = [term], share / (1 - share)
    for count in range(successes, trials):
        term *= (trials - count) / (count + 1) * odds
        if term < terms[0] * _NEGLIGIBLE:
            break
        terms.append(term)
    return math.fsum(terms)


def co_occurrence(both: int, first: int, second: int, total: int) -> float:
    """The probability that so many of ``total`` have both of two independent marks.

    The upper tail of the hypergeometric distribution, Fisher's exact test with one side.
    """
    first, second = min(first, total), min(second, total)
    most = min(first, second)
    both = min(both, most)
    if both <= max(0, first + second - total):
        return 1.0
    term = math.exp(
        _log_choose(second, both)
        + _log_choose(total - second, first - both)
        - _log_choose(total, first)
    )
    terms, peak = [term], term
    for count in range(both, most):
        others = total - second - (first - count) + 1
        term *= (second - count) / (count + 1) * (first - count) / others
        if term < peak * _NEGLIGIBLE:
            break
        peak = max(peak, term)
        terms.append(term)
    return min(1.0, math.fsum(terms))


def _log_choose(items: int, part: int) -> float:
    return math.lgamma(items + 1) - math.lgamma(part + 1) - math.lgamma(items - part + 1)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number (Benjamini and Hochberg 1995), in the same order.

    Those that are at most 0.05 are a set in which 5% are expected to be false.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index], reverse=True)
    adjusted, smallest = [1.0] * len(p_values), 1.0
    for position, index in enumerate(order):
        rank = len(p_values) - position
        smallest = min(smallest, p_values[index] * (len(p_values) / rank))
        adjusted[index] = smallest
    return adjusted
