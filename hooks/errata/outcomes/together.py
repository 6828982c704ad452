"""All lessons together: one lesson has few repeats, which show little; many lessons have many.

The same holds for one lesson in many repositories.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.lessons.statistics import Z
from errata.outcomes import ratio, roots, spread
from errata.outcomes.effect import Verdict, comparison, judged_ratio, verdict_of
from errata.outcomes.ratio import Compared

_NORMAL = NormalDist()
_CERTAIN = 1e-12
_WIDEST = 12.0
"""Logarithms of ratios beyond this are 0 or infinite."""


@dataclass(frozen=True)
class Together:
    """The effect that lessons have in common, or that one has in several repositories.

    Attributes:
        lessons: how many have a repeat, and chances on both sides; or how many repositories.
        ratio, low, high: after / before, beside everything else where possible, with its 95%
            interval; None without any lesson.
        verdict: what that shows.
    """

    lessons: int
    ratio: float | None
    low: float
    high: float
    verdict: Verdict


def judge_together(outcomes: Iterable[tuple[OutcomeCounts, bool]]) -> Together:
    """The common ratio of many lessons, each with whether it was selected (see ``judge``).

    The tail probabilities of the lessons are added as normal deviations (Stouffer 1949), each with
    the root of its repeats as its weight. At equal rates that of a lesson that was promoted at a
    repeat is uniform, given its repeats, so selection does not bias their sum.
    """
    compared = [comparison(counts, selected=selected) for counts, selected in outcomes]
    compared = [each for each in compared if _says_something(each)]
    if not compared:
        return Together(0, None, 0.0, math.inf, Verdict.NOT_ENOUGH_DATA)
    # Sessions that repeat each of many lessons once say little about each, but much about all.
    shared = spread.correlation([tally for each in compared for tally in _tallies(each)])
    parts = [(_weight(each), _widening(each, shared), each) for each in compared]
    return _solved(parts)


def judge_strata(strata: Sequence[tuple[OutcomeCounts, bool]]) -> Together:
    """One lesson in one repository or more, each compared with itself.

    Where only one of them says something, its own exact limits hold, as in ``judge``.
    """
    informative = [
        (counts, selected)
        for counts, selected in strata
        if _says_something(comparison(counts, selected=selected))
    ]
    if len(informative) > 1:
        return judge_together(informative)
    counts, selected = (informative or strata)[0]
    value, low, high = judged_ratio(counts, selected=selected)
    return Together(len(informative), value, low, high, verdict_of(low, high))


_Part = tuple[float, float, Compared]


def _solved(parts: list[_Part]) -> Together:
    middle = _solve(parts, 0.0, 0.0, many=False)
    low = _exp(_solve(parts, -Z, middle, many=True))
    high = _exp(_solve(parts, -Z, middle, many=False))
    return Together(len(parts), _exp(middle), low, high, verdict_of(low, high))


def _says_something(compared: Compared) -> bool:
    return bool(
        min(compared.before.chances, compared.after.chances)
        and compared.before.repeated + compared.after.repeated
    )


def _tallies(compared: Compared) -> tuple[Tally, Tally]:
    return compared.before, compared.after


def _widening(compared: Compared, shared: float) -> float:
    expected = max(spread.expected_effect(tally, shared) for tally in _tallies(compared))
    return max(ratio.widening(compared), math.sqrt(expected))


def _weight(compared: Compared) -> float:
    return math.sqrt(compared.before.repeated + compared.after.repeated)


def _solve(parts: list[_Part], deviations: float, start: float, *, many: bool) -> float:
    """The logarithm of the ratio at which the sum of a tail is so many standard deviations."""

    def excess(log_ratio: float) -> float:
        above = _sum(parts, log_ratio, many=many) - deviations
        return -above if many else above

    return roots.falling(excess, start, _WIDEST)


def _exp(log_ratio: float) -> float:
    if log_ratio >= _WIDEST:
        return math.inf
    return math.exp(log_ratio) if log_ratio > -_WIDEST else 0.0


def _sum(parts: list[_Part], log_ratio: float, *, many: bool) -> float:
    """The deviations of all lessons at a ratio: of few repeats after, or of many."""
    total = math.fsum(
        weight * _deviation(compared, log_ratio, many=many) / widening
        for weight, widening, compared in parts
    )
    return total / math.sqrt(math.fsum(weight * weight for weight, _, _ in parts))


def _deviation(compared: Compared, log_ratio: float, *, many: bool) -> float:
    tail = ratio.tail(compared, log_ratio, many=many)
    return _NORMAL.inv_cdf(min(max(tail, _CERTAIN), 1 - _CERTAIN))
