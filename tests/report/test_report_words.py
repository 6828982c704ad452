"""Figures in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from errata.report import words
from errata.report.model import Row, Share
from errata.report.survival import Cluster, kaplan_meier
from report_builders import months, report, survival


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.0004, "less than 0.1%"), (0.004, "0.4%"), (0.154, "15%"), (1, "100%")],
)
def test_percent(share: float, text: str) -> None:
    assert words.percent(share) == text


def test_a_fall_is_only_called_so_if_the_intervals_are_apart() -> None:
    fallen = report(months=months(*[(30, 60)] * 3, *[(2, 60)] * 3))
    assert words.months(fallen).startswith("Falling: 50 before, 3.3 now")
    risen = report(months=months(*[(2, 60)] * 3, *[(30, 60)] * 3))
    assert words.months(risen).startswith("Rising: ")
    same = report(months=months(*[(3, 10)] * 3, *[(2, 10)] * 3))
    assert words.months(same).startswith("No clear change: ")
    few = report(months=months((3, 10), (2, 10)))
    assert "too few" in words.months(few)


def test_rows_differ_only_by_more_than_chance() -> None:
    rows = [Row("a", Share(40, 100)), Row("b", Share(1, 200)), Row("c", Share(20, 200))]
    assert words.extremes(rows, "agent") == (
        "Compared with 12% of all, a is corrected more often, and b is corrected less often, by "
        "more than chance explains."
    )
    assert "No agent differs" in words.extremes(rows[2:] * 2, "agent")
    assert "only one agent" in words.extremes(rows[:1], "agent")
    # One of twenty would differ by chance; among twenty comparisons it does not.
    many = [Row(str(number), Share(10, 100)) for number in range(19)] + [Row("x", Share(17, 100))]
    assert "x is corrected more often" in words.extremes([many[-1], Row("y", Share(190, 1900))], "")
    assert "No agent differs" in words.extremes(many, "agent")


def test_lifetimes() -> None:
    found = survival()
    text = words.lifetimes(found)
    assert text.startswith("After 90 days, 77% (likely between 77% and 77%)")
    assert "live shorter than people's, by more than chance explains" in text
    alike = replace(found, comparison=replace(found.comparison, p_value=0.2))  # type: ignore[type-var]
    assert words.lifetimes(alike).endswith("The difference can be chance (log-rank test, p = 0.2).")
    alone = replace(found, people=kaplan_meier([]), comparison=None)
    assert words.lifetimes(alone).endswith("of the agents' lines are still there.")


def test_few_or_young_lines_say_nothing() -> None:
    assert words.age_to_tell(kaplan_meier([])) is None
    assert words.age_to_tell(kaplan_meier([Cluster({}, {100: 1000})])) is None
    assert words.age_to_tell(kaplan_meier([Cluster({}, {5: 100})] * 9)) is None
    assert words.age_to_tell(kaplan_meier([Cluster({}, {40: 100})] * 9)) == 30
