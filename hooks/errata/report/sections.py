"""The sections of the HTML report: each has a sentence, a plot, and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from errata.report import lesson_cards, plots, words
from errata.report.heat_map import heat_map
from errata.report.markup import Child, Html, table, tag, text
from errata.report.model import Report, Survival, together
from errata.report.parts import (
    LABEL,
    Section,
    behind,
    cleaned,
    empty,
    key,
    plot,
    rates,
    section,
    share_cells,
)
from errata.report.survival import Curve, Point
from errata.report.vega import NARROW, WIDE
from errata.report.words import percent

_DOTS = (
    "In these plots, a dot is the share of agents' commits that were corrected, a bar its 95% "
    "interval, and the dashed line the overall share. Rows with fewer than "
    f"{plots.FEWEST} agent commits are only in the table."
)
_FEW_LINES = (
    "Not enough data yet: too few lines of agents are on the main line, or none of them is a week "
    "old."
)
_WHAT_IS_COMPARED = (
    "This compares different work as well as different authors: people may write what changes "
    "less. A line lives until a commit removes or changes it; moving it, or changing only white "
    "space, does not count. Only lines that came to the main line after the first line of an "
    "agent are counted."
)
_CURVE_AGES = (1, 7, 14, 30, 60, 90, 180, 365, 730)


def sections(report: Report) -> Iterator[Section]:
    """The sections that have something to say, or must say that they have not."""
    if not report.commits_by.get("agent"):
        yield section("agents", "Agents", "Nothing to report yet", _no_agents(report))
        return
    yield section("lessons", "Lessons", "Lessons", lesson_cards.cards(report))
    yield _over_time(report)
    yield _compared(report)
    if report.heat:
        yield _files(report)
    yield _lifetimes(report)
    yield _trends(report)
    if report.people:
        yield _people(report)


def _no_agents(report: Report) -> Child:
    if not report.commits:
        return empty("This repository has no commit yet.")
    return empty(
        "No commit shows that an agent made it. After ",
        tag("code", "errata init"),
        " the commits of agents say so; ",
        tag("code", "errata who"),
        " shows whose commit each is, and why.",
    )


def _over_time(report: Report) -> Section:
    if len(plots.between_enough(report.months)) < 2:
        content: Child = [
            empty("Not enough data yet: agents made few commits, or all in one month."),
            behind(rates("Corrected agent commits by month", "Month", report.months)),
        ]
    else:
        content = [
            tag("p", words.months(report)),
            plot(
                [plots.rates_by_month(report.months, width) for width in (WIDE, NARROW)],
                "Share of agents' commits that were corrected, by the month of the commit. Bars "
                "are 95% intervals: a long bar means few commits. Months with fewer than "
                f"{plots.FEWEST} agent commits are only in the table.",
            ),
            behind(rates("Corrected agent commits by month", "Month", report.months)),
        ]
    return section("time", "Over time", "Corrections over time", content)


def _compared(report: Report) -> Section:
    content: list[Child] = [tag("p", _DOTS, class_="note")]
    for title, noun, rows in (
        ("By agent", "agent", report.agents),
        ("By model", "model", report.models),
        ("By part of the code", "part of the code", report.folders),
        ("By kind of file", "kind of file", report.kinds),
    ):
        content.append(tag("h3", title))
        if not rows:
            content.append(empty(f"No commit of an agent names its {noun}."))
            continue
        content.append(tag("p", words.extremes(cleaned(rows), noun)))
        shown = [row for row in rows if plots.is_enough(row)]
        if len(shown) > 1:
            specs = [
                plots.rates_by_label(shown, together(rows).value, width) for width in (WIDE, NARROW)
            ]
            content.append(plot(specs, f"Share of commits corrected, {title.lower()}."))
        content.append(behind(rates(f"Corrected agent commits, {title.lower()}", title[3:], rows)))
    return section("compare", "Agents, models, areas", "Where agents are corrected", content)


def _files(report: Report) -> Section:
    hottest = report.heat[0]
    months = report.heat_months
    heads = ["File", "Corrected", "Share", "95% interval", *map(words.month_name, months)]
    rows = [
        [
            tag("code", text(row.path, LABEL)),
            words.of(row.share),
            *share_cells(row.share),
            *(words.of(row.by_month[m]) if m in row.by_month else "\u2013" for m in months),
        ]
        for row in report.heat
    ]
    content = [
        tag(
            "p",
            "Most corrected: ",
            tag("code", text(hottest.path, LABEL)),
            f": {words.figure(hottest.share, 'agent commits that changed it')}.",
        ),
        plot(
            [heat_map(report.heat, months, width) for width in (WIDE, NARROW)],
            "Number: agents' commits that were corrected in this file, by month of the commit. "
            "Grey: commits, none corrected. Blank: no agent commit. A narrow screen shows the "
            "newest months with corrections.",
        ),
        behind(table("Files that were corrected", heads, rows, range(1, len(heads)))),
    ]
    return section("files", "Files", "Which files", content)


def _lifetimes(report: Report) -> Section:
    title = "How long agents' lines live"
    survival = report.survival
    age = words.age_to_tell(survival.agents) if survival else None
    if survival is None or age is None:
        return section("lines", "Lines", title, empty(_FEW_LINES))
    curves = {"agents": survival.agents}
    if words.age_to_tell(survival.people) is not None:
        curves["people"] = survival.people
    longest = max(1, min(survival.agents.supported, 730))
    content = [
        tag("p", words.lifetimes(survival)),
        tag("p", _WHAT_IS_COMPARED, class_="note"),
        key(curves),
        plot(
            [plots.survival(curves, longest, width) for width in (WIDE, NARROW)],
            "Share of lines that are still there, by age (Kaplan-Meier). Bands are 95% intervals; "
            "lines that still lived at the newest commit count up to their age. The plot ends at "
            "the age that lines of five agent commits reached.",
        ),
        behind(_ages(curves)),
    ]
    if len(survival.by_agent) > 1:
        content += [tag("h3", "By agent"), _by_agent(survival, age)]
    return section("lines", "Lines", title, content)


def _by_agent(survival: Survival, age: int) -> Html:
    rows = [
        [
            text(row.label, LABEL),
            f"{row.curve.size:,}",
            f"{row.curve.clusters:,}",
            _left(row.curve.at(age)),
            words.median(row.curve),
        ]
        for row in survival.by_agent
    ]
    heads = ["Agent", "Lines", "Commits", f"Still there after {age} days", "Half are gone after"]
    return table("Lifetimes of lines by agent", heads, rows, range(1, 5))


def _left(point: Point | None) -> str:
    return words.left(point) if point else "not known yet"


def _ages(curves: Mapping[str, Curve]) -> Html:
    longest = max(curve.supported for curve in curves.values())
    ages = [age for age in _CURVE_AGES if age <= longest]
    rows: list[list[Child]] = [
        [f"{age:,}", *(_left(curve.at(age)) for curve in curves.values())] for age in ages
    ]
    rows.append(["Half are gone after", *map(words.median, curves.values())])
    rows.append(["Lines", *(f"{curve.size:,}" for curve in curves.values())])
    rows.append(["Commits", *(f"{curve.clusters:,}" for curve in curves.values())])
    heads = ["Age in days", *(f"Still there: {who}" for who in curves)]
    return table("Lines that are still there, by age", heads, rows, range(1, len(heads)))


def _trends(report: Report) -> Section:
    days = report.window_days
    title = "What is getting better or worse"
    if not report.trends:
        return section(
            "trends",
            "Trends",
            title,
            empty(f"Nothing changed between the last {days} days and the {days} before."),
        )
    worse = sum(row.current > row.previous for row in report.trends)
    rows = [
        [
            text(row.name, LABEL),
            str(row.previous),
            str(row.current),
            f"{row.current - row.previous:+d}",
            row.trend,
        ]
        for row in report.trends
    ]
    heads = ["Pattern", f"The {days} days before", f"Last {days} days", "Change", "Trend"]
    content = [
        tag(
            "p",
            f"More often than in the {days} days before: {words.plural(worse, 'pattern')}. "
            f"Less often: {len(rows) - worse}.",
        ),
        plot(
            [plots.trends(report.trends, width) for width in (WIDE, NARROW)],
            f"Open dot: occurrences in the {days} days before. Full dot: in the last {days} days.",
        ),
        behind(table("Occurrences of patterns", heads, rows, (1, 2, 3))),
    ]
    return section("trends", "Trends", title, content)


def _people(report: Report) -> Section:
    rows = [
        [
            text(row.label, LABEL),
            f"{row.corrections:,}",
            f"{row.commits:,}",
            text(words.top(row.agents), LABEL),
            text(words.top(row.areas), LABEL),
            text(words.top(row.types), LABEL),
        ]
        for row in report.people
    ]
    heads = ["Who", "Corrections", "In commits", "Of which agents", "Mostly in", "Mostly of type"]
    first = report.people[0]
    total = sum(row.corrections for row in report.people)
    content = [
        tag(
            "p",
            "One person made all of the corrections."
            if len(rows) == 1
            else f"{len(rows)} people corrected agents; the most active one made "
            f"{percent(first.corrections / total)} of the corrections.",
        ),
        table("Who corrects what", heads, rows, (1, 2)),
    ]
    if not report.has_names:
        content.append(
            tag(
                "p",
                "People are not named. ",
                tag("code", "errata report --people"),
                " names them.",
                class_="note",
            )
        )
    return section("people", "People", "Who fixes what", content)
