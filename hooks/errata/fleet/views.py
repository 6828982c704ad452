"""The views of a fleet as JSON values; text is made from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from errata.fleet import expressions as ex
from errata.fleet.figures import Figures
from errata.fleet.fleet import Fleet
from errata.fleet.outcomes import FleetOutcome
from errata.lessons.outcome_counts import Tally
from errata.outcomes.outcome import ORDER, finite
from errata.outcomes.together import Together
from errata.patterns.score import Trend
from errata.records.instants import day, iso
from errata.records.model import DAY, CorrectionType, Severity

_ALERT_SEVERITY = {Severity.BLOCKING: "high", Severity.WARNING: "medium", Severity.NIT: "low"}
_SHARED_BY = 2
"""In so many repositories a lesson is one that is shared."""


def pattern(figures: Figures) -> dict[str, Any]:
    """One lesson; what `errata patterns --json` has too has its name."""
    return {
        "name": figures.name,
        "lesson": figures.key,
        "names": list(figures.names),
        "instruction": figures.instruction,
        "category": figures.category,
        "severity": figures.severity.value,
        "count": figures.count,
        "sessions": figures.minutes,
        "window_count": figures.current,
        "previous_count": figures.previous,
        "first_seen": day(figures.sums["first"]),
        "last_seen": day(figures.sums["last"]),
        "trend": figures.trend.value,
        "confidence": figures.confidence.shown,
        "agents": figures.names_of("agent"),
        "services": figures.services,
        "sources": figures.counts("source"),
        "severities": figures.counts("severity"),
        "repositories": figures.repositories,
        "promoted_in": list(figures.promoted),
    }


def patterns(fleet: Fleet, most: int | None = None) -> list[dict[str, Any]]:
    """Every lesson, those with most records in the current window first.

    Args:
        most: at most so many of those with a record in the window, or of all if none has one.
    """
    ranked = [*fleet.by_count()]
    if most is not None:
        ranked = ([f for f in ranked if f.current] or ranked)[:most]
    return [pattern(figures) for figures in ranked]


def trends(fleet: Fleet) -> dict[str, Any]:
    """Which lessons are seen more often, less often, or no more."""
    figures = sorted(fleet.figures.values(), key=lambda f: (f.name, f.key))
    return {
        "as_of": iso(fleet.now),
        "window_days": fleet.days,
        "summary": {trend.value: sum(f.trend is trend for f in figures) for trend in Trend},
        "alerts": [
            {
                **_movement(f),
                "severity": _ALERT_SEVERITY[f.severity],
                "repositories": f.repositories,
                "promoted_in": list(f.promoted),
            }
            for f in figures
            if f.is_alarming
        ],
        "trends": [_movement(f) for f in figures],
    }


def _movement(figures: Figures) -> dict[str, Any]:
    return {
        "pattern": figures.name,
        "lesson": figures.key,
        "trend": figures.trend.value,
        "previous_count": figures.previous,
        "current_count": figures.current,
    }


def corrections(fleet: Fleet, days: int | None) -> dict[str, Any]:
    """The corrections of the last days, or all of them, by type, agent, repository and lesson."""
    is_recent = days is not None and days <= 2 * fleet.days
    records = fleet.tables.recent if is_recent else fleet.tables.records
    since = None if days is None else fleet.now - days * DAY
    rows = fleet.engine.rows(ex.correction_types(records, since, fleet.now))
    counts: dict[str, Counter[str]] = {
        column: Counter() for column in ("correction_type", "agent", "repository", "lesson")
    }
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for column, counter in counts.items():
            counter[row[column]] += row["records"]
        types[row["lesson"]][row["correction_type"]] += row["records"]
    unnamed = counts["lesson"].pop("", 0)
    by_type = counts["correction_type"]
    return {
        "since_days": days,
        "as_of": iso(fleet.now),
        "total": by_type.total(),
        "by_type": {kind.value: by_type[kind] for kind in CorrectionType if by_type[kind]},
        "by_agent": dict(sorted(counts["agent"].items())),
        "by_repository": dict(sorted(counts["repository"].items())),
        "patterns": _corrected(fleet, counts["lesson"], types),
        "unnamed": unnamed,
    }


def _corrected(
    fleet: Fleet, by_lesson: Counter[str], types: dict[str, Counter[str]]
) -> list[dict[str, Any]]:
    entries = [
        {
            "pattern": fleet.figures[key].name,
            "lesson": key,
            "count": count,
            "types": dict(sorted(types[key].items())),
            "occurrences": fleet.figures[key].count,
        }
        for key, count in by_lesson.items()
    ]
    return sorted(entries, key=lambda e: (-e["count"], e["pattern"], e["lesson"]))


def shared(fleet: Fleet) -> dict[str, Any]:
    """Which repositories repeat a lesson, where it should be told, and what is worth sharing."""
    several = [f for f in fleet.by_count() if f.repositories >= _SHARED_BY]
    promoted = [f for f in fleet.figures.values() if f.promoted]
    wanted = {f.key for f in (*several, *promoted)}
    where: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in fleet.engine.rows(ex.by_repository(fleet.tables.totals, fleet.tables.lessons)):
        if row["lesson"] in wanted:
            where[row["lesson"]].append(row)
    return {
        "as_of": iso(fleet.now),
        "window_days": fleet.days,
        "repositories": len(fleet.names),
        "repeated": [_repeated(f, where[f.key]) for f in several],
        "alerts": [
            alert
            for f in sorted(promoted, key=lambda f: (f.name, f.key))
            for alert in _spreads(fleet, f, where[f.key])
        ],
        "worth_sharing": [
            _worth_sharing(f, len(fleet.names))
            for f in sorted(promoted, key=_worth_order)
            if _is_worth(f)
        ],
        "check": _to_check(fleet),
    }


def _repeated(figures: Figures, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    ranked = sorted(rows, key=lambda row: (-row["records"], row["repository"]))
    return {
        "pattern": figures.name,
        "lesson": figures.key,
        "names": list(figures.names),
        "count": figures.count,
        "confidence": figures.confidence.shown,
        "trend": figures.trend.value,
        "repositories": {row["repository"]: row["records"] for row in ranked},
        "promoted_in": list(figures.promoted),
    }


def _spreads(
    fleet: Fleet, figures: Figures, rows: Iterable[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    """An alert for each repository where a lesson is new that others have in a runbook."""
    for row in sorted(rows, key=lambda row: str(row["repository"])):
        if row["repository"] in figures.promoted or row["first"] <= fleet.start:
            continue
        yield {
            "pattern": figures.name,
            "lesson": figures.key,
            "repository": row["repository"],
            "name_there": row["name"],
            "first_seen": day(row["first"]),
            "count": row["records"],
            "promoted_in": list(figures.promoted),
            "instruction": figures.instruction,
            "evidence": {
                "count": figures.count,
                "sessions": figures.minutes,
                "repositories": figures.repositories,
                "confidence": figures.confidence.shown,
            },
            "action": f"propose it in {row['repository']}: it is in the runbooks of "
            f"{_list(figures.promoted)}",
        }


def _list(names: Iterable[str]) -> str:
    shown = [*names]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def _is_worth(figures: Figures) -> bool:
    """Whether others may need it: in the runbooks of several, or seen where it is in none."""
    seen_elsewhere = figures.repositories > len(figures.promoted)
    return len(figures.promoted) >= _SHARED_BY or seen_elsewhere


def _worth_order(figures: Figures) -> tuple[int, int, str, str]:
    return -len(figures.promoted), -figures.repositories, figures.name, figures.key


def _worth_sharing(figures: Figures, repositories: int) -> dict[str, Any]:
    return {
        "pattern": figures.name,
        "lesson": figures.key,
        "instruction": figures.instruction,
        "promoted_in": list(figures.promoted),
        "seen_in": figures.repositories,
        "of": repositories,
        "confidence": figures.confidence.shown,
        "trend": figures.trend.value,
    }


def outcome(fleet: Fleet) -> dict[str, Any]:
    """What agents repeated of each lesson before it was in force and after, over all of them."""
    ranked = sorted(
        fleet.outcomes,
        key=lambda o: (
            *(ORDER.index(o.effect.verdict), -o.total("after").chances),
            *(_name(fleet, o), o.key),
        ),
    )
    return {"as_of": iso(fleet.now), "lessons": [_outcome(fleet, each) for each in ranked]}


def _name(fleet: Fleet, outcome: FleetOutcome) -> str:
    figures = fleet.figures.get(outcome.key)
    return figures.name if figures else outcome.name


def _outcome(fleet: Fleet, outcome: FleetOutcome) -> dict[str, Any]:
    return {
        "pattern": _name(fleet, outcome),
        "lesson": outcome.key,
        "source": "lesson" if outcome.is_lesson else "rule",
        "repositories": len(outcome.counts),
        **{side: _tally(outcome.total(side)) for side in ("before", "after", "read", "unread")},
        "verdict": outcome.effect.verdict.value,
        **_ratio(outcome.effect),
        "reading": _ratio(outcome.reading) if outcome.reading else None,
    }


def _tally(tally: Tally) -> dict[str, Any]:
    per_100 = round(100 * tally.repeated / tally.chances, 1) if tally.chances else None
    return {"chances": tally.chances, "repeated": tally.repeated, "per_100": per_100}


def _ratio(effect: Together) -> dict[str, Any]:
    """The ratio, of how many repositories, and its limits; null where one is infinite."""
    return {
        "compared": effect.lessons,
        "ratio": finite(effect.ratio),
        "ratio_low": effect.low,
        "ratio_high": finite(effect.high),
    }


def _to_check(fleet: Fleet) -> list[dict[str, Any]]:
    """The lessons that do not help in any repository: a check may."""
    return [
        {
            **_outcome(fleet, each),
            "repositories": sorted(each.counts),
            "action": f"propose a check: `errata checks propose {_name(fleet, each)}`",
        }
        for each in sorted(fleet.outcomes, key=lambda o: (_name(fleet, o), o.key))
        if each.needs_check
    ]
