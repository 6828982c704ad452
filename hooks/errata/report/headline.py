"""The three numbers at the head of the HTML report."""

from __future__ import annotations

from errata.report import words
from errata.report.markup import Html, tag
from errata.report.model import Report
from errata.report.words import percent


def numbers(report: Report) -> Html | None:
    """The three numbers that matter."""
    if not report.commits_by.get("agent"):
        return None
    items = [_corrected(report), _lines_left(report), _lessons(report)]
    return tag("ul", items, class_="numbers")


def _corrected(report: Report) -> Html:
    share = report.all
    pair = words.recent(report.months)
    direction = f" {words.direction(*pair)}." if pair else ""
    return _number(
        words.per_hundred(share.value),
        "of 100 agent commits were corrected by a person",
        f"{words.of(share)}; likely {words.between(share.interval)}.{direction}",
    )


def _lines_left(report: Report) -> Html:
    survival = report.survival
    age = words.age_to_tell(survival.agents) if survival else None
    point = survival.agents.at(age) if survival and age else None
    if survival is None or age is None or point is None:
        return _number(
            "\u2013", "of agents' lines still there after 90 days", "Not enough data yet."
        )
    others = survival.people.at(age) if age <= survival.people.supported else None
    beside = f" People's lines: {percent(others.share)}." if others else ""
    return _number(
        percent(point.share),
        f"of agents' lines are still there after {age} days",
        f"Likely {words.between((point.low, point.high))}.{beside}",
    )


def _lessons(report: Report) -> Html:
    current = [row for row in report.lessons if not row.is_over]
    taught = sum(bool(row.since) for row in current)
    working = sum(row.outcome.startswith("It works") for row in report.lessons)
    details = [f"{taught} taught" if taught else "None is taught yet"]
    if waiting := len(current) - taught:
        details.append(f"{waiting} found, to be added by the next evolve")
    if working:
        details.append(f"{working} with fewer corrections since")
    noun = (
        "lesson from these corrections" if len(current) == 1 else "lessons from these corrections"
    )
    return _number(str(len(current)), noun, "; ".join(details) + ".")


def _number(value: str, noun: str, small: str) -> Html:
    return tag(
        "li",
        tag("strong", value),
        tag("span", noun, class_="what"),
        tag("span", small, class_="small"),
    )
