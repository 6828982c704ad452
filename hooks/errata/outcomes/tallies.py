"""Counts over sessions: how often something was repeated, and how much its commits resemble."""

from __future__ import annotations

from collections.abc import Iterable

from errata.lessons.outcome_counts import Tally

MAX_DESIGN_EFFECT = 10_000.0


def tally(clusters: Iterable[tuple[int, int]]) -> Tally:
    """The counts of commits that belong to clusters, in any order.

    The design effect is the variance of the share as a ratio estimator over clusters (Cochran 1977,
    section 6.3) divided by that of independent commits, and at least 1. A single cluster says
    nothing about how clusters differ, so it counts like one commit.

    Args:
        clusters: chances and repeated of each session, or day of an author. Those without a
            chance do not count.
    """
    pairs = [(max(chances, repeated), repeated) for chances, repeated in clusters]
    pairs = [pair for pair in pairs if pair[0] > 0]
    chances, repeated = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    effect = _design_effect(pairs, chances, repeated)
    return Tally(
        chances=chances, repeated=repeated, clusters=len(pairs), design_effect=_rounded(effect)
    )


def add(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies of different clusters, in any order.

    The design effect is the mean of theirs, weighted by the variance of the counts.
    """
    parts = [part for part in tallies if part.chances]
    chances, repeated = sum(p.chances for p in parts), sum(p.repeated for p in parts)
    weights = [p.repeated * (p.chances - p.repeated) / p.chances for p in parts]
    pairs = sorted(zip(weights, (p.design_effect for p in parts), strict=True))
    total = sum(weight for weight, _ in pairs)
    if total:
        effect = sum(weight * effect for weight, effect in pairs) / total
    else:
        effect = max((effect for _, effect in pairs), default=1.0)
    return Tally(
        chances=chances,
        repeated=repeated,
        clusters=sum(p.clusters for p in parts),
        design_effect=_rounded(effect),
    )


def _design_effect(pairs: list[tuple[int, int]], chances: int, repeated: int) -> float:
    if len(pairs) == 1:
        return float(chances)
    if not 0 < repeated < chances:
        return 1.0
    # In whole numbers, so that the order of the clusters does not matter.
    squares = sum((y * chances - repeated * x) ** 2 for x, y in pairs)
    clusters = len(pairs)
    binomial = (clusters - 1) * chances * repeated * (chances - repeated)
    return clusters * squares / binomial


def _rounded(effect: float) -> float:
    return round(min(max(effect, 1.0), MAX_DESIGN_EFFECT), 3)
