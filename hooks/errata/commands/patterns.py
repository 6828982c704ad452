"""``errata patterns``: the table of patterns, or one pattern in detail."""

from __future__ import annotations

from typing import Any

import click

from errata.commands import complete, options
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.core.config import EVERYONE, Config
from errata.core.git import Repository
from errata.lessons import hot_spots
from errata.patterns import registry
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.corpus import Corpus
from errata.patterns.score import Trend
from errata.records.instants import clock, day

_TOP = 10


@click.command(name="patterns")
@click.argument("name", required=False, shell_complete=complete.patterns)
@click.option("--all", "everything", is_flag=True, help="All patterns, not just the top ten.")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    help="Only patterns that this agent should learn, or everyone.",
)
@click.option("--trend", type=click.Choice([t.value for t in Trend]), help="Only with this trend.")
@click.option("--category", metavar="NAME", help="Only of this category.")
@options.as_of
@options.output
def command(
    name: str | None,
    everything: bool,
    agent: str | None,
    trend: str | None,
    category: str | None,
    as_of: int,
    form: str,
) -> int:
    """List patterns, or show one in detail.

    Counts are those of the last 30 days (or the window that errata.toml sets).
    """
    repo, config, corpus = ui.open_corpus()
    as_of = ui.moment(corpus, as_of, config.evolve.window_days, form)
    analysis = analyse(corpus, config, as_of)
    if name is not None:
        pattern = ui.find(analysis, name)
        if form == "json":
            ui.print_json(_json([pattern], repo, config)[0])
        else:
            screen = Screen()
            _details(screen, pattern, analysis.windows.days)
            _entry(screen, pattern, repo, config, corpus, as_of)
        return 0
    patterns = [
        p
        for p in analysis.patterns.values()
        if (agent is None or {agent, EVERYONE} & {*p.route.agents})
        and (trend is None or p.trend == trend)
        and (category is None or p.category == category)
    ]
    patterns.sort(key=lambda p: (-p.current, -p.count, p.name))
    if not everything:
        past = trend in (Trend.RESOLVED, Trend.QUIET)
        patterns = [p for p in patterns if p.current or past][:_TOP]
    if form == "json":
        ui.print_json(_json(patterns, repo, config))
    else:
        screen, filtered = Screen(), bool(agent or trend or category)
        _table(screen, analysis, patterns, everything, filtered)
        if not filtered:
            ui.print_hot_spots(screen, hot_spots.of_corpus(corpus))
    ui.report_omitted(corpus, repo, analysis.future)
    return 0


def _json(patterns: list[Pattern], repo: Repository, config: Config) -> list[dict[str, Any]]:
    from errata.runbooks import promotion_log

    standings = promotion_log.load(repo.root, config)
    return [
        registry.entry(p, *promotion_log.status(config, standings.get(p.name))) for p in patterns
    ]


def _table(
    screen: Screen, analysis: Analysis, patterns: list[Pattern], everything: bool, filtered: bool
) -> None:
    if not analysis.patterns:
        ui.print_no_data(screen, "patterns")
        return
    days = analysis.windows.days
    screen.title(f"{'ALL' if everything else 'TOP'} PATTERNS (last {days} days)")
    if not patterns:
        screen.line(
            "No pattern matches."
            if filtered
            else f"Nothing in the last {days} days; `errata patterns --all` shows older ones."
        )
        return
    width = max(28, *(len(p.name) for p in patterns)) + 1
    screen.line(
        f" #  {'Pattern':<{width}}{'Count':<7}{'Trend':<11}{'Category':<12}Agents", bold=True
    )
    for number, p in enumerate(patterns, 1):
        row = f"{p.current:<7}{p.trend:<10} {safe(p.category):<11} {', '.join(p.route.agents)}"
        screen.line(f"{number:>2}  {safe(p.name):<{width}}{row}")
        if p.lesson and p.lesson.instruction:
            screen.line(f"    {safe(p.lesson.instruction)}")


def _details(screen: Screen, pattern: Pattern, days: int) -> None:
    screen.title(f"PATTERN: {safe(pattern.name)}")
    screen.line(f"Category: {safe(pattern.category)}")
    screen.line(f"Severity: {pattern.severity}")
    screen.line(f"Trend: {pattern.trend} ({_movement(pattern, days, screen)})")
    if pattern.sessions != pattern.count:
        screen.line(f"Seen: {ui.seen(pattern)}; a session counts once")
    screen.line(f"Agents affected: {', '.join(pattern.route.agents)}")
    screen.line()
    screen.line("Description:")
    screen.line(f"  {safe(pattern.description) or 'none recorded'}")
    if pattern.lesson and pattern.lesson.contradicts:
        screen.line(f"  Contradicts {safe(', '.join(pattern.lesson.contradicts))}")
    if pattern.fix:
        screen.line()
        screen.line("Instead:")
        screen.line(f"  {safe(pattern.fix)}")
    screen.line()
    screen.line("Examples:")
    for example in registry.examples(pattern):
        lead = example.get("feature_id") or example["date"]
        screen.line(f"  - {safe(lead)}: {safe(example.get('description', ''))}")
    screen.line()


def _movement(pattern: Pattern, days: int, screen: Screen) -> str:
    if pattern.trend is Trend.STABLE:
        return f"{plural(pattern.current, 'occurrence')}, consistent over {days} days"
    if pattern.trend is Trend.NEW:
        return f"{plural(pattern.current, 'occurrence')}, first seen {day(pattern.first)}"
    if pattern.trend in (Trend.RESOLVED, Trend.QUIET):
        return f"no occurrences in {days} days, last seen {day(pattern.last)}"
    move = f"{pattern.previous} {screen.symbols.arrow} {pattern.current}"
    return f"{move} occurrences over {days} days"


def _entry(
    screen: Screen, pattern: Pattern, repo: Repository, config: Config, corpus: Corpus, as_of: int
) -> None:
    from errata.runbooks import paths, promote, promotion_log

    standing = promotion_log.load(repo.root, config).get(pattern.name)
    screen.line("Runbook entry:")
    if standing is None:
        decision, _ = promote.decide_latest(corpus, config, pattern.name, max(as_of, clock()))
        why = f"not met: {decision.unmet_text}" if decision.unmet else "run `errata evolve`"
        screen.line(f"  None ({safe(why)})")
    elif standing.archived:
        why = f" ({safe(standing.reason)})" if standing.reason else ""
        screen.line(f"  Archived: {day(standing.changed)}{why}")
    else:
        for agent in standing.agents:
            path = paths.path_for(repo.root, config, agent).relative_to(repo.root)
            screen.line(f"  Location: {path}")
        screen.line(f"  Added: {day(standing.added)}")
