"""The views of `errata fleet` for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from errata.commands.layout import Cell, Column
from errata.commands.screen import Screen, plural, safe, trend_cell
from errata.outcomes.outcome import ratio_text
from errata.patterns.score import Trend

_SHOWN = 20
_NAMES = 3


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return safe(", ".join(names[:_NAMES])) + more


def _repositories(count: int) -> str:
    return "1 repository" if count == 1 else f"{count} repositories"


def _patterns(screen: Screen, rows: list[dict[str, Any]], names: Sequence[str]) -> None:
    screen.title(f"LESSONS OF {_repositories(len(names)).upper()}")
    columns = (
        Column("Lesson", 28, gap=1),
        Column("Count"),
        Column("In all"),
        Column("Trend", 10, gap=1),
        Column("Conf."),
        Column("Repos."),
        Column("In runbooks of"),
    )
    table: list[tuple[str | Cell, ...]] = [
        (
            *(safe(row["name"]), str(row["window_count"]), str(row["count"])),
            trend_cell(Trend(row["trend"])),
            f"{row['confidence']:.2f}",
            str(row["repositories"]),
            _names(row["promoted_in"]) or "none",
        )
        for row in rows
    ]
    if table:
        screen.table(columns, table, notes=[safe(row["instruction"]) for row in rows])
    else:
        screen.line("No lessons.")


def _trends(screen: Screen, value: dict[str, Any], names: Sequence[str]) -> None:
    days = value["window_days"]
    screen.title(f"TRENDS OF {_repositories(len(names)).upper()} ({days}-day windows)")
    screen.line(", ".join(f"{count} {trend}" for trend, count in value["summary"].items() if count))
    for alert in value["alerts"][:_SHOWN]:
        change = f"{alert['previous_count']} {screen.symbols.arrow} {alert['current_count']}"
        name = safe(alert["pattern"])
        screen.line(f"{screen.symbols.warn}{name} is {alert['trend'].upper()} ({change})")
        runbooks = _names(alert["promoted_in"])
        where = f"in {_repositories(alert['repositories'])}"
        screen.line(
            f"    {where}; {f'in the runbooks of {runbooks}' if runbooks else 'in no runbook'}"
        )
    moved = [row for row in value["trends"] if row["current_count"] or row["previous_count"]]
    moved.sort(key=lambda row: (-row["current_count"], -row["previous_count"], row["pattern"]))
    if not moved:
        return
    screen.line()
    columns = (Column("Lesson", 28), Column("Before"), Column("Now", 5), Column("Trend"))
    rows: list[tuple[str | Cell, ...]] = [
        (
            *(safe(row["pattern"]), str(row["previous_count"]), str(row["current_count"])),
            trend_cell(Trend(row["trend"])),
        )
        for row in moved[:_SHOWN]
    ]
    screen.table(columns, rows)
    if len(moved) > _SHOWN:
        screen.line(f"... and {len(moved) - _SHOWN} more (--json)")


def _corrections(screen: Screen, value: dict[str, Any], names: Sequence[str]) -> None:
    title = f"CORRECTIONS IN {_repositories(len(names)).upper()}"
    screen.title(f"{title} ({value['since_days']} days to {value['as_of'][:10]})")
    screen.line(f"Total: {plural(value['total'], 'correction')}")
    for name in ("by_type", "by_agent", "by_repository"):
        _count_table(screen, name.replace("_", " ").upper(), value[name])
    lessons = {row["pattern"]: row["count"] for row in value["patterns"]}
    _count_table(screen, "BY LESSON", lessons)
    if value["unnamed"]:
        screen.line()
        screen.line(f"About no lesson: {value['unnamed']}")


def _count_table(screen: Screen, title: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    screen.line()
    screen.line(f"{title}:", bold=True)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(safe(name), str(count)) for name, count in ranked[:_SHOWN]]
    screen.table((Column(least=28, gap=1), Column(least=5, right=True)), rows, indent=2)
    if len(ranked) > _SHOWN:
        screen.line(f"  ... and {len(ranked) - _SHOWN} more (--json)")


def _shared(screen: Screen, value: dict[str, Any], names: Sequence[str]) -> None:
    screen.title(f"SHARED BY {_repositories(len(names)).upper()}")
    parts = (
        ("NEW IN ONE, TAUGHT IN OTHERS", value["alerts"], _spread),
        ("REPEATED IN SEVERAL REPOSITORIES", value["repeated"], _repeated),
        ("WORTH SHARING", value["worth_sharing"], _worth_sharing),
        ("CANDIDATES FOR A CHECK (TAUGHT, AND STILL REPEATED)", value["check"], _check),
    )
    if not any(rows for _, rows, _ in parts):
        screen.line("No lesson is in more than one repository.")
    for title, rows, describe in parts:
        if rows:
            screen.line(f"{title}:", bold=True)
            for row in rows[:_SHOWN]:
                describe(screen, row)
            if len(rows) > _SHOWN:
                screen.line(f"  ... and {len(rows) - _SHOWN} more (--json)")
            screen.line()


def _spread(screen: Screen, row: dict[str, Any]) -> None:
    runbooks, evidence = _names(row["promoted_in"]), row["evidence"]
    where = f"{safe(row['repository'])} on {row['first_seen']}"
    screen.line(
        f"  {screen.symbols.warn}{safe(row['pattern'])}: promoted in {runbooks}, "
        f"first seen in {where}"
    )
    if row["instruction"]:
        screen.line(f"    {safe(row['instruction'])}", hang=4)
    seen = plural(evidence["count"], "record")
    screen.line(
        f"    Evidence: {seen} in {_repositories(evidence['repositories'])}, "
        f"confidence {evidence['confidence']:.2f}"
    )


def _repeated(screen: Screen, row: dict[str, Any]) -> None:
    counts = [f"{name} {count}" for name, count in row["repositories"].items()]
    screen.line(f"  {safe(row['pattern'])}: {_names(counts)}", hang=4)


def _worth_sharing(screen: Screen, row: dict[str, Any]) -> None:
    runbooks = _names(row["promoted_in"])
    seen = f"seen in {row['seen_in']} of {_repositories(row['of'])}"
    screen.line(f"  {safe(row['pattern'])}: in the runbooks of {runbooks}; {seen}", hang=4)


def _outcome(screen: Screen, value: dict[str, Any], names: Sequence[str]) -> None:
    screen.title(f"OUTCOME OF LESSONS IN {_repositories(len(names)).upper()}")
    if not value["lessons"]:
        screen.line("No outcomes yet: run `errata backfill` and `errata export` in a repository.")
    for row in value["lessons"][:_SHOWN]:
        screen.line(safe(row["pattern"]), bold=True)
        for side in ("before", "after", "read", "unread"):
            tally = row[side]
            if tally["chances"]:
                share = f"{tally['repeated']} of {tally['chances']} ({tally['per_100']} per 100)"
                screen.line(f"  {side}: {share}")
        screen.line(f"  {_verdict(row)}", hang=4)
        if row["reading"] and (reading := _ratio(row["reading"], "by those who had not")):
            screen.line(f"  by those who had read it: {reading}", hang=4)
    if len(value["lessons"]) > _SHOWN:
        screen.line(f"... and {len(value['lessons']) - _SHOWN} more (--json)")


def _verdict(row: dict[str, Any]) -> str:
    """``works, in 3 repositories: repeated 0.35 times as often as before (0.12 to 0.81)``."""
    ratio = _ratio(row, "before")
    where = f"in {_repositories(row['compared'])}: {ratio}" if row["compared"] and ratio else ""
    return ", ".join(filter(None, (row["verdict"], where)))


def _ratio(row: dict[str, Any], than: str) -> str:
    return ratio_text(row["ratio"], row["ratio_low"], row["ratio_high"], than)


def _check(screen: Screen, row: dict[str, Any]) -> None:
    where = _names(row["repositories"])
    screen.line(f"  {safe(row['pattern'])}: {_verdict(row)}; counted in {where}", hang=4)
    screen.line(f"    {safe(row['action'])}", hang=4)


def _report(_screen: Screen, value: dict[str, Any], _names: Sequence[str]) -> None:
    from errata.fleet.report import render

    click.echo(render(value), nl=False)


PRINTERS: dict[str, Callable[[Screen, Any, Sequence[str]], None]] = {
    "patterns": _patterns,
    "trends": _trends,
    "corrections": _corrections,
    "outcome": _outcome,
    "shared": _shared,
    "report": _report,
}
