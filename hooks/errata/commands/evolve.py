"""``errata evolve``: analyse, promote, update the runbooks, and report what changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from errata import learn
from errata.commands import complete, options
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.core.config import AGENT_NAME, Config, load
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.score import EPSILON, Trend
from errata.records.instants import clock, day
from errata.records.model import Kind
from errata.records.pattern_names import normal_name
from errata.runbooks import promotion_log
from errata.runbooks.paths import PROMOTION_LOG
from errata.runbooks.plan_evolve import EvolvePlan, EvolveScope, plan_evolve
from errata.runbooks.promote import decide
from errata.runbooks.store import RunbookChange

_BANDS = (("HIGH", ">= 0.8", 0.8), ("MEDIUM", "0.6-0.8", 0.6), ("LOW", "< 0.6", -1.0))
_SHOWN = 50
_NAMED = 5


@click.command(name="evolve")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@options.days("--since", "Analyse only the last DAYS days.")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    help="Change only this agent's runbook.",
)
@click.option(
    "--pattern",
    metavar="NAME",
    shell_complete=complete.patterns,
    help="Decide only about this pattern.",
)
@click.option("--rebuild", is_flag=True, help="Overwrite generated blocks that were hand-edited.")
@options.as_of
@options.output
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
        plan = plan_evolve(repo, config, limit, scope, write_cache=False, code=Code(repo, config))
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
    as_of = ui.moment(plan.corpus, as_of, since or config.evolve.window_days, form)
    analysis = analyse(plan.corpus, config, as_of, since=since)
    if form == "json":
        ui.print_json(_json(analysis, plan, dry_run, repo, config))
    else:
        _Report(Screen(), plan, analysis, dry_run, only).print(repo.root)
    for number in plan.invalid_events:
        click.echo(f"{config.paths.patterns}/{PROMOTION_LOG}:{number}: invalid; ignored", err=True)
    left_out = ui.report_omitted(plan.corpus, repo, analysis.future)
    return 1 if left_out or plan.invalid_events else 0


def _report_flush(moved: int, config: Config) -> None:
    click.echo(f"{plural(moved, 'correction')} moved to {config.logs.corrections}", err=True)


def _refuse_unknown(plan: EvolvePlan, pattern: str | None) -> None:
    if pattern and plan.decided:
        ui.find(plan.decided, pattern)


@dataclass(frozen=True)
class _Report:
    """Prints the result of an evolve.

    Attributes:
        plan: what was decided, as of the newest record.
        analysis: the patterns to show, as of the moment to show.
        only: the one pattern to show; None for all.
    """

    screen: Screen
    plan: EvolvePlan
    analysis: Analysis
    dry_run: bool
    only: str | None

    def print(self, root: Path) -> None:
        if self.plan.decided is None:
            ui.print_no_data(self.screen, "findings, learnings or corrections")
            return
        self._print_counts(self.plan.decided.windows.now)
        patterns = [p for p in self.analysis.patterns.values() if self._is_shown(p.name)]
        self._print_bands(patterns)
        self._print_held_back(self.plan.decided)
        trends = self._trend_lines(patterns)
        _print_list(self.screen, "TRENDS:", trends, "errata trends")
        changes = [change for change in self.plan.files if change.changed]
        if trends and changes:
            self.screen.line()
        self._print_changes(changes, root)

    def _is_shown(self, name: str) -> bool:
        return self.only in (None, name)

    def _print_counts(self, newest: int) -> None:
        screen, analysis = self.screen, self.analysis
        screen.title("DRY RUN: NOTHING IS CHANGED" if self.dry_run else "ANALYSIS COMPLETE")
        kinds = analysis.kinds()
        screen.line(f"Findings analyzed: {kinds[Kind.FINDING]}")
        screen.line(f"Session learnings: {kinds[Kind.LEARNING]}")
        for kind, label in ((Kind.CORRECTION, "User corrections"), (Kind.INCIDENT, "Incidents")):
            if kinds[kind]:
                screen.line(f"{label}: {kinds[kind]}")
        screen.line(f"Patterns identified: {len(analysis.patterns)}")
        if analysis.unnamed:
            screen.line(f"Records without a pattern: {analysis.unnamed.count}")
        if newest <= analysis.windows.start:
            screen.line(f"Newest record: {day(newest)} (try --as-of {day(newest)})")
        screen.line()

    def _print_bands(self, patterns: list[Pattern]) -> None:
        new = {event.pattern for event in self.plan.events}
        listed = [p for p in patterns if p.current or p.name in new or self._is_promoted(p.name)]
        listed.sort(key=lambda p: (-p.current, p.name))
        width = max(28, *(len(p.name) + 2 for p in listed), 0)
        upper = 2.0
        for title, limits, lower in _BANDS:
            band = [p for p in listed if lower <= p.confidence.value + EPSILON < upper]
            upper = lower
            heading = f"{title} CONFIDENCE ({limits}):"
            lines = [self._band_line(pattern, width) for pattern in band]
            _print_list(self.screen, heading, lines, "errata patterns --all")
            if band:
                self.screen.line()

    def _band_line(self, pattern: Pattern, width: int) -> str:
        count = f"[{plural(pattern.current, 'occurrence')}]"
        return (
            f"  {safe(pattern.name):<{width}}{count:<17}{f'[{pattern.trend}]':<13}"
            f"{self.screen.symbols.arrow} {self._outcome(pattern)}"
        )

    def _is_promoted(self, name: str) -> bool:
        standing = self.plan.standings.get(name)
        return standing is not None and not standing.archived

    def _is_archived(self, name: str) -> bool:
        standing = self.plan.standings.get(name)
        return standing is not None and standing.archived

    def _outcome(self, pattern: Pattern) -> str:
        standing = self.plan.standings.get(pattern.name)
        if standing is None:
            return self._refusal(pattern)
        if standing.archived:
            why = f": {safe(standing.reason)}" if standing.reason else ""
            return f"Archived ({', '.join(standing.agents)}){why}"
        new = any(event.pattern == pattern.name for event in self.plan.events)
        verb = "Would promote to" if new and self.dry_run else "Promoted to"
        return f"{verb}: {', '.join(standing.agents)}"

    def _refusal(self, shown: Pattern) -> str:
        assert self.plan.decided is not None
        pattern = self.plan.decided.patterns.get(shown.name, shown)
        decision = decide(pattern, self.plan.rules, self.plan.decided.windows.now)
        if decision.held_back:
            return f"Not promoted ({ui.seen(pattern)})"
        unmet = {reason.name: reason.detail for reason in decision.unmet}
        if unmet.keys() & {"occurrences", "sessions", "confidence"}:
            return "Not promoted (below threshold)"
        details = ", ".join(safe(detail) for detail in unmet.values())
        return f"Not promoted ({details})" if unmet else "Not promoted"

    def _print_held_back(self, decided: Analysis) -> None:
        """Print one line about patterns whose records come from too few sessions."""
        names = [
            safe(name)
            for name, pattern in decided.patterns.items()
            if self._is_shown(name)
            and name not in self.plan.standings
            and decide(pattern, self.plan.rules, decided.windows.now).held_back
        ]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self.screen.line(
                "HELD BACK, because a session or a minute counts once: "
                f"{', '.join(names[:_NAMED])}{more} (see `errata explain NAME`)"
            )
            self.screen.line()

    def _trend_lines(self, patterns: list[Pattern]) -> list[str]:
        symbols, days = self.screen.symbols, self.analysis.windows.days
        lines = []
        for trend, symbol, text in (
            (Trend.INCREASING, symbols.up, "(was {previous}, now {current})"),
            (Trend.REGRESSED, symbols.up, "(was resolved, now {current})"),
            (Trend.DECREASING, symbols.down, "(was {previous}, now {current})"),
            (Trend.RESOLVED, symbols.check, "(no occurrences in {days} days)"),
        ):
            for pattern in sorted(patterns, key=lambda p: (-p.current - p.previous, p.name)):
                if pattern.trend is trend and not self._is_archived(pattern.name):
                    counts = {"previous": pattern.previous, "current": pattern.current}
                    figures = text.format(**counts, days=days)
                    lines.append(f"  {symbol}{trend.upper()}: {safe(pattern.name)} {figures}")
        return lines

    def _print_changes(self, changes: list[RunbookChange], root: Path) -> None:
        if changes:
            title = "RUNBOOKS TO CHANGE:" if self.dry_run else "RUNBOOKS CHANGED:"
            self.screen.line(title, bold=True)
        for change in changes:
            self.screen.line(f"  {change.path.relative_to(root)}")
            for sign, names in (("+", change.added), ("-", change.removed), ("~", change.updated)):
                for name in names:
                    self.screen.line(f"    {sign} {safe(name)}")


def _print_list(screen: Screen, title: str, lines: list[str], command: str) -> None:
    """A title and the first lines; nothing without lines."""
    if lines:
        screen.line(title, bold=True)
    for line in lines[:_SHOWN]:
        screen.line(line)
    if len(lines) > _SHOWN:
        screen.line(f"  ... and {len(lines) - _SHOWN} more (`{command}`)")


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
            for change in plan.files
        ],
    }
