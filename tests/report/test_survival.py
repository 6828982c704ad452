"""Kaplan-Meier and the log-rank test: against scipy, and laws of their clusters."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.report.survival import Cluster, Curve, kaplan_meier, log_rank

# The remission times of Freireich et al. (1963), in weeks, as every textbook has them.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def independent(ended: list[int], censored: list[int] | None = None) -> list[Cluster]:
    """Independent observations."""
    return [Cluster({age: 1}, {}) for age in ended] + [
        Cluster({}, {age: 1}) for age in censored or []
    ]


def shown(curve: Curve) -> list[tuple[int, float]]:
    return [(point.age, round(point.share, 4)) for point in curve.points]


def test_the_estimate_is_that_of_the_textbook() -> None:
    # scipy.stats.ecdf(CensoredData(uncensored=TREATED, right=TREATED_CENSORED)).sf
    assert shown(kaplan_meier(independent(TREATED, TREATED_CENSORED))) == [
        *((0, 1.0), (6, 0.8571), (7, 0.8067), (10, 0.7529), (13, 0.6902)),
        *((16, 0.6275), (22, 0.5378), (23, 0.4482)),
    ]


def test_the_intervals_of_independent_observations_are_greenwoods() -> None:
    # The same with confidence_interval(method="log-log"), at 6, 13 and 23 weeks.
    curve = kaplan_meier(independent(TREATED, TREATED_CENSORED))
    for age, low, high in ((6, 0.6197, 0.9516), (13, 0.4316, 0.8491), (23, 0.1881, 0.6801)):
        point = curve.at(age)
        assert point is not None
        assert point.low == pytest.approx(low, abs=0.0001)
        assert point.high == pytest.approx(high, abs=0.0001)


def test_the_comparison_counts_what_textbooks_count() -> None:
    found = log_rank(independent(TREATED, TREATED_CENSORED), independent(PLACEBO))
    assert (found.observed, round(found.expected, 2)) == (9, 19.25)
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(found.chi_squared / 2)))
    assert found.p_value < 0.001


@pytest.mark.parametrize("lines", [1, 6])
def test_groups_that_are_alike_differ_in_one_of_twenty_cases(lines: int) -> None:
    """Also where the lines of a commit mostly go together."""
    choose = random.Random(7)

    def commit() -> Cluster:
        together, ended, censored = choose.expovariate(0.05), Counter[int](), Counter[int]()
        for _ in range(choose.randint(1, lines)):
            own = together if choose.random() < 0.8 else choose.expovariate(0.05)
            limit = choose.randint(5, 60)
            (ended if own <= limit else censored)[int(min(own, limit))] += 1
        return Cluster(ended, censored)

    p_values = [
        log_rank([commit() for _ in range(40)], [commit() for _ in range(40)]).p_value
        for _ in range(400)
    ]
    assert 0.03 <= sum(p <= 0.05 for p in p_values) / len(p_values) <= 0.08


def test_lines_of_one_commit_are_one_observation() -> None:
    # A thousand lines say no more than one if they all go together.
    few = log_rank(independent([5, 9, 30], [40]), independent([20, 33], [41, 42]))
    many = log_rank(
        [Cluster({age: 1000}, {}) for age in (5, 9, 30)] + [Cluster({}, {40: 1000})],
        [Cluster({age: 1000}, {}) for age in (20, 33)]
        + [Cluster({}, {age: 1000}) for age in (41, 42)],
    )
    assert many.chi_squared == pytest.approx(few.chi_squared, rel=1e-6)
    assert many.observed == 1000 * few.observed


counts = st.dictionaries(st.integers(0, 30), st.integers(1, 5), max_size=4)
clusters = st.lists(st.builds(Cluster, counts, counts), max_size=12).map(
    lambda rows: [row for row in rows if row.size]
)


def naive_variance(rows: list[Cluster], until: int) -> float:
    """The sum of the squared influences of the clusters, as Williams (1995) writes it."""
    ended, left = Counter[int](), Counter[int]()
    for row in rows:
        ended.update(row.ended)
        left.update(row.ended)
        left.update(row.censored)

    def at_risk(age: int) -> int:
        return sum(count for other, count in left.items() if other >= age)

    def left_after(age: int) -> int:
        return max(1, at_risk(age) - ended[age])

    def hazard(age: int) -> float:
        return sum(
            n / (at_risk(other) * left_after(other)) for other, n in ended.items() if other <= age
        )

    total = 0.0
    for row in rows:
        influence = sum(n / left_after(age) for age, n in row.ended.items() if age <= until)
        for side in (row.ended, row.censored):
            influence -= sum(n * hazard(min(age, until)) for age, n in side.items())
        total += influence * influence
    return total


@given(clusters)
def test_law_the_variance_is_that_of_the_definition(rows: list[Cluster]) -> None:
    for point in kaplan_meier(rows).points:
        if not 0 < point.share < 1:
            continue
        spread = 1.959963984540054 * math.sqrt(naive_variance(rows, point.age))
        spread /= abs(math.log(point.share))
        assert point.high == pytest.approx(point.share ** math.exp(-spread), abs=1e-6)


@given(clusters)
def test_law_a_curve_only_falls_within_its_interval(rows: list[Cluster]) -> None:
    curve = kaplan_meier(rows)
    shares = [point.share for point in curve.points]
    assert shares == sorted(shares, reverse=True)
    for point in curve.points:
        assert 0 <= point.low <= point.share <= point.high <= 1
    assert curve.size == sum(row.size for row in rows)
    if not any(row.censored for row in rows):
        # Without censoring it is the share that is left.
        for point in curve.points:
            left = sum(n for row in rows for age, n in row.ended.items() if age > point.age)
            assert point.share == pytest.approx(left / curve.size if curve.size else 1, abs=1e-9)


@given(clusters, clusters)
def test_law_the_comparison_does_not_depend_on_the_order(
    first: list[Cluster], second: list[Cluster]
) -> None:
    one, other = log_rank(first, second), log_rank(second, first)
    assert one.chi_squared == pytest.approx(other.chi_squared, rel=1e-6, abs=1e-9)
    assert one.expected + other.expected == pytest.approx(one.observed + other.observed)
    assert 0 <= one.p_value <= 1


def test_nothing_observed() -> None:
    empty = kaplan_meier([])
    assert (empty.size, empty.at(0), empty.median) == (0, None, None)
    assert log_rank([], []).p_value == 1.0


def test_what_few_clusters_reach_is_not_supported() -> None:
    assert kaplan_meier(independent([3, 5], [9, 20, 30, 400])).supported == 5
    assert kaplan_meier(independent([3, 5], [9, 20])).supported == 0
    assert Cluster({3: 1}, {9: 2}).longest == 9


def test_beyond_what_was_observed_there_is_no_answer() -> None:
    curve = kaplan_meier(independent([3, 5], [9]))
    assert curve.at(9) is not None
    assert curve.at(10) is None
    assert curve.median == 5


def test_where_all_live_the_interval_says_how_few_they_are() -> None:
    point = kaplan_meier(independent([], [100] * 5)).at(90)
    assert point is not None
    assert (point.share, point.high) == (1.0, 1.0)
    assert point.low == pytest.approx(0.025 ** (1 / 5))
