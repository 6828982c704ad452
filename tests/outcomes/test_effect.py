"""The verdict on a lesson: known values, laws, and cases at the edge."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes import power
from errata.outcomes.effect import Effect, Verdict, compare, judge
from errata.outcomes.ratio import Compared
from errata.outcomes.spread import t_quantile
from errata.outcomes.tallies import tally

NOTHING = Tally()
FEW = settings(max_examples=40)


def counted(chances: int, repeated: int, size: int = 1, design_effect: float = 1.0) -> Tally:
    clusters = -(-chances // size)
    return Tally(chances=chances, repeated=repeated, clusters=clusters, design_effect=design_effect)


def judged(
    before: Tally,
    after: Tally,
    others: tuple[Tally, Tally] = (NOTHING, NOTHING),
    *,
    selected: bool = False,
) -> Effect:
    counts = OutcomeCounts(
        since="2026-01-01T00:00:00Z",
        before=before,
        after=after,
        others_before=others[0],
        others_after=others[1],
    )
    return judge(counts, selected=selected)


TALLY = st.integers(0, 200).flatmap(
    lambda n: st.builds(counted, st.just(n), st.integers(0, n), st.integers(1, 9), st.floats(1, 9))
)


# Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_interval_of_a_difference(
    after: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    effect = judged(counted(*before[::-1]), counted(*after[::-1]))
    assert (effect.low, effect.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2.9, 4.3027), (3, 3.1824), (5, 2.5706), (10, 2.2281), (math.inf, 1.95996)],
)
def test_quantiles_of_student_t(freedom: float, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, rel=2e-3)


# ------------------------------------------------------------------------------------ verdicts

MANY = (counted(2000, 400), counted(2000, 400))
FALLEN = (counted(2000, 400), counted(2000, 200))


@pytest.mark.parametrize(
    ("before", "after", "others", "verdict"),
    [
        (counted(2000, 100), counted(2000, 50), MANY, Verdict.WORKS),
        (counted(2000, 100), counted(2000, 100), MANY, Verdict.NO_EFFECT),
        (counted(2000, 100), counted(2000, 200), MANY, Verdict.GOT_WORSE),
        (counted(200, 10), counted(200, 8), MANY, Verdict.NOT_ENOUGH_DATA),
        # Everything fell by half, and the lesson with it: not an effect of the lesson.
        (counted(2000, 200), counted(2000, 100), FALLEN, Verdict.NO_EFFECT),
        (counted(2000, 200), counted(2000, 200), FALLEN, Verdict.GOT_WORSE),
        # The same without anything to compare with.
        (counted(2000, 200), counted(2000, 100), (NOTHING, NOTHING), Verdict.WORKS),
        # Five repeats in 100, then none in as many: enough, unless they are of few sessions.
        (counted(100, 5), counted(150, 0), MANY, Verdict.WORKS),
        (counted(100, 5, 10, 3.0), counted(150, 0, 10), MANY, Verdict.NOT_ENOUGH_DATA),
        (counted(100, 5, 100, 100.0), counted(150, 0), MANY, Verdict.NOT_ENOUGH_DATA),
        (counted(100, 5), counted(150, 0, 150, 150.0), MANY, Verdict.NOT_ENOUGH_DATA),
    ],
)
def test_verdicts(
    before: Tally, after: Tally, others: tuple[Tally, Tally], verdict: Verdict
) -> None:
    assert judged(before, after, others).verdict is verdict


def test_everything_else_is_compared_with_only_if_there_is_enough_of_it() -> None:
    before, after = counted(100, 5), counted(100, 5)
    few = judged(before, after, (counted(100, 9), counted(100, 0)))
    enough = judged(before, after, (counted(100, 9), counted(100, 1)))
    assert (few.adjusted, few.ratio, few.others_ratio) == (False, 1.0, 0.0)
    assert enough.adjusted
    assert enough.ratio == pytest.approx(9)
    assert not judged(before, after, (counted(100, 50), NOTHING)).adjusted


def test_rules_are_not_compared_with_corrections() -> None:
    """They are counted by what agents write, and not by what people correct."""
    others = {"others_before": counted(100, 50), "others_after": counted(100, 10)}
    sides = {"since": "2026-01-01T00:00:00Z", "before": counted(100, 20), "after": counted(100, 4)}
    verdicts = {
        source: judge(OutcomeCounts(source=source, **sides, **others), selected=False)
        for source in ("lesson", "rule")
    }
    assert [each.adjusted for each in verdicts.values()] == [True, False]
    assert [each.verdict.value for each in verdicts.values()] == ["not enough data", "works"]


def test_share_before_promotion_is_corrected() -> None:
    chosen = judged(counted(101, 6), counted(100, 5), selected=True)
    given = judged(counted(101, 6), counted(100, 5))
    assert (chosen.before, given.before) == (5 / 100, 6 / 101)
    assert chosen.difference == 0
    assert chosen.ratio == 1
    # The upper limit holds for both, see tests/outcomes/test_exact.py.
    assert chosen.ratio_high == given.ratio_high
    assert chosen.ratio_low > given.ratio_low


def test_reading_is_compared_in_the_same_time() -> None:
    effect = compare(read=counted(2000, 50), unread=counted(2000, 100))
    assert effect.verdict is Verdict.WORKS
    assert (effect.before, effect.after, effect.adjusted) == (0.05, 0.025, False)
    assert effect.difference == -0.025


# ------------------------------------------------------------------------------------ the edge


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NOTHING, NOTHING),
        (counted(100, 5), NOTHING),
        (NOTHING, counted(100, 5)),
        (counted(100, 0), counted(100, 0)),
        (counted(1, 1), counted(1, 0)),
        (tally([(40, 5)]), tally([(40, 0)])),
        (tally([(40, 0)]), tally([(40, 40)])),
    ],
)
def test_little_data_decides_nothing(before: Tally, after: Tally, selected: bool) -> None:
    effect = judged(before, after, MANY, selected=selected)
    assert effect.verdict is Verdict.NOT_ENOUGH_DATA
    if not before.chances or not after.chances:
        assert effect.difference is None
        assert (effect.low, effect.high) == (-1, 1)
        assert (effect.ratio_low, effect.ratio_high) == (0, math.inf)


def test_all_of_all() -> None:
    effect = judged(counted(500, 500), counted(500, 500), MANY)
    assert effect.verdict is Verdict.NO_EFFECT
    assert (effect.difference, effect.ratio) == (0, 1)


@FEW
@given(TALLY, TALLY, st.tuples(TALLY, TALLY), st.booleans())
def test_every_estimate_is_within_its_interval(
    before: Tally, after: Tally, others: tuple[Tally, Tally], selected: bool
) -> None:
    effect = judged(before, after, others, selected=selected)
    assert -1 <= effect.low <= effect.high <= 1
    assert 0 <= effect.ratio_low <= effect.ratio_high
    if effect.difference is not None:
        assert effect.low - 1e-9 <= effect.difference <= effect.high + 1e-9
    if effect.ratio is not None:
        assert effect.ratio_low <= effect.ratio * (1 + 1e-6)
    decided = effect.verdict is not Verdict.NOT_ENOUGH_DATA
    if decided:
        assert (effect.needed, effect.needed_if_gone) == (0, 0)


# ------------------------------------------------------------------------------------ laws


@FEW
@given(TALLY, TALLY, st.tuples(TALLY, TALLY))
def test_swapping_before_and_after_mirrors(
    before: Tally, after: Tally, others: tuple[Tally, Tally]
) -> None:
    ahead, back = judged(before, after, others), judged(after, before, others[::-1])
    assert (ahead.low, ahead.high) == pytest.approx((-back.high, -back.low))
    for limit, other in ((ahead.ratio_low, back.ratio_high), (ahead.ratio_high, back.ratio_low)):
        if other == 0 or limit == 0:
            assert {limit, other} == {0, math.inf}
        else:
            assert limit == pytest.approx(1 / other, rel=1e-3)


def times(part: Tally, factor: int) -> Tally:
    return Tally(
        chances=part.chances * factor,
        repeated=part.repeated * factor,
        clusters=part.clusters * factor,
        design_effect=part.design_effect,
    )


@FEW
@given(TALLY, TALLY, st.integers(2, 9))
def test_more_data_of_the_same_shares_narrows(before: Tally, after: Tally, factor: int) -> None:
    few, many = judged(before, after), judged(times(before, factor), times(after, factor))
    assert many.high - many.low <= few.high - few.low + 1e-9


COUNTED = st.integers(2, 100).flatmap(lambda n: st.builds(counted, st.just(n), st.integers(1, n)))


@FEW
@given(COUNTED, COUNTED, st.integers(2, 9))
def test_more_commits_of_the_same_shares_narrow_the_ratio(
    before: Tally, after: Tally, factor: int
) -> None:
    few, many = judged(before, after), judged(times(before, factor), times(after, factor))
    if few.ratio_low > 0 and few.ratio_high < math.inf:
        assert many.ratio_high / many.ratio_low < few.ratio_high / few.ratio_low


CLUSTERS = st.lists(
    st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=2,
    max_size=9,
)


@FEW
@given(CLUSTERS, CLUSTERS)
def test_more_sessions_of_the_same_content_narrow(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    few, many = judged(tally(before), tally(after)), judged(tally(before * 3), tally(after * 3))
    assert many.high - many.low < few.high - few.low


@FEW
@given(TALLY, TALLY, st.floats(1, 9))
def test_a_greater_design_effect_widens(before: Tally, after: Tally, more: float) -> None:
    wider = Tally(
        chances=before.chances,
        repeated=before.repeated,
        clusters=before.clusters,
        design_effect=before.design_effect * more,
    )
    effect, wide = judged(before, after), judged(wider, after)
    assert wide.low <= effect.low + 1e-9
    assert wide.high >= effect.high - 1e-9


# ------------------------------------------------------------------------------------ power


@pytest.mark.parametrize(("repeated", "others"), [(60, None), (200, None), (200, MANY)])
def test_what_is_needed_shows_a_halving(repeated: int, others: tuple[Tally, Tally] | None) -> None:
    before = counted(2000, repeated)
    present = (others[0], counted(20, 4)) if others else (NOTHING, NOTHING)
    effect = judged(before, counted(20, 1), present)
    assert effect.needed is not None
    chances = 20 + effect.needed
    later = others and (others[0], counted(chances, chances // 5))
    mean = chances * repeated / 2000 / 2
    seen, count = 0.0, 0
    while judged(before, counted(chances, count), later or (NOTHING, NOTHING)).ratio_high < 1:
        seen += math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
        count += 1
    # 80% if the share before is not known any better than from these chances.
    assert 0.78 < seen < 0.92


def test_what_is_needed_if_it_is_gone() -> None:
    before, after = counted(100, 5), counted(20, 0)
    effect = judged(before, after)
    assert effect.needed is None
    assert effect.needed_if_gone == 90
    assert judged(before, counted(110, 0)).verdict is Verdict.WORKS
    assert judged(before, counted(108, 0)).verdict is Verdict.NOT_ENOUGH_DATA


def test_nothing_before_can_never_show_an_effect() -> None:
    effect = judged(counted(100, 0), counted(100, 3), MANY)
    assert (effect.needed, effect.needed_if_gone) == (None, None)


def test_enough_for_a_halving_but_between() -> None:
    effect = judged(counted(600, 60), counted(600, 43))
    assert effect.verdict is Verdict.NOT_ENOUGH_DATA
    assert effect.needed == pytest.approx(770, rel=0.02)


def test_more_is_needed_with_sessions() -> None:
    alike = Compared(counted(2000, 200, 5, 2.0), counted(20, 1, 5))
    apart = Compared(counted(2000, 200), counted(20, 1))
    few, many = power.needed(apart), power.needed(alike)
    assert few is not None
    assert many is not None
    assert few * 2 < many


def test_a_billion_counts_take_no_longer_and_their_interval_is_no_narrower() -> None:
    """A line of the log may say so of 200 lessons."""
    start = time.process_time()
    most, half = 1_000_000_000, 500_000_000

    def counts(repeated: int) -> Tally:
        return Tally(chances=most, repeated=repeated, clusters=most)

    change = compare(counts(half - 7), counts(half))
    assert time.process_time() - start < 2
    assert 0.95 < change.ratio_low < 1 < change.ratio_high < 1.05
    few = compare(counts(5_000), counts(5_000))
    assert few.ratio_low < change.ratio_low and change.ratio_high < few.ratio_high
