"""Confidence and trend: each formula by hand, its edges, and its laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.patterns.score import Confidence, Term, Trend, confidence, trend
from errata.records.model import DAY, Severity, Source

NOW = 1_740_787_200_000_000


def computed(**changed: int | float) -> Confidence:
    given_: dict[str, int | float] = {
        "count": 5,
        "severity_sum": 3.0,
        "weight_sum": 2.5,
        "last": NOW - 9 * DAY,
        "now": NOW,
        "services": 1,
        "agents": 2,
    }
    return confidence(**{**given_, **changed})  # type: ignore[arg-type]


def test_a_confidence_computed_by_hand() -> None:
    got = computed()
    assert [term.points for term in got.terms] == pytest.approx(
        [0.35 * 0.5, 0.25 * 0.6, 0.15 * 0.9, 0.10 * 2 / 3, 0.15 * 0.5]
    )
    assert got.value == pytest.approx(0.175 + 0.15 + 0.135 + 0.0666667 + 0.075, abs=1e-6)
    assert got.shown == 0.60


def test_the_severity_of_a_lesson_counts_instead_of_that_of_its_records() -> None:
    term = computed(severity=Severity.BLOCKING, severity_sum=0.3).terms[1]
    assert term == ("severity", 0.25, 1.0, "blocking, whatever the records say")


def test_the_shares_sum_up_to_one() -> None:
    assert sum(term.share for term in computed().terms) == pytest.approx(1)


@pytest.mark.parametrize(
    ("changed", "term", "value"),
    [
        ({"count": 10, "severity_sum": 6}, 0, 1),
        ({"count": 9, "severity_sum": 6}, 0, 0.9),
        ({"count": 4000, "severity_sum": 6}, 0, 1),
        ({"last": NOW}, 2, 1),
        ({"last": NOW - DAY + 1}, 2, 1),  # whole days: the first one is not over
        ({"last": NOW - DAY}, 2, 89 / 90),
        ({"last": NOW - 90 * DAY}, 2, 0),
        ({"last": NOW - 900 * DAY}, 2, 0),
        ({"last": NOW + DAY}, 2, 1),  # a clock that is ahead
        ({"services": 3, "agents": 1}, 3, 1),
        ({"services": 0, "agents": 0}, 3, 0),
        ({"services": 9, "agents": 1}, 3, 1),
    ],
)
def test_each_term_has_its_bounds(changed: dict[str, int | float], term: int, value: float) -> None:
    assert computed(**changed).terms[term].value == pytest.approx(value)


def test_confidence_is_compared_unrounded_and_shown_rounded() -> None:
    def of(value: float) -> Confidence:
        return Confidence((Term("only", 1.0, value, ""),))

    assert of(0.596).shown == 0.60 and not of(0.596).reaches(0.6)
    assert of(0.6 - 1e-12).reaches(0.6)  # the last bit of a sum decides nothing
    assert of(0.125).shown == 0.13  # half is up, as people count


def test_a_confidence_equal_to_the_threshold_reaches_it() -> None:
    # 0.35 + 0.25 * 0.6 + 0.10 / 3 + 0.15 * 0.5 falls short; with 0.10 * 1 it is 0.675.
    low = computed(
        count=10, severity_sum=6, weight_sum=5, last=NOW - 90 * DAY, services=1, agents=1
    )
    assert low.value == pytest.approx(0.6083, abs=1e-4) and low.reaches(0.6)
    exact = computed(
        count=4, severity_sum=4, weight_sum=4, last=NOW - 54 * DAY, services=0, agents=0
    )
    assert exact.value == pytest.approx(0.6) and exact.reaches(0.6) and exact.shown == 0.6


COUNTS = st.integers(1, 10**6)
SHARES = st.floats(0.3, 1)


@given(COUNTS, SHARES, SHARES, st.integers(0, 400), st.integers(0, 9), st.integers(0, 9))
def test_confidence_is_a_share_and_grows_with_every_input(
    count: int, severity: float, weight: float, days: int, services: int, agents: int
) -> None:
    def of(**changed: int | float) -> float:
        inputs: dict[str, int | float] = {
            "count": count,
            "severity_sum": severity * count,
            "weight_sum": weight * count,
            "last": NOW - days * DAY,
            "services": services,
            "agents": agents,
        }
        return computed(**{**inputs, **changed}).value

    base = of()
    assert 0 <= base <= 1 + 1e-12
    assert of(last=NOW - (days + 1) * DAY) <= base
    assert of(services=services + 1) >= base and of(agents=agents + 1) >= base
    more = of(count=count + 1, severity_sum=severity * (count + 1), weight_sum=weight * (count + 1))
    assert more >= base - 1e-12


@pytest.mark.parametrize(
    ("current", "previous", "before", "expected"),
    [
        (8, 3, 0, Trend.INCREASING),
        (3, 2, 0, Trend.INCREASING),  # exactly 1.5
        (149, 100, 0, Trend.STABLE),
        (2, 4, 0, Trend.DECREASING),  # exactly 0.5
        (51, 100, 0, Trend.STABLE),
        (2, 15, 0, Trend.DECREASING),
        (4, 4, 9, Trend.STABLE),
        (1, 0, 0, Trend.NEW),
        (0, 1, 0, Trend.RESOLVED),
        (0, 0, 7, Trend.RESOLVED),
        (1, 0, 1, Trend.REGRESSED),
        (1, 1, 1, Trend.STABLE),
    ],
)
def test_trends(current: int, previous: int, before: int, expected: Trend) -> None:
    assert trend(current, previous, before) is expected


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_each_trend_matches_its_definition(current: int, previous: int, before: int) -> None:
    got = trend(current, previous, before)
    assert (got is Trend.RESOLVED) == (current == 0)
    assert (got is Trend.NEW) == (current > 0 and previous == before == 0)
    if got is Trend.INCREASING:
        assert current > previous > 0
    if got is Trend.DECREASING:
        assert current < previous


def test_weights_of_sources() -> None:
    assert {source.name: source.weight for source in Source} == {
        "EXPLICIT": 1.0,
        "IMPLICIT": 0.8,
        "INCIDENT": 0.7,
        "BLOCKING": 0.7,
        "WARNING": 0.5,
        "LEARNING": 0.4,
        "NIT": 0.3,
    }
    assert [severity.score for severity in Severity] == [1.0, 0.6, 0.3]
