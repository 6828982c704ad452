"""How much wider an interval must be because commits of one session resemble each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from errata.lessons.outcome_counts import Tally
from errata.lessons.statistics import Z

Pair = tuple[Tally, Tally]
"""Before and after."""

_LEVEL = 0.975
"""Of the quantile of Student's t that takes the place of the normal :data:`Z`."""
_HALF = 0.5
"""Added to each count, so that none is 0."""
_GREATEST = 37.0
"""Beyond so many standard deviations the probability is 0 as a float."""


def level(pairs: Iterable[Pair]) -> float:
    """The probability of a tail at which independent commits give the right limits."""
    deviations = min(Z * widening(pairs), _GREATEST)
    return math.erfc(deviations / math.sqrt(2)) / 2


def widening(pairs: Iterable[Pair]) -> float:
    """By what factor an interval of a logarithm is wider than that of independent commits.

    That is the root of the design effect, and Student's t for the number of clusters from which
    it was estimated (degrees of freedom after Satterthwaite 1946) in place of a normal quantile.

    Args:
        pairs: before and after, of the lesson, and of what it is compared with.
    """
    spreads = [spread for pair in pairs for spread in _spreads(pair)]
    total = math.fsum(variance for variance, _, _ in spreads)
    independent = math.fsum(base for _, base, _ in spreads)
    uncertain = math.fsum(v * v / freedom for v, _, freedom in spreads)
    freedom = total**2 / uncertain if uncertain else math.inf
    return t_quantile(freedom) / Z * math.sqrt(total / independent)


def effects(pair: Pair) -> tuple[float, float]:
    """The design effects of both, each at least what the sessions of both together imply.

    Few repeats show no resemblance even where there is some, so the correlation of both together is
    used, for sessions of each one's length.
    """
    shared = correlation(pair)
    first, second = (max(tally.design_effect, expected_effect(tally, shared)) for tally in pair)
    return first, second


def correlation(tallies: Sequence[Tally]) -> float:
    """How much commits of a cluster resemble each other in several tallies, 0 to 1."""
    total = sum(tally.repeated for tally in tallies)
    weighted = math.fsum(_correlation(tally) * tally.repeated for tally in tallies)
    return weighted / total if total else 0.0


def expected_effect(tally: Tally, shared: float) -> float:
    """The design effect of clusters of this size whose commits have this correlation."""
    return 1.0 + (_size(tally) - 1.0) * shared


def effective(pair: Pair) -> tuple[float, float]:
    """How many independent commits would say as much about the shares, for each tally."""
    first, second = (
        tally.chances / (effect * (t_quantile(_freedom(tally)) / Z) ** 2)
        for tally, effect in zip(pair, effects(pair), strict=True)
    )
    return first, second


def t_quantile(freedom: float) -> float:
    """The 97.5% quantile of Student's t for at least one degree of freedom, rounded down."""
    whole_number = max(1, math.floor(min(freedom, 1e6)))
    if whole_number == 1:
        return math.tan(math.pi * (_LEVEL - 0.5))
    if whole_number == 2:
        return (2 * _LEVEL - 1) * math.sqrt(2 / (4 * _LEVEL * (1 - _LEVEL)))
    # Abramowitz and Stegun 26.7.5.
    z, n = Z, float(whole_number)
    terms: Sequence[float] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / n**power for power, term in enumerate(terms, 1))


def _spreads(pair: Pair) -> Iterable[tuple[float, float, float]]:
    """For each: the variance of the log rate, that of independent commits, degrees of freedom."""
    for tally, effect in zip(pair, effects(pair), strict=True):
        base = 1 / (tally.repeated + _HALF)
        yield base * effect, base, _freedom(tally)


def _freedom(tally: Tally) -> float:
    """From how many deviations the design effect was estimated; all if it was not."""
    if not 0 < tally.clusters < tally.chances:
        return math.inf
    return max(1.0, tally.clusters - 1.0)


def _size(tally: Tally) -> float:
    """The mean number of commits of a cluster; 1 if clusters are not known."""
    return max(1.0, tally.chances / tally.clusters) if tally.clusters else 1.0


def _correlation(tally: Tally) -> float:
    """How much commits of a cluster resemble each other, 0 to 1."""
    size = _size(tally)
    return min(1.0, (tally.design_effect - 1.0) / (size - 1.0)) if size > 1 else 0.0
