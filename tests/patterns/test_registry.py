"""patterns.json and trends.json: what they say, and that their schemas agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.patterns import registry
from errata.records import schema
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    correction,
    finding,
    incident,
    learning,
    lines,
    look,
    put,
)


def valid(name: str, value: Any) -> None:
    assert schema.explain(name, value) == []
    assert schema.is_valid(name, value)


def test_an_entry(tmp_path: Path) -> None:
    rows = [
        finding(day, feature_id=f"feat-{day:03}", agent="code-reviewer", service="compute")
        for day in (1, 2, 3, 40)
    ]
    put(tmp_path, FINDINGS, lines(*rows))
    content = registry.patterns_json(
        look(tmp_path), {"missing-widget-check": ("promoted", ["a.md"])}
    )
    valid("patterns", content)
    assert content["as_of"] == "2025-03-01T00:00:00Z"
    entry = content["patterns"]["missing-widget-check"]
    assert entry == {
        "name": "missing-widget-check",
        "description": "The widget of 1 days ago is not checked",
        "category": "completeness",
        "severity": "warning",
        "count": 4,
        "sessions": 4,
        "window_count": 3,
        "previous_count": 1,
        "first_seen": "2025-01-20",
        "last_seen": "2025-02-28",
        "trend": "increasing",
        "confidence": 0.55,
        "affected_agents": ["api-dev"],
        "agents": ["code-reviewer"],
        "services": ["compute"],
        "sources": {"warning_review": 4},
        "severities": {"warning": 4},
        "examples": [
            {
                "date": f"2025-02-{29 - day}",
                "feature_id": f"feat-{day:03}",
                "file": "pkg/apis/types.go",
                "description": f"The widget of {day} days ago is not checked",
            }
            for day in (1, 2, 3)
        ],
        "status": "promoted",
        "runbooks": ["a.md"],
    }


def test_examples_are_distinct_and_oldest_first(tmp_path: Path) -> None:
    rows = [finding(day, description="same", feature_id="f") for day in (1, 2, 3)]
    rows += [finding(4, description="other"), finding(5, description="third")]
    put(tmp_path, FINDINGS, lines(*rows, finding(6, description="fourth")))
    (pattern,) = look(tmp_path).patterns.values()
    texts = [example["description"] for example in registry.examples(pattern)]
    assert texts == ["third", "other", "same"]


def test_trends_and_alerts(tmp_path: Path) -> None:
    def some(name: str, now: int, before: int, long_ago: int = 0, **more: Any) -> list[Any]:
        days = [1] * now + [40] * before + [90] * long_ago
        # Minutes apart: one minute counts once.
        return [finding(d + n / 1440, name, description=f"{n}", **more) for n, d in enumerate(days)]

    rows = [
        *some("rising", 8, 3, severity="blocking"),
        *some("rising-little", 2, 1),
        *some("back", 3, 0, 1, severity="nit"),
        *some("back-little", 2, 0, 1),
        *some("fading", 2, 15),
        *some("even", 4, 4),
        *some("fresh", 5, 0),
        *some("gone", 0, 2),
    ]
    put(tmp_path, FINDINGS, lines(*rows))
    content = registry.trends_json(look(tmp_path))
    valid("trends", content)
    assert content["summary"] == {
        "increasing": 2,
        "decreasing": 1,
        "stable": 1,
        "new": 1,
        "resolved": 1,
        "quiet": 0,
        "regressed": 2,
    }
    assert [(a["pattern"], a["severity"], a["message"]) for a in content["alerts"]] == [
        ("back", "low", "back is regressed (0 → 3 occurrences)"),
        ("rising", "high", "rising is increasing (3 → 8 occurrences)"),
    ]
    assert len(content["trends"]) == 8


def test_an_empty_registry_is_valid(tmp_path: Path) -> None:
    analysis = look(tmp_path)
    valid("patterns", registry.patterns_json(analysis, {}))
    valid("trends", registry.trends_json(analysis))


_TEXT = st.text(min_size=1, max_size=20).filter(lambda text: not _lone(text))
_NAMES = st.sampled_from(["a-name", "B_Name", "missing-status-condition", "x" * 100, "", None])
_AGENTS = st.sampled_from(["api-dev", "code-reviewer", "a" * 64])
_DAYS = st.floats(-2, 200)


def _lone(text: str) -> bool:
    return any(0xD800 <= ord(char) < 0xE000 for char in text)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.builds(
            finding,
            _DAYS,
            _NAMES,
            severity=st.sampled_from(["blocking", "warning", "nit"]),
            description=_TEXT,
            category=_TEXT,
            service=_TEXT,
            feature_id=_TEXT,
            affected_agents=st.lists(_AGENTS),
        ),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.builds(learning, _DAYS, _NAMES, agent=_AGENTS, insight=_TEXT), max_size=4),
    st.lists(st.builds(correction, _DAYS, _NAMES, agent=_AGENTS), max_size=4),
    st.lists(st.builds(incident, _DAYS, _NAMES, service=_TEXT), max_size=4),
)
def test_any_registry_matches_the_schemas(
    tmp_path: Path, findings: Any, learnings: Any, corrections: Any, incidents: Any
) -> None:
    for path, rows in (
        (FINDINGS, findings),
        (LEARNINGS, learnings),
        (CORRECTIONS, corrections),
        (INCIDENTS, incidents),
    ):
        put(tmp_path, path, lines(*rows))
    analysis = look(tmp_path)
    assert analysis.rejected == []
    valid("patterns", registry.patterns_json(analysis, {}))
    valid("trends", registry.trends_json(analysis))


@pytest.mark.parametrize("name", ["patterns", "trends"])
def test_the_schemas_reject_invalid_content(name: str) -> None:
    assert not schema.is_valid(name, {"schema_version": 2})
