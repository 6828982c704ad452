"""``errata evolve``: analyse, promote, update the runbooks, and report what changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from errata import learn
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.core.config import AGENT_NAME, Config, load
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.score import EPSILON, Trend
from errata.records.instants import clock, day
from errata.records.model import Kind
from errata.records.pattern_names import normal_name
from errata.runbooks import promotion_log
from errata.runbooks.paths import PROMOTION_LOG
from errata.runbooks.planning import EvolvePlan, EvolveScope, plan_evolve
from errata.runbooks.promote import decide

_BANDS = (("HIGH", ">= 0.8", 0.8), ("MEDIUM", "0.6-0.8", 0.6), ("LOW", "< 0.6", -1.0))
_SHOWN = 50
_NAMED = 5


@click.command(name="evolve")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@ui.days("--since", "Analyse only the last DAYS days.")
@click.option("--agent", metavar="NAME", help="Change only this agent's runbook.")
@click.option("--pattern", metavar="NAME", help="Decide only about this pattern.")
@click.option("--rebuild", is_flag=True, help="Overwrite generated blocks that were hand-edited.")
@ui.as_of
@ui.output
def command(
    dry_run: bool,
    since: int | None,
    agent: str | None,
    pattern: str | None,
    rebuild: bool,
    as_of: int,
    form: str,
) -> int:
    """Analyse the logs and bring runbooks up to date.

    Decisions depend on the records alone, and are made as of the newest one. Figures are shown as
    of now, or --as-of.
    """
    if agent is not None and not AGENT_NAME.match(agent):
        raise ErrataError(
            f"--agent: {agent!r} is not an agent name", "lower-case words, '-' between"
        )
    repo = Repository.discover()
    config = load(repo.root)
    only = normal_name(pattern) if pattern else None
    scope = EvolveScope(since, agent, only, rebuild)
    # --as-of moves the view. It never hides a record from what is written: looking back must not
    # take runbooks back.
    limit = max(as_of, clock())
    if dry_run:
        plan = plan_evolve(repo, config, limit, scope, write_cache=False)
        _refuse_unknown(plan, only)
    else:
        plan = learn.update(
            repo,
            config,
            limit,
            scope,
            on_flush=lambda moved: _report_flush(moved, config),
            on_plan=lambda plan: _refuse_unknown(plan, only),
        )
    analysis = analyse(plan.corpus, config, as_of, since=since)
    if form == "json":
        ui.print_json(_json(analysis, plan, dry_run, repo, config))
    else:
        _text(Screen(), analysis, plan, repo, dry_run, only)
    for number in plan.invalid_events:
        click.echo(f"{config.paths.patterns}/{PROMOTION_LOG}:{number}: invalid; ignored", err=True)
    left_out = ui.report_omitted(plan.corpus, repo, analysis.future)
    return 1 if left_out or plan.invalid_events else 0


def _report_flush(moved: int, config: Config) -> None:
    click.echo(f"{plural(moved, 'correction')} moved to {config.logs.corrections}", err=True)


def _refuse_unknown(plan: EvolvePlan, pattern: str | None) -> None:
    if pattern and plan.decided:
        ui.find(plan.decided, pattern)


def _text(
    screen: Screen,
    analysis: Analysis,
    plan: EvolvePlan,
    repo: Repository,
    dry_run: bool,
    only: str | None,
) -> None:
    if plan.decided is None:
        ui.print_no_data(screen, "findings, learnings or corrections")
        return
    screen.title("DRY RUN: NOTHING IS CHANGED" if dry_run else "ANALYSIS COMPLETE")
    kinds = analysis.kinds()
    screen.line(f"Findings analyzed: {kinds[Kind.FINDING]}")
    screen.line(f"Session learnings: {kinds[Kind.LEARNING]}")
    for kind, label in ((Kind.CORRECTION, "User corrections"), (Kind.INCIDENT, "Incidents")):
        if kinds[kind]:
            screen.line(f"{label}: {kinds[kind]}")
    screen.line(f"Patterns identified: {len(analysis.patterns)}")
    if analysis.unnamed:
        screen.line(f"Records without a pattern: {analysis.unnamed.count}")
    newest = plan.decided.windows.now
    if newest <= analysis.windows.start:
        screen.line(f"Newest record: {day(newest)} (try --as-of {day(newest)})")
    screen.line()
    patterns = [p for p in analysis.patterns.values() if only in (None, p.name)]
    _bands(screen, patterns, plan, dry_run)
    _held_back(screen, plan, only)
    if _trends(screen, patterns, analysis.windows.days, plan):
        screen.line()
    _runbooks(screen, plan, repo, dry_run)


def _bands(screen: Screen, patterns: list[Pattern], plan: EvolvePlan, dry_run: bool) -> None:
    new = {event.pattern for event in plan.events}
    listed = [p for p in patterns if p.current or p.name in new or _promoted(plan, p.name)]
    listed.sort(key=lambda p: (-p.current, p.name))
    width = max((len(p.name) + 2 for p in listed), default=0)
    above = 2.0
    for title, limits, least in _BANDS:
        band = [p for p in listed if least <= p.confidence.value + EPSILON < above]
        above = least
        if not band:
            continue
        screen.line(f"{title} CONFIDENCE ({limits}):", bold=True)
        for pattern in band[:_SHOWN]:
            count = f"[{plural(pattern.current, 'occurrence')}]"
            screen.line(
                f"  {safe(pattern.name):<{max(width, 28)}}{count:<17}{f'[{pattern.trend}]':<13}"
                f"{screen.symbols.arrow} {_outcome(pattern, plan, dry_run)}"
            )
        if len(band) > _SHOWN:
            screen.line(f"  ... and {len(band) - _SHOWN} more (`errata patterns --all`)")
        screen.line()


def _held_back(screen: Screen, plan: EvolvePlan, only: str | None) -> None:
    """One line on the patterns whose records come from too few sessions."""
    assert plan.decided is not None
    now = plan.decided.windows.now
    names = [
        safe(name)
        for name, pattern in plan.decided.patterns.items()
        if only in (None, name)
        and name not in plan.standings
        and decide(pattern, plan.rules, now).held_back
    ]
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        screen.line(
            f"HELD BACK, as one session or minute counts once: {', '.join(names[:_NAMED])}{more} "
            "(see `errata explain NAME`)"
        )
        screen.line()


def _promoted(plan: EvolvePlan, name: str) -> bool:
    standing = plan.standings.get(name)
    return standing is not None and not standing.archived


def _outcome(pattern: Pattern, plan: EvolvePlan, dry_run: bool) -> str:
    standing = plan.standings.get(pattern.name)
    if standing is None:
        return _refusal(pattern, plan)
    if standing.archived:
        return f"Archived ({', '.join(standing.agents)})"
    new = any(event.pattern == pattern.name for event in plan.events)
    verb = "Would promote to" if new and dry_run else "Promoted to"
    return f"{verb}: {', '.join(standing.agents)}"


def _refusal(pattern: Pattern, plan: EvolvePlan) -> str:
    assert plan.decided is not None
    pattern = plan.decided.patterns.get(pattern.name, pattern)
    decision = decide(pattern, plan.rules, plan.decided.windows.now)
    if decision.held_back:
        return f"Not promoted ({ui.seen(pattern)})"
    unmet = {reason.name: reason.detail for reason in decision.unmet}
    if unmet.keys() & {"occurrences", "sessions", "confidence"}:
        return "Not promoted (below threshold)"
    details = ", ".join(safe(detail) for detail in unmet.values())
    return f"Not promoted ({details})" if unmet else "Not promoted"


def _trends(screen: Screen, patterns: list[Pattern], days: int, plan: EvolvePlan) -> bool:
    signs = screen.symbols
    lines = []
    for trend, sign, text in (
        (Trend.INCREASING, signs.up, "(was {previous}, now {current})"),
        (Trend.REGRESSED, signs.up, "(was resolved, now {current})"),
        (Trend.DECREASING, signs.down, "(was {previous}, now {current})"),
        (Trend.RESOLVED, signs.check, "(no occurrences in {days} days)"),
    ):
        for pattern in sorted(patterns, key=lambda p: (-p.current - p.previous, p.name)):
            standing = plan.standings.get(pattern.name)
            if pattern.trend is trend and not (standing and standing.archived):
                figures = text.format(previous=pattern.previous, current=pattern.current, days=days)
                lines.append(f"  {sign}{trend.upper()}: {safe(pattern.name)} {figures}")
    if lines:
        screen.line("TRENDS:", bold=True)
        for line in lines[:_SHOWN]:
            screen.line(line)
        if len(lines) > _SHOWN:
            screen.line(f"  ... and {len(lines) - _SHOWN} more (`errata trends`)")
    return bool(lines) and any(change.changed for change in plan.changes)


def _runbooks(screen: Screen, plan: EvolvePlan, repo: Repository, dry_run: bool) -> None:
    changed = [change for change in plan.changes if change.changed]
    if not changed:
        return
    screen.line("RUNBOOKS TO CHANGE:" if dry_run else "RUNBOOKS CHANGED:", bold=True)
    for change in changed:
        screen.line(f"  {change.path.relative_to(repo.root)}")
        for sign, names in (("+", change.added), ("-", change.removed), ("~", change.updated)):
            _names(screen, sign, names)


def _names(screen: Screen, sign: str, names: Iterable[str]) -> None:
    for name in names:
        screen.line(f"    {sign} {safe(name)}")


def _json(
    analysis: Analysis, plan: EvolvePlan, dry_run: bool, repo: Repository, config: Config
) -> dict[str, Any]:
    from errata.patterns import registry

    kinds = analysis.kinds()
    return {
        "dry_run": dry_run,
        "analyzed": {kind.value: kinds[kind] for kind in Kind},
        "unnamed": analysis.unnamed.count if analysis.unnamed else 0,
        "future": analysis.future,
        "rejected": len(analysis.rejected),
        "patterns": [
            registry.entry(pattern, *promotion_log.status(config, plan.standings.get(name)))
            for name, pattern in analysis.patterns.items()
        ],
        "events": [event.to_record() for event in plan.events],
        "runbooks": [
            {
                "path": str(change.path.relative_to(repo.root)),
                "changed": change.changed,
                "added": list(change.added),
                "removed": list(change.removed),
                "updated": list(change.updated),
            }
            for change in plan.changes
        ],
    }
