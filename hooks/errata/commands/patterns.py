"""``errata patterns``: the table of patterns, or one pattern in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from errata.commands import (
    agent_names,
    complete,
    decided_notes,
    nameless,
    options,
    patterns_decide,
)
from errata.commands import screen as ui
from errata.commands.layout import Cell, Column
from errata.commands.screen import Screen, plural, safe, sentence
from errata.commands.view import View, open_view
from errata.core.config import EVERYONE
from errata.lessons import hot_spots
from errata.patterns import registry
from errata.patterns.analysis import Pattern
from errata.patterns.score import Trend
from errata.records.instants import day
from errata.runbooks import paths, promotion_log
from errata.runbooks.promotions import State

_TOP = 10
_COLUMNS = (
    Column("#", 2, right=True),
    Column("Pattern", 28, gap=1),
    Column("Count"),
    Column("In all"),
    Column("Trend", 10, gap=1),
    Column("Category", 11, gap=1),
    Column("Agents"),
)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    subcommands = [name for name in patterns_decide.COMMANDS if name.startswith(incomplete)]
    return [*subcommands, *complete.patterns(ctx, param, incomplete)]


@click.command(name="patterns", cls=patterns_decide.View)
@click.argument("name", required=False, shell_complete=_names)
@click.option("--all", "everything", is_flag=True, help="All patterns, not just the top ten.")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    callback=options.not_empty,
    help="Only patterns that this agent should learn, or everyone.",
)
@click.option("--trend", type=click.Choice([t.value for t in Trend]), help="Only with this trend.")
@click.option(
    "--category", metavar="NAME", callback=options.not_empty, help="Only of this category."
)
@click.option("--dismissed", is_flag=True, help="Only those that people dismissed.")
@options.look_back
@options.output
def _view(
    name: str | None,
    everything: bool,
    agent: str | None,
    trend: str | None,
    category: str | None,
    dismissed: bool,
    as_of: int | None,
    form: str,
) -> int:
    """List patterns, or show one in detail.

    Counts are those of the last 30 days (or the window that errata.toml sets). If nothing happened
    in these, everything is counted, and the title says so. Dismissed patterns are only listed with
    --dismissed. The commands below decide about a pattern; `errata undo` takes a decision back.
    """
    view = open_view(as_of)
    if name is not None:
        pattern = view.find(name)
        if form == "json":
            ui.print_json(_json([pattern], view)[0])
        else:
            screen = Screen()
            _details(screen, pattern, view)
            _entry(screen, pattern, view)
        return 0
    every = [*view.analysis.patterns.values()] if view.analysis else []
    patterns = [
        p
        for p in every
        if bool(p.curated.dismissed) is dismissed
        and (agent is None or {agent, EVERYONE} & {*p.route.agents})
        and (trend is None or p.trend == trend)
        and (category is None or p.category == category)
    ]
    patterns.sort(key=lambda p: (-p.current, -p.count, p.name))
    # What happened long ago is shown, too, if nothing else is.
    is_recent = any(p.current for p in patterns)
    chosen = patterns
    if not (everything or dismissed):
        shown = [p for p in patterns if p.current or p.curated.pinned or not is_recent]
        patterns = shown[:_TOP]
    if form == "json":
        ui.print_json(_json(patterns, view))
    else:
        screen, filtered = Screen(), bool(agent or trend or category or dismissed)
        _table(screen, view, patterns, everything, is_recent)
        hidden = [] if dismissed else [p for p in every if p.curated.dismissed]
        listed = {p.name for p in patterns}
        _print_hidden(screen, view, [p for p in chosen if p.name not in listed], hidden)
        if not filtered:
            ui.print_hot_spots(screen, hot_spots.of_corpus(view.corpus))
    agent_names.warn(agent_names.unknown(agent, view.repo, view.config, view.corpus))
    ui.report_omitted(view.corpus, view.repo, view.future)
    return 0


command = patterns_decide.Patterns(_view)


def _json(patterns: list[Pattern], view: View) -> list[dict[str, Any]]:
    standings, config = view.standings, view.config
    return [
        registry.entry(p, *promotion_log.status(config, standings.get(p.name))) for p in patterns
    ]


def _table(
    screen: Screen, view: View, patterns: list[Pattern], everything: bool, is_recent: bool
) -> None:
    if not (view.analysis and view.analysis.patterns):
        ui.print_no_data(screen, "patterns")
        return
    days = view.config.evolve.window_days
    window = view.window(days) if is_recent or not patterns else _span(patterns)
    is_dismissed = bool(patterns and patterns[0].curated.dismissed)
    which = "DISMISSED" if is_dismissed else "ALL" if everything else "TOP"
    screen.title(f"{which} PATTERNS ({window})")
    if not patterns:
        screen.line("No pattern matches.")
        return
    columns: dict[str, Sequence[str | Cell]] = {
        "#": [str(number) for number in range(1, len(patterns) + 1)],
        "Pattern": [safe(p.name) for p in patterns],
        "Count": [str(p.current if is_recent else p.count) for p in patterns],
        "In all": [str(p.count) for p in patterns],
        "Trend": [ui.trend_cell(p.trend) for p in patterns],
        "Category": [safe(p.category) for p in patterns],
        "Agents": [", ".join(p.route.agents) for p in patterns],
    }
    if not (everything and is_recent):
        del columns["In all"]
    notes = [_note(p, view) for p in patterns]
    rows = [*zip(*columns.values(), strict=True)]
    screen.table([c for c in _COLUMNS if c.title in columns], rows, notes=notes)


def _print_hidden(
    screen: Screen, view: View, more: Sequence[Pattern], dismissed: Sequence[Pattern]
) -> None:
    """Print how to see what the table leaves out: what is taught, dismissed, or proposed."""
    taught = promotion_log.taught(view.standings).intersection(p.name for p in more)
    proposed = len(view.corpus.curation.proposals)
    if taught or dismissed or proposed:
        screen.line()
    if taught:
        screen.line(f"{plural(len(taught), 'more pattern')} in runbooks: `errata patterns --all`")
    if dismissed:
        screen.line(f"{plural(len(dismissed), 'pattern')} dismissed: `errata patterns --dismissed`")
    if proposed:
        screen.line(f"{plural(proposed, 'proposal')} to decide about: `errata review`")


def _note(pattern: Pattern, view: View) -> str:
    """What to do, and what was decided about it."""
    decided = "; ".join(decided_notes.notes(pattern, view))
    if nameless.is_nameless(pattern, view.corpus):
        instruction = f"Grouped by {nameless.grouped_by(pattern)}; nobody has named it"
        return " ".join(filter(None, [instruction, decided and f"({decided})"]))
    text = pattern.curated.text
    written = (text.description, text.instead) if text else ()
    instruction = _joined(*filter(None, written))
    instruction = instruction or (pattern.lesson.instruction if pattern.lesson else "")
    return " ".join(filter(None, [safe(instruction), decided and f"({decided})"]))


def _joined(first: str = "", *others: str) -> str:
    """Texts in a row, with a semicolon after one that does not end as a sentence."""
    if not others:
        return first
    return f"{first}{' ' if first.endswith(('.', '!', '?')) else '; '}{_joined(*others)}"


def _span(patterns: list[Pattern]) -> str:
    """From the first to the newest occurrence of some patterns."""
    return f"{day(min(p.first for p in patterns))} to {day(max(p.last for p in patterns))}"


def _details(screen: Screen, pattern: Pattern, view: View) -> None:
    screen.title(f"PATTERN: {safe(pattern.name)}")
    screen.line(f"Category: {safe(pattern.category)}")
    if pattern.count:
        screen.line(f"Severity: {pattern.severity}")
        screen.line(f"Trend: {pattern.trend} ({_movement(pattern, view, screen)})")
    else:
        screen.line("Seen: not yet")
    if pattern.sessions != pattern.count:
        screen.line(f"Seen: {ui.seen(pattern)}; a session counts once")
    screen.line(f"Agents affected: {', '.join(pattern.route.agents)}")
    if outcome := view.outcomes.get(pattern.name):
        screen.line(f"Outcome: {outcome.text}", hang=2)
    for note in decided_notes.notes(pattern, view):
        screen.line(f"Decided: {note}")
    screen.line()
    screen.line("Description:")
    screen.line(f"  {safe(pattern.description) or 'none recorded'}", hang=2)
    if nameless.is_nameless(pattern, view.corpus):
        for line in nameless.lines(pattern, view.corpus):
            screen.line(f"  {line}", hang=4)
        screen.command(f"  Name it with: {nameless.teach_command(pattern)}")
    if pattern.lesson and pattern.lesson.contradicts:
        screen.line(f"  Contradicts {safe(', '.join(pattern.lesson.contradicts))}")
    if pattern.fix:
        screen.line()
        screen.line("Instead:")
        screen.line(f"  {safe(pattern.fix)}", hang=2)
    screen.line()
    if examples := registry.examples(pattern):
        screen.line("Examples:")
        for example in examples:
            lead = example.get("feature_id") or example["date"]
            screen.line(f"  - {safe(lead)}: {safe(example.get('description', ''))}")
        screen.line()


def _movement(pattern: Pattern, view: View, screen: Screen) -> str:
    days = view.config.evolve.window_days
    window = view.window(days).removeprefix("last ")
    if pattern.trend is Trend.STABLE:
        return f"{plural(pattern.current, 'occurrence')}, consistent over {window}"
    if pattern.trend is Trend.NEW:
        return f"{plural(pattern.current, 'occurrence')}, first seen {day(pattern.first)}"
    if pattern.trend in (Trend.RESOLVED, Trend.QUIET):
        return f"no occurrences in {window}, last seen {day(pattern.last)}"
    move = f"{pattern.previous} {screen.symbols.arrow} {pattern.current}"
    return f"{move} occurrences over {window}"


def _entry(screen: Screen, pattern: Pattern, view: View) -> None:
    verdict = view.verdict(pattern.name)
    screen.line("Runbook entry:")
    if verdict.state is not State.PROMOTED or verdict.event:
        screen.line(f"  {safe(sentence(verdict.text))}")
    if verdict.standing is None or verdict.state is not State.PROMOTED:
        return
    for agent in verdict.standing.agents:
        path = paths.path_for(view.repo.root, view.config, agent).relative_to(view.repo.root)
        screen.line(f"  Location: {path}")
    screen.line(f"  Added: {day(verdict.standing.added)}")
