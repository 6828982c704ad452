"""``errata trends``: patterns that are getting worse, getting better, or resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from errata.commands import options
from errata.commands import screen as ui
from errata.commands.layout import Column
from errata.commands.screen import Screen, plural, safe
from errata.commands.view import View, open_view
from errata.patterns import registry
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.score import Trend
from errata.records.instants import day
from errata.runbooks import promotion_log
from errata.runbooks.promotion_log import Standing

if TYPE_CHECKING:
    from errata.outcomes.outcome import Outcome

_SHOWN = 50
_COLUMNS = (
    Column("Pattern", 28),
    Column("Before"),
    Column("Now", 5),
    Column("Change"),
    Column("Trend"),
)


@click.command(name="trends")
@click.option("--compare", is_flag=True, help="Compare both windows, pattern by pattern.")
@click.option("--alerts", is_flag=True, help="Only patterns that need attention.")
@click.option(
    "--service",
    metavar="NAME",
    callback=options.not_empty,
    help="Only records of this service.",
)
@options.days(
    "--window", "Length of the windows that are compared (default: 30, or as configured)."
)
@options.look_back
@options.output
def command(
    compare: bool,
    alerts: bool,
    service: str | None,
    window: int | None,
    as_of: int | None,
    form: str,
) -> int:
    """Show which patterns are getting worse, getting better, or are resolved.

    The last DAYS days are compared with as many days before them.
    """
    view = open_view(as_of)
    corpus = view.corpus
    if service is not None:
        corpus = corpus.filter(lambda facets: facets.service == service)
    analysis = analyse(corpus, view.config, view.now, days=window, ahead=0)
    screen = Screen()
    if form == "json":
        taught = promotion_log.taught(view.standings)
        shown = [] if service else [outcome.to_alert() for outcome in _not_helping(view)]
        ui.print_json(registry.trends_json(analysis, taught, shown))
    elif not analysis.patterns:
        if service is None:
            ui.print_no_data(screen, "patterns")
        else:
            screen.line(f"No records of service {safe(service)!r}.")
    elif compare:
        _print_comparison(screen, view, analysis)
    else:
        _print_summary(screen, view, analysis, alerts, [] if service else _not_helping(view))
    ui.report_omitted(view.corpus, view.repo, view.future)
    return 0


def _not_helping(view: View) -> list[Outcome]:
    """The lessons in force that have no effect, or got worse."""
    return [outcome for outcome in view.outcomes.values() if outcome.needs_attention]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The length of the windows, and what the promotion log says of each pattern."""

    days: int
    standings: Mapping[str, Standing]


def _print_summary(
    screen: Screen,
    view: View,
    analysis: Analysis,
    only_alerts: bool,
    not_helping: Sequence[Outcome],
) -> None:
    days, about = analysis.windows.days, _Shown(analysis.windows.days, view.standings)
    patterns = sorted(analysis.patterns.values(), key=lambda p: (-p.current, -p.previous, p.name))
    urgent = {pattern.name for pattern in registry.alerts(analysis)}
    sections = [("ALERTS:", [p for p in patterns if p.name in urgent], _alert)]
    if not only_alerts:
        sections += [
            (title, [p for p in patterns if p.trend is trend and p.name not in urgent], describe)
            for title, trend, describe in _SECTIONS
        ]
    window = view.window(days).removeprefix("last ").replace(f"{days} days", f"{days}-day window")
    screen.title(f"TREND ANALYSIS ({window})")
    shown = [section for section in sections if section[1]]
    if not_helping:
        _print_not_helping(screen, not_helping, more=bool(shown))
    elif not shown:
        screen.line("No alerts." if only_alerts else f"Nothing in the {view.window(2 * days)}.")
    for number, (title, members, describe) in enumerate(shown):
        if number:
            screen.line()
        screen.line(title, bold=True, fg=_COLOURS.get(title))
        for pattern in members[:_SHOWN]:
            for line in describe(screen, pattern, about):
                screen.line(f"  {line}")
        if len(members) > _SHOWN:
            screen.line(f"  ... and {len(members) - _SHOWN} more (`errata trends --compare`)")


def _print_not_helping(screen: Screen, outcomes: Sequence[Outcome], *, more: bool) -> None:
    screen.line("TAUGHT, AND REPEATED ALL THE SAME:", bold=True, fg="red")
    for outcome in outcomes[:_SHOWN]:
        screen.line(f"  {screen.symbols.warn}{safe(outcome.alert)}")
        screen.line(f"      Action: {safe(outcome.action)}")
    if more:
        screen.line()


def _alert(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:
    name, trend = safe(pattern.name), pattern.trend.upper()
    yield f"{screen.symbols.warn}{name} is {trend} ({_change(screen, pattern)})"
    yield f"    Action: {registry.action(pattern, promotion_log.taught(shown.standings))}"


def _improving(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:
    yield f"{screen.symbols.done}{safe(pattern.name)} is DECREASING ({_change(screen, pattern)})"
    yield f"    Seen less often than in the {shown.days} days before"


def _resolved(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:
    yield f"{screen.symbols.done}{safe(pattern.name)} has no occurrences in {shown.days} days"
    standing = shown.standings.get(pattern.name)
    if standing is None:
        state = "it is in no runbook"
    elif standing.archived:
        state = f"archived on {day(standing.changed)}"
    elif pattern.curated.pinned:
        state = "a person wants it taught, so it stays in the runbooks"
    else:
        state = "a long quiet takes it out of the runbooks"
    yield f"    Last seen {day(pattern.last)}; {state}"


def _quiet(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:
    yield f"{screen.symbols.bullet}{safe(pattern.name)} has no occurrences in {shown.days} days"
    yield "    Agents had too few chances to repeat it, so this does not mean that it is resolved"


def _stable(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:  # noqa: ARG001
    difference = pattern.current - pattern.previous
    change = f"{difference:+d}" if difference else "no change"
    count = plural(pattern.current, "occurrence")
    yield f"{screen.symbols.bullet}{safe(pattern.name)} ({count}, {change})"


def _rising(screen: Screen, pattern: Pattern, shown: _Shown) -> Iterator[str]:  # noqa: ARG001
    yield f"{screen.symbols.up}{safe(pattern.name)} ({_change(screen, pattern)})"


_SECTIONS = (
    ("IMPROVING:", Trend.DECREASING, _improving),
    ("RESOLVED:", Trend.RESOLVED, _resolved),
    ("QUIET:", Trend.QUIET, _quiet),
    ("STABLE:", Trend.STABLE, _stable),
    ("RISING, TOO FEW FOR AN ALERT:", Trend.INCREASING, _rising),
    ("REGRESSED:", Trend.REGRESSED, _rising),
    ("NEW:", Trend.NEW, _rising),
)


_COLOURS = {"ALERTS:": "red", "REGRESSED:": "red", "IMPROVING:": "green", "RESOLVED:": "green"}


def _change(screen: Screen, pattern: Pattern) -> str:
    return f"{pattern.previous} {screen.symbols.arrow} {pattern.current} occurrences"


def _print_comparison(screen: Screen, view: View, analysis: Analysis) -> None:
    days = analysis.windows.days
    screen.title(f"TREND COMPARISON ({view.window(days)} against the {days} before)")
    everything = [*analysis.patterns.values()]
    rows = [p for p in everything if p.current or p.previous]
    if not rows:
        newest = day(max(p.last for p in everything))
        screen.line(f"Nothing in the {view.window(2 * days)}.")
        screen.line(f"`errata trends --compare --as-of {newest}` ends with the newest occurrence.")
        return
    rows.sort(key=lambda p: (-(p.current - p.previous), -p.current, p.name))
    screen.table(
        _COLUMNS,
        [
            (
                safe(p.name),
                str(p.previous),
                str(p.current),
                f"{p.current - p.previous:+d}",
                ui.trend_cell(p.trend),
            )
            for p in rows
        ],
        indent=2,
    )
