"""The effect that many lessons have in common."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes.effect import Verdict, judge
from errata.outcomes.together import Together, judge_together


def counted(chances: int, repeated: int) -> Tally:
    return Tally(chances=chances, repeated=repeated, clusters=chances)


def lesson(before: tuple[int, int], after: tuple[int, int], *others: Tally) -> OutcomeCounts:
    first, second = others or (Tally(), Tally())
    return OutcomeCounts(
        since="2026-01-01T00:00:00Z",
        before=counted(*before),
        after=counted(*after),
        others_before=first,
        others_after=second,
    )


def test_without_lessons() -> None:
    nothing = Together(0, None, 0.0, math.inf, Verdict.NOT_ENOUGH_DATA)
    assert judge_together([]) == nothing
    assert (
        judge_together([(lesson((0, 0), (9, 3)), True), (lesson((9, 0), (9, 0)), True)]) == nothing
    )


@pytest.mark.parametrize("selected", [True, False])
def test_many_lessons_show_what_one_does_not(selected: bool) -> None:
    # A share that was selected is too high by one repeat.
    outcome = lesson((100, 4 + selected), (100, 2))
    assert judge(outcome, selected=selected).verdict is Verdict.NOT_ENOUGH_DATA
    together = judge_together([(outcome, selected)] * 20)
    assert (together.lessons, together.verdict) == (20, Verdict.WORKS)
    assert together.ratio == pytest.approx(0.5, abs=0.08)


def test_a_repeat_that_promoted_a_lesson_is_not_an_effect() -> None:
    together = judge_together([(lesson((100, 3), (100, 2)), True)] * 60)
    naive = judge_together([(lesson((100, 3), (100, 2)), False)] * 60)
    assert together.verdict is Verdict.NO_EFFECT
    assert naive.verdict is Verdict.WORKS


def test_a_general_fall_is_not_an_effect() -> None:
    fallen = counted(100, 40), counted(100, 20)
    assert judge_together([(lesson((100, 8), (100, 4)), False)] * 20).verdict is Verdict.WORKS
    drifted = judge_together([(lesson((100, 8), (100, 4), *fallen), False)] * 20)
    assert drifted.verdict is Verdict.NO_EFFECT
    assert drifted.ratio == pytest.approx(1, abs=0.02)


def test_sessions_that_resemble_each_other_widen() -> None:
    outcome = lesson((100, 8), (100, 4))
    alike = Tally(chances=100, repeated=8, clusters=10, design_effect=4.0)
    apart = judge_together([(outcome, False)] * 21)
    # One lesson that shows the resemblance is enough to doubt all whose sessions are as long.
    after = Tally(chances=100, repeated=4, clusters=10)
    long = [(OutcomeCounts(since="", before=alike, after=after), False)]
    few = OutcomeCounts(since="", before=Tally(chances=100, repeated=8, clusters=10), after=after)
    together = judge_together(long + [(few, False)] * 20)
    assert together.low < apart.low < apart.high < together.high


SHARE = st.tuples(st.integers(20, 90), st.integers(0, 20))


@settings(max_examples=20)
@given(st.lists(st.tuples(SHARE, SHARE, st.booleans()), min_size=1, max_size=4))
def test_order_does_not_matter_and_more_lessons_narrow(
    lessons: list[tuple[tuple[int, int], tuple[int, int], bool]],
) -> None:
    outcomes = [(lesson(before, after), selected) for before, after, selected in lessons]
    few, many = judge_together(outcomes), judge_together(outcomes * 4)
    assert judge_together(outcomes[::-1]) == few
    if few.lessons and few.ratio:
        assert few.low <= few.ratio * (1 + 1e-3)
        assert many.low >= few.low * (1 - 1e-3)
        assert many.high <= few.high * (1 + 1e-3)
