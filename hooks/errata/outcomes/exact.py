"""Exact limits for a ratio of rates, from counts that may be small or 0.

Given how many of a lesson's repeats there are in total, how many of them fall after it depends
only on the ratio of the rates. Without a comparison that is a binomial distribution; beside the
counts of everything else it is Fisher's noncentral hypergeometric one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from errata.outcomes import roots

_NEGLIGIBLE = 1e-12
_WIDEST = 45.0
"""Logarithms of odds beyond this are none or all."""
_HUGE = 1e300
_LEAST = 1e-320
_HALF = 0.5


@dataclass(frozen=True)
class Counts:
    """Repeats of a lesson, and of everything else.

    Attributes:
        before, after: repeats of the lesson.
        others_before, others_after: repeats of everything else; None without a comparison.
    """

    before: int
    after: int
    others_before: int | None = None
    others_after: int | None = None

    def odds(self, count: int) -> float:
        """By what the probability changes from ``count`` to one more after, at equal rates."""
        change = (self.before + self.after - count) / (count + 1)
        if self.others_before is None or self.others_after is None:
            return change
        change *= self.after + self.others_after - count
        return change / (self.others_before - self.after + count + 1)


def tails(counts: Counts, log_odds: float) -> tuple[float, float]:
    """The probabilities of at most, and of at least, so many repeats after."""
    below, above = _sums(counts, log_odds)
    return below / (below + above), (above + 1.0) / (below + above)


def at_most(counts: Counts, log_odds: float) -> float:
    """The probability of at most so many repeats after."""
    return tails(counts, log_odds)[0]


def at_least(counts: Counts, log_odds: float) -> float:
    """The probability of at least so many repeats after."""
    return tails(counts, log_odds)[1]


def _sums(counts: Counts, log_odds: float) -> tuple[float, float]:
    """The terms up to the observed count, and above it; that of the observed count is 1."""
    odds = math.exp(log_odds)
    below, term, count = 1.0, 1.0, counts.after
    lowest = 0
    if counts.others_before is not None:
        lowest = max(0, counts.after - counts.others_before)
    while count > lowest:
        change = counts.odds(count - 1) * odds
        term /= change
        below += term
        count -= 1
        if math.isinf(below):
            return _HUGE, 0.0
        if change > 1 and term < below * _NEGLIGIBLE:
            break
    above, term, count = 0.0, 1.0, counts.after
    while (change := counts.odds(count) * odds) > 0:
        term *= change
        above += term
        count += 1
        if math.isinf(above):
            return below, _HUGE
        if change < 1 and term < (above + below) * _NEGLIGIBLE:
            break
    return below, above


def upper(counts: Counts, level: float) -> float:
    """The greatest logarithm of the odds at which so few after have this probability."""
    if counts.before <= 0 or counts.others_after == 0:
        return math.inf
    return roots.falling(
        lambda log_odds: _log(at_most(counts, log_odds)) - _log(level), _middle(counts), _WIDEST
    )


def lower(counts: Counts, level: float) -> float:
    """The least logarithm of the odds at which so many after have this probability."""
    if counts.after <= 0 or counts.others_before == 0:
        return -math.inf
    return roots.falling(
        lambda log_odds: _log(level) - _log(at_least(counts, log_odds)), _middle(counts), _WIDEST
    )


def _log(probability: float) -> float:
    """Of a tail, it is close to a parabola, so that false position is quick."""
    return math.log(max(probability, _LEAST))


def _middle(counts: Counts) -> float:
    """About the most likely logarithm of the odds."""
    odds = (counts.after + _HALF) / (counts.before + _HALF)
    if counts.others_before is not None and counts.others_after is not None:
        odds *= (counts.others_before + _HALF) / (counts.others_after + _HALF)
    return math.log(odds)
