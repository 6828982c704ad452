"""The counts over sessions, and how much the commits of one session resemble each other."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.lessons.outcome_counts import Tally
from errata.outcomes.tallies import MAX_DESIGN_EFFECT, add, tally

CLUSTER = st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
CLUSTERS = st.lists(CLUSTER, max_size=8)
FEW = settings(max_examples=40)


@pytest.mark.parametrize(
    ("clusters", "expected"),
    [
        ([], Tally()),
        ([(0, 0)], Tally()),
        ([(1, 0), (1, 1)], Tally(chances=2, repeated=1, clusters=2, design_effect=2.0)),
        ([(4, 0)] * 5, Tally(chances=20, repeated=0, clusters=5)),
        ([(4, 4)] * 5, Tally(chances=20, repeated=20, clusters=5)),
        ([(7, 3)], Tally(chances=7, repeated=3, clusters=1, design_effect=7.0)),
        ([(20_000, 3)], Tally(chances=20_000, repeated=3, clusters=1, design_effect=1e4)),
        # Every session repeats it at every chance, or never.
        (
            [(5, 5)] * 10 + [(5, 0)] * 10,
            Tally(chances=100, repeated=50, clusters=20, design_effect=5.263),
        ),
        # The same share in each session: less variance than of independent commits.
        ([(10, 1)] * 10, Tally(chances=100, repeated=10, clusters=10)),
    ],
)
def test_tally(clusters: list[tuple[int, int]], expected: Tally) -> None:
    assert tally(clusters) == expected


def test_design_effect_is_that_of_the_ratio_estimator() -> None:
    clusters = [(3, 1), (9, 0), (4, 3), (1, 0), (6, 2), (2, 2), (8, 1)]
    chances, repeated = sum(c for c, _ in clusters), sum(r for _, r in clusters)
    share = repeated / chances
    residuals = [r - share * c for c, r in clusters]
    variance = len(clusters) * statistics.variance(residuals) / chances**2
    expected = variance / (share * (1 - share) / chances)
    assert tally(clusters).design_effect == pytest.approx(expected, abs=5e-4)


@FEW
@given(CLUSTERS.flatmap(lambda clusters: st.tuples(st.just(clusters), st.permutations(clusters))))
def test_order_does_not_matter(both: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    assert tally(both[0]) == tally(both[1])


@FEW
@given(CLUSTERS)
def test_design_effect_is_within_its_limits(clusters: list[tuple[int, int]]) -> None:
    result = tally(clusters)
    assert 1 <= result.design_effect <= MAX_DESIGN_EFFECT
    assert result.repeated <= result.chances


@FEW
@given(st.lists(CLUSTERS, max_size=4))
def test_sums_keep_the_counts_in_any_order(parts: list[list[tuple[int, int]]]) -> None:
    tallies = [tally(part) for part in parts]
    total, together = add(tallies), tally(cluster for part in parts for cluster in part)
    counts = ("chances", "repeated", "clusters")
    assert [getattr(total, name) for name in counts] == [getattr(together, name) for name in counts]
    assert add(tallies[::-1]) == total
    effects = [each.design_effect for each in tallies if each.chances]
    assert min(effects, default=1) <= total.design_effect <= max(effects, default=1)
