"""The words for a ratio, which all views share."""

from __future__ import annotations

import math

import pytest

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes.outcome import Outcome, finite, ratio_text, together_text


@pytest.mark.parametrize(
    ("ratio", "low", "high", "said"),
    [
        (0.35, 0.12, 0.81, "repeated 0.35 times as often as before (0.12 to 0.81)"),
        (2.0, 0.5, math.inf, "repeated 2.00 times as often as before (0.50 to any number)"),
        (2.0, 0.5, None, "repeated 2.00 times as often as before (0.50 to any number)"),
        (math.inf, 1.5, math.inf, "repeated more often than before (at least 1.50 times as often)"),
        (None, 0.0, math.inf, ""),
    ],
)
def test_a_ratio_is_said_with_its_limits(
    ratio: float | None, low: float, high: float | None, said: str
) -> None:
    assert ratio_text(ratio, low, high) == said


def test_json_has_no_infinity() -> None:
    assert [finite(value) for value in (0.5, math.inf, None)] == [0.5, None, None]


def test_one_lesson_has_nothing_in_common() -> None:
    before, after = (Tally(chances=90, repeated=n, clusters=90) for n in (30, 5))
    counts = OutcomeCounts(since="2026-01-01T00:00:00Z", before=before, after=after)
    outcomes = [Outcome(name, counts) for name in "ab"]
    assert together_text(outcomes[:1]) == ""
    assert together_text(outcomes).startswith("2 lessons: works; repeated 0.1")
