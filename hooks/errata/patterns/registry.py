"""``patterns.json`` and ``trends.json``: what agents and scripts read. Derived, never committed."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.excerpts import Excerpt
from errata.patterns.score import Trend
from errata.records.instants import day, iso
from errata.records.model import Severity

_EXAMPLES = 3
_ALERT_SEVERITY = {Severity.BLOCKING: "high", Severity.WARNING: "medium", Severity.NIT: "low"}


def examples(pattern: Pattern) -> list[dict[str, str]]:
    """The newest distinct occurrences of a pattern, oldest first."""
    distinct: dict[tuple[str, str], Excerpt] = {}
    for excerpt in pattern.excerpts:
        distinct.setdefault((excerpt.feature, excerpt.text), excerpt)
    return [_example(excerpt) for excerpt in list(distinct.values())[:_EXAMPLES]][::-1]


def _example(excerpt: Excerpt) -> dict[str, str]:
    fields = {
        "date": day(excerpt.when),
        "feature_id": excerpt.feature,
        "file": excerpt.file,
        "description": excerpt.text,
    }
    return {name: text for name, text in fields.items() if text}


def entry(pattern: Pattern, status: str, runbooks: list[str]) -> dict[str, Any]:
    """One pattern as ``patterns.json`` has it."""
    counts = pattern.counts
    own = pattern.lesson and pattern.lesson.severity
    severities = {own: pattern.count} if own else counts.severities
    return {
        "name": pattern.name,
        "description": pattern.description,
        "category": pattern.category,
        "severity": pattern.severity.value,
        "count": pattern.count,
        "sessions": pattern.sessions,
        "window_count": pattern.current,
        "previous_count": pattern.previous,
        "first_seen": day(pattern.first),
        "last_seen": day(pattern.last),
        "trend": pattern.trend.value,
        "confidence": pattern.confidence.shown,
        "affected_agents": list(pattern.route.agents),
        "agents": sorted(counts.recording_agents),
        "services": pattern.services,
        "sources": {s.value: n for s, n in sorted(counts.sources.items())},
        "severities": {s.value: n for s, n in sorted(severities.items())},
        "examples": examples(pattern)[::-1],
        "status": status,
        "runbooks": runbooks,
    }


def patterns_json(
    analysis: Analysis, status: Mapping[str, tuple[str, list[str]]]
) -> dict[str, Any]:
    """The content of ``patterns.json``.

    Args:
        status: of a pattern, its status and the paths of the runbooks that hold it.
    """
    return {
        "schema_version": 1,
        "as_of": iso(analysis.windows.now),
        "patterns": {
            name: entry(pattern, *status.get(name, ("tracked", [])))
            for name, pattern in analysis.patterns.items()
        },
    }


def alerts(analysis: Analysis) -> list[Pattern]:
    """Patterns that need attention: rising or back, with enough occurrences."""
    return [pattern for pattern in analysis.patterns.values() if pattern.alarming]


def action(pattern: Pattern, taught: Container[str]) -> str:
    """What somebody should do about an alert.

    Args:
        taught: the patterns that are in a runbook.
    """
    who = ", ".join(pattern.route.agents)
    if pattern.name not in taught:
        return f"tell {who}: it is in no runbook; `errata explain {pattern.name}` says why"
    if pattern.trend is Trend.REGRESSED:
        return f"find out what brought it back; the entry in the {who} runbook is in force again"
    return f"reread the entry in the {who} runbook; make it a step of the checklist if it is one"


def trends_json(
    analysis: Analysis,
    taught: Container[str] = (),
    not_helping: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """The content of ``trends.json``.

    Args:
        taught: the patterns that are in a runbook.
        not_helping: alerts about lessons that agents repeat as often as before, or more often.
    """
    patterns = analysis.patterns.values()
    return {
        "schema_version": 1,
        "as_of": iso(analysis.windows.now),
        "window_days": analysis.windows.days,
        "summary": {
            trend.value: sum(pattern.trend is trend for pattern in patterns) for trend in Trend
        },
        **({"not_helping": [*not_helping]} if not_helping else {}),
        "alerts": [
            {
                "pattern": pattern.name,
                "trend": pattern.trend.value,
                "severity": _ALERT_SEVERITY[pattern.severity],
                "previous_count": pattern.previous,
                "current_count": pattern.current,
                "message": f"{pattern.name} is {pattern.trend.value} "
                f"({pattern.previous} → {pattern.current} occurrences)",
                "action": action(pattern, taught),
            }
            for pattern in alerts(analysis)
        ],
        "trends": [
            {
                "pattern": pattern.name,
                "trend": pattern.trend.value,
                "previous_count": pattern.previous,
                "current_count": pattern.current,
            }
            for pattern in patterns
        ],
    }
