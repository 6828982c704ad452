"""One report of a fleet, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from errata.fleet import views
from errata.fleet.fleet import Fleet
from errata.outcomes.outcome import ratio_text
from errata.runbooks import sanitise

_TOP = 20
_LONGEST = 300


def collect(fleet: Fleet, days: int) -> dict[str, Any]:
    """All views, as JSON."""
    return {
        "repositories": list(fleet.names),
        "patterns": views.patterns(fleet),
        "trends": views.trends(fleet),
        "corrections": views.corrections(fleet, days),
        "outcome": views.outcome(fleet),
        "shared": views.shared(fleet),
    }


def _repositories(number: int) -> str:
    return "1 repository" if number == 1 else f"{number} repositories"


def render(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    trends, corrections = report["trends"], report["corrections"]
    sections = [
        "# What agents are corrected for, in all repositories",
        f"{_repositories(len(report['repositories']))}, as of {trends['as_of'][:10]}; windows of "
        f"{trends['window_days']} days.",
        *_section("## New in one, taught in others", _spreads(report["shared"]["alerts"])),
        *_section("## Alerts", _alerts(trends["alerts"])),
        *_section("## Lessons", _lessons(report["patterns"])),
        *_section("## Repeated in several repositories", _repeated(report["shared"]["repeated"])),
        *_section("## Worth sharing", _worth_sharing(report["shared"]["worth_sharing"])),
        *_section("## Candidates for a check", _checks(report["shared"]["check"])),
        *_section("## Before and after", _outcomes(report["outcome"]["lessons"])),
        f"## Corrections of the last {corrections['since_days']} days",
        f"{corrections['total']} corrections; {corrections['unnamed']} are about no lesson.",
        *_section("", _counts("Repository", corrections["by_repository"])),
        *_section("", _counts("Type", corrections["by_type"])),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _section(title: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """A title and a table, whose first row is its header; nothing without rows."""
    if len(rows) < 2:
        return []
    header, *body = rows
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, body[:_TOP])]
    more = [f"{len(body) - _TOP} more are in `--json`."] if len(body) > _TOP else []
    return [title, "\n".join(lines), *more]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return sanitise.code_span(text, _LONGEST)


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(_code, names[:5])) + (f", {len(names) - 5} more" if len(names) > 5 else "")


def _spreads(alerts: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "First seen in", "On", "Times", "In the runbooks of", "Instruction"]]
    for a in alerts:
        seen = [_code(a["repository"]), a["first_seen"], str(a["count"])]
        rows.append([_code(a["pattern"]), *seen, _names(a["promoted_in"]), _text(a["instruction"])])
    return rows


def _text(text: str) -> str:
    return sanitise.markdown_with_code(text, _LONGEST)


def _alerts(alerts: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "Trend", "Before", "Now", "Repositories", "In the runbooks of"]]
    for a in alerts:
        counts = [str(a["previous_count"]), str(a["current_count"]), str(a["repositories"])]
        rows.append([_code(a["pattern"]), a["trend"], *counts, _names(a["promoted_in"]) or "none"])
    return rows


def _lessons(patterns: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "Now", "In all", "Trend", "Confidence", "Repositories", "Instruction"]]
    for p in patterns:
        counts = [str(p["window_count"]), str(p["count"]), p["trend"], f"{p['confidence']:.2f}"]
        rows.append([_code(p["name"]), *counts, str(p["repositories"]), _text(p["instruction"])])
    return rows


def _repeated(lessons: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "In all", "Repositories"]]
    for lesson in lessons:
        where = [f"{_code(name)} {count}" for name, count in lesson["repositories"].items()]
        more = f", {len(where) - 5} more" if len(where) > 5 else ""
        rows.append([_code(lesson["pattern"]), str(lesson["count"]), ", ".join(where[:5]) + more])
    return rows


def _worth_sharing(lessons: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "In the runbooks of", "Seen in", "Confidence", "Instruction"]]
    for item in lessons:
        seen = f"{item['seen_in']} of {item['of']}"
        confidence = f"{item['confidence']:.2f}"
        where = _names(item["promoted_in"])
        rows.append([_code(item["pattern"]), where, seen, confidence, _text(item["instruction"])])
    return rows


def _outcomes(lessons: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "Verdict", "Before", "After", "After to before (95%)", "Repositories"]]
    for item in lessons:
        sides = [_share(item["before"]), _share(item["after"])]
        name, verdict = _code(item["pattern"]), item["verdict"]
        rows.append([name, verdict, *sides, _ratio(item), str(item["repositories"])])
    return rows


def _checks(lessons: Iterable[dict[str, Any]]) -> list[list[str]]:
    rows = [["Lesson", "Verdict", "Counted in", "What to do"]]
    for item in lessons:
        where = _names(item["repositories"])
        rows.append([_code(item["pattern"]), item["verdict"], where, _text(item["action"])])
    return rows


def _share(tally: dict[str, Any]) -> str:
    per_100 = "" if tally["per_100"] is None else f" ({tally['per_100']} per 100)"
    return f"{tally['repeated']} of {tally['chances']}{per_100}"


def _ratio(item: dict[str, Any]) -> str:
    return ratio_text(item["ratio"], item["ratio_low"], item["ratio_high"]) or "not known"


def _counts(title: str, counts: dict[str, int]) -> list[list[str]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [[title, "Corrections"], *([_code(name), str(count)] for name, count in ranked)]
