"""Patterns as of one instant: windows, counts, and descriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.score import Trend
from errata.records.model import DAY, Kind, Severity
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    NOW,
    correction,
    finding,
    incident,
    learning,
    lines,
    look,
    put,
)

NAME = "missing-widget-check"
SECOND = 1 / 86_400


def logged(root: Path, *records: dict[str, Any], **how: Any) -> Analysis:
    put(root, FINDINGS, lines(*records))
    return look(root, **how)


def only(analysis: Analysis) -> Pattern:
    (pattern,) = analysis.patterns.values()
    return pattern


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        (-1, (1, 0, 0)),  # up to a day ahead is now
        (0, (1, 0, 0)),
        (30 - SECOND, (1, 0, 0)),
        (30, (0, 1, 0)),  # the window's start is not in it
        (60 - SECOND, (0, 1, 0)),
        (60, (0, 0, 1)),
        (400, (0, 0, 1)),
    ],
)
def test_windows_are_half_open(tmp_path: Path, days: float, counts: tuple[int, ...]) -> None:
    pattern = only(logged(tmp_path, finding(days)))
    assert (pattern.current, pattern.previous, pattern.before) == counts
    assert pattern.count == 1


def test_future_records_are_omitted_and_counted(tmp_path: Path) -> None:
    ahead = finding(-1 - SECOND)
    analysis = logged(tmp_path, finding(3), ahead, finding(-40, "later"), finding(-2, None))  # type: ignore[arg-type]
    assert only(analysis).count == 1
    assert analysis.future == 3
    assert only(analysis).last == NOW - 3 * DAY


def test_no_tolerance_as_of_the_newest_record(tmp_path: Path) -> None:
    assert only(logged(tmp_path, finding(0), finding(-0.5), ahead=0)).count == 1


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1] * 3 + [40] * 2, Trend.INCREASING),
        ([1] * 2 + [40] * 4, Trend.DECREASING),
        ([1, 40], Trend.STABLE),
        ([1], Trend.NEW),
        ([40], Trend.RESOLVED),
        ([1, 70], Trend.REGRESSED),
    ],
)
def test_trends(tmp_path: Path, days: list[int], expected: Trend) -> None:
    rows = [finding(day, description=f"{number}") for number, day in enumerate(days)]
    assert only(logged(tmp_path, *rows)).trend is expected


def test_windows_of_another_length(tmp_path: Path) -> None:
    pattern = only(logged(tmp_path, finding(3), finding(8), finding(20), days=7))
    assert (pattern.current, pattern.previous, pattern.before) == (1, 1, 1)


def test_since_limits_counts_but_not_trends(tmp_path: Path) -> None:
    rows = [finding(1), finding(13), finding(14), finding(40), finding(50, "old-one")]
    analysis = logged(tmp_path, *rows, since=14)
    pattern = only(analysis)
    assert pattern.count == 2 and analysis.counts("kinds") == {Kind.FINDING: 2}
    assert (pattern.current, pattern.previous) == (3, 1)
    assert pattern.first == NOW - 40 * DAY


def test_confidence_of_mixed_records(tmp_path: Path) -> None:
    put(tmp_path, LEARNINGS, lines(learning(9, agent="sre", confidence="low", service="a")))
    put(tmp_path, CORRECTIONS, lines(correction(20, severity="high")))
    put(tmp_path, INCIDENTS, lines(incident(30, severity="medium")))
    pattern = only(logged(tmp_path, finding(10, affected_agents=["sre", "api-dev", "x"])))
    inputs = [term.inputs for term in pattern.confidence.terms]
    assert inputs == [
        "min(4 / 10, 1)",
        "2.5 / 4",  # warning 0.6, low 0.3, high 1.0, medium 0.6
        "max(0, 1 - 9 days / 90)",
        "min(max(1 services, 3 agents) / 3, 1)",
        "2.6 / 4",  # 0.5 + 0.4 + 1.0 + 0.7
    ]
    expected = 0.35 * 0.4 + 0.25 * 0.625 + 0.15 * 0.9 + 0.10 + 0.15 * 0.65
    assert pattern.confidence.value == pytest.approx(expected)


def test_the_severity_of_a_learning_is_its_confidence(tmp_path: Path) -> None:
    rows = [learning(n, confidence=word) for n, word in enumerate(["high", "low", "medium", None])]
    put(tmp_path, LEARNINGS, lines(*rows))
    assert only(look(tmp_path)).counts.severities == {
        Severity.BLOCKING: 1,
        Severity.NIT: 1,
        Severity.WARNING: 2,
    }


def test_the_severity_of_a_pattern(tmp_path: Path) -> None:
    rows = [finding(1, severity="nit"), finding(2, severity="blocking"), finding(3)]
    assert only(logged(tmp_path, *rows)).severity is Severity.BLOCKING  # of equals the worse
    rows.append(finding(4, severity="nit"))
    assert only(logged(tmp_path, *rows)).severity is Severity.NIT


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        ([finding(1, "x-y", category="odd"), finding(2, "x-y", category="api")] * 1, "api"),
        ([finding(1, "missing-status-condition")], "api"),
        ([finding(1, "weak-token")], "security"),
        ([finding(1, "whatever")], "convention"),
    ],
)
def test_categories(tmp_path: Path, rows: list[dict[str, Any]], category: str) -> None:
    assert only(logged(tmp_path, *rows)).category == category


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("code_quality", "correctness"),
        ("code_completeness", "completeness"),
        ("approach_rejection", "convention"),
        ("preference_conflict", "convention"),
    ],
)
def test_categories_of_corrections(tmp_path: Path, kind: str, category: str) -> None:
    put(tmp_path, CORRECTIONS, lines(correction(1, "whatever", correction_type=kind)))
    assert only(look(tmp_path)).category == category


def test_agents_that_should_learn(tmp_path: Path) -> None:
    rows = [finding(1, "whatever", file="ui/a.ts", agent="code-reviewer")]
    assert only(logged(tmp_path, *rows)).route.agents == ("frontend-dev",)
    put(tmp_path, CORRECTIONS, lines(correction(1, "whatever", agent="sre")))
    assert only(look(tmp_path)).route.agents == ("sre",)
    rows.append(finding(2, "whatever", affected_agents=["test-engineer"]))
    assert only(logged(tmp_path, *rows)).route.agents == ("test-engineer",)


def test_the_record_with_the_best_source_describes_an_unknown_pattern(tmp_path: Path) -> None:
    put(tmp_path, CORRECTIONS, lines(correction(9), correction(8)))
    pattern = only(logged(tmp_path, finding(1), finding(2, severity="blocking")))
    assert pattern.description == "Check the widget of 8 days ago"
    rule = look(put(tmp_path / "b", FINDINGS, lines(finding(1, "off-by-one"))).parents[1])
    assert only(rule).description == "A boundary is off by one."


def test_the_newest_suggested_fix(tmp_path: Path) -> None:
    rows = [finding(5, suggested_fix="old"), finding(3, suggested_fix="new"), finding(1)]
    assert only(logged(tmp_path, *rows)).fix == "new"
    assert only(logged(tmp_path, finding(1))).fix == ""


def test_the_type_of_an_entry(tmp_path: Path) -> None:
    learnings = [learning(1, type="pattern"), learning(2, type="pattern"), learning(3, type="tip")]
    put(tmp_path, LEARNINGS, lines(*learnings))
    assert only(look(tmp_path)).tip == "pattern"
    assert only(logged(tmp_path, finding(1))).tip == "anti-pattern"


def test_excerpts_are_the_newest_in_any_order_of_lines(tmp_path: Path) -> None:
    same_day = [finding(2, description=f"{number:02}") for number in range(25)]
    rows = [*same_day, finding(1), finding(9)]
    in_order = [r.text for r in only(logged(tmp_path, *rows)).excerpts]
    in_reverse = [r.text for r in only(logged(tmp_path, *reversed(rows))).excerpts]
    assert in_order == in_reverse and len(in_order) == 10
    assert in_order[:3] == ["The widget of 1 days ago is not checked", "24", "23"]
