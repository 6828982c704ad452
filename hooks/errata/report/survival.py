"""How long things live: Kaplan and Meier's estimate, and the log-rank test, for lines by commit.

The lines of one commit come and go together, so they are not independent observations. Both
variances are therefore between commits, not between lines: with few large commits the intervals are
wide and no difference is certain, however many lines there are. Where each commit has one line, the
results are Greenwood's variance, and close to the hypergeometric one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from errata.lessons.statistics import Z

_SUPPORT = 5
_MISSED = 0.025
"""The probability with which a limit of such an interval is missed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Observations that belong together, as the lines of one commit do.

    Attributes:
        ended: age -> how many ended at that age.
        censored: age -> how many were last seen alive at that age.
    """

    ended: Mapping[int, int]
    censored: Mapping[int, int]

    @property
    def size(self) -> int:
        """How many observations it has."""
        return sum(self.ended.values()) + sum(self.censored.values())

    @property
    def longest(self) -> int:
        """The greatest age at which one of them was seen, or ended."""
        return max((*self.ended, *self.censored), default=0)


@dataclass(frozen=True, slots=True)
class Point:
    """The share that is alive after some age, with its 95% interval."""

    age: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An estimate of survival.

    Attributes:
        points: at age 0, and at each age at which something ended.
        size: observations; ``clusters`` is how many clusters they are in.
        longest: the greatest age that was observed.
        supported: the greatest age that at least five clusters were observed to reach; beyond it
            single clusters decide. 0 if there are fewer.
    """

    points: tuple[Point, ...]
    size: int
    clusters: int
    longest: int
    supported: int

    def at(self, age: int) -> Point | None:
        """The point that holds at an age; None where nothing was observed so long."""
        if age > self.longest or not self.size:
            return None
        point = self.points[bisect_right(self.points, age, key=lambda point: point.age) - 1]
        if age == 0 or point.share < 1:
            return point
        # That none of a few went does not show that none ever goes.
        return Point(point.age, 1.0, _MISSED ** (1 / self.clusters), 1.0)

    @property
    def median(self) -> int | None:
        """The first age at which at most half are alive; None if more than half always are."""
        return next((point.age for point in self.points if point.share <= 0.5), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The log-rank test of two groups.

    Attributes:
        observed, expected: how many of the first group ended, and how many would have if both were
            alike.
        chi_squared: of the test with the variance between clusters; one degree of freedom.
        p_value: the probability of at least such a difference if both were alike.
    """

    observed: int
    expected: float
    chi_squared: float
    p_value: float


def kaplan_meier(clusters: Iterable[Cluster]) -> Curve:
    """The estimate of Kaplan and Meier (1958), with intervals for clusters (Williams 1995).

    The intervals are symmetric on the scale of log(-log S), so they stay between 0 and 1.
    """
    clusters = [*clusters]
    ages = _Ages(clusters)
    points = [Point(0, 1.0, 1.0, 1.0)]
    share = 1.0
    shares = []
    for died, at_risk in zip(ages.died, ages.at_risk, strict=True):
        share *= 1 - died / at_risk
        shares.append(share)
    for age, share, variance in zip(ages.ages, shares, _variances(clusters, ages), strict=True):
        if age == 0:
            points.clear()
        points.append(Point(age, share, *_interval(share, variance)))
    size = sum(cluster.size for cluster in clusters)
    reached = sorted((cluster.longest for cluster in clusters), reverse=True)
    supported = reached[_SUPPORT - 1] if len(reached) >= _SUPPORT else 0
    return Curve(tuple(points), size, len(clusters), ages.longest, supported)


def _interval(share: float, variance: float) -> tuple[float, float]:
    """The limits for a share, from the variance of its logarithm."""
    if not 0 < share < 1 or not variance:
        return share, share
    spread = Z * math.sqrt(variance) / abs(math.log(share))
    return share ** math.exp(min(spread, 50.0)), share ** math.exp(-spread)


def log_rank(first: Iterable[Cluster], second: Iterable[Cluster]) -> Comparison:
    """Whether two groups end at the same rate (Mantel 1966; variance of Lin and Wei 1989)."""
    first, second = [*first], [*second]
    both = _Ages([*first, *second])
    alone = _Ages(first)
    in_first = [
        alone.alive_at(age) / at_risk for age, at_risk in zip(both.ages, both.at_risk, strict=True)
    ]
    rates = [died / at_risk for died, at_risk in zip(both.died, both.at_risk, strict=True)]
    hazard = _running(rates)
    weighted = _running([share * rate for share, rate in zip(in_first, rates, strict=True)])
    share_at = dict(zip(both.ages, in_first, strict=True))
    variance = 0.0
    for members, group in ((first, 1.0), (second, 0.0)):
        for cluster in members:
            residual = sum(
                count * (group - share_at[age]) for age, count in cluster.ended.items()
            ) - sum(
                count
                * (group * _before(both.ages, hazard, age) - _before(both.ages, weighted, age))
                for ages in (cluster.ended, cluster.censored)
                for age, count in ages.items()
            )
            variance += residual * residual
    observed, count = sum(alone.died), len(first) + len(second)
    expected = math.fsum(share * died for share, died in zip(in_first, both.died, strict=True))
    difference = observed - expected
    # As for any sample variance: few clusters vary less among themselves than they would.
    variance *= count / max(1, count - 1)
    chi = difference * difference / variance if variance > 0 else 0.0
    return Comparison(observed, expected, chi, math.erfc(math.sqrt(chi / 2)))


class _Ages:
    """The ages at which something ended, how much did, and how much could have.

    Attributes:
        ages: in ascending order.
        died, at_risk: at each of them.
        longest: the greatest age of any observation.
    """

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        ended: Counter[int] = Counter()
        left: Counter[int] = Counter()
        for cluster in clusters:
            ended.update(cluster.ended)
            left.update(cluster.censored)
        left.update(ended)
        self._left = sorted(left)
        self._total = sum(left.values())
        self._gone = _running([left[age] for age in self._left])
        self.longest = self._left[-1] if self._left else 0
        self.ages = sorted(age for age, count in ended.items() if count)
        self.died = [ended[age] for age in self.ages]
        self.at_risk = [self.alive_at(age) for age in self.ages]

    def alive_at(self, age: int) -> int:
        """How many reached an age."""
        return self._total - int(_before(self._left, self._gone, age - 1))


def _variances(clusters: Sequence[Cluster], ages: _Ages) -> list[float]:
    """The variance of the logarithm of the share at each age at which something ended.

    Each cluster's influence only changes where one of its members ends or leaves; between these,
    all clusters' change alike. So the sum of squares is kept up to date from three sums.
    """
    pairs = zip(ages.died, ages.at_risk, strict=True)
    steps = [died / (at_risk * max(1, at_risk - died)) for died, at_risk in pairs]
    changes: dict[int, list[tuple[int, int, int]]] = {}
    alive = []
    influence = [0.0] * len(clusters)
    for number, cluster in enumerate(clusters):
        alive.append(cluster.size)
        for age in cluster.ended.keys() | cluster.censored.keys():
            row = (number, cluster.ended.get(age, 0), cluster.censored.get(age, 0))
            changes.setdefault(age, []).append(row)
    return _sums_of_squares(ages, steps, changes, alive, influence)


def _sums_of_squares(
    ages: _Ages,
    steps: Sequence[float],
    changes: Mapping[int, Sequence[tuple[int, int, int]]],
    alive: list[int],
    influence: list[float],
) -> list[float]:
    # The influence of a cluster is stored as of the cumulative step at which it last changed.
    total, product, squares = 0.0, 0.0, float(sum(n * n for n in alive))
    stamp = [0.0] * len(alive)
    cumulative, result = 0.0, []
    waiting = sorted(changes)
    position = 0
    rows = zip(ages.ages, steps, ages.died, ages.at_risk, strict=True)
    for age, step, died, at_risk in rows:
        while position < len(waiting) and waiting[position] < age:
            # Those that leave before this age take no part in its step.
            for number, ended, censored in changes[waiting[position]]:
                leave = ended + censored
                influence[number] -= alive[number] * (cumulative - stamp[number])
                stamp[number] = cumulative
                product -= leave * influence[number]
                squares += (alive[number] - leave) ** 2 - alive[number] ** 2
                alive[number] -= leave
            position += 1
        total += -2 * step * product + step * step * squares
        product -= step * squares
        cumulative += step
        for number, ended, _ in changes[age]:
            now = influence[number] - alive[number] * (cumulative - stamp[number])
            stamp[number] = cumulative
            influence[number] = now + ended / max(1, at_risk - died)
            total += influence[number] ** 2 - now**2
            product += alive[number] * (influence[number] - now)
        result.append(max(total, 0.0))
    return result


def _running(values: Iterable[float]) -> list[float]:
    """The sums of the first one, the first two, and so on."""
    sums, total = [], 0.0
    for value in values:
        total += value
        sums.append(total)
    return sums


def _before(ages: Sequence[int], sums: Sequence[float], age: int) -> float:
    """The running sum at an age: of all entries up to it."""
    position = bisect_right(ages, age)
    return sums[position - 1] if position else 0.0
