"""``errata evolve``: analyse, promote, update the runbooks, and report what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from errata import learn
from errata.commands import agent_names, complete, options, place
from errata.commands import screen as ui
from errata.commands.layout import Cell, Column, cells
from errata.commands.screen import Screen, plural, safe
from errata.core.config import AGENT_NAME, Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.score import EPSILON, Trend
from errata.records.instants import clock, day
from errata.records.model import DAY, Kind
from errata.records.pattern_names import normal_name
from errata.runbooks import promotion_log
from errata.runbooks.paths import PROMOTION_LOG
from errata.runbooks.plan_evolve import EvolvePlan, plan_evolve
from errata.runbooks.promotions import EvolveScope, Verdict
from errata.runbooks.store import RunbookChange

_BANDS = (("HIGH", ">= 0.8", 0.8), ("MEDIUM", "0.6-0.8", 0.6), ("LOW", "< 0.6", -1.0))
_SHOWN = 50
_NAMED = 5
_BAND_COLUMNS = Column(least=16, gap=1), Column(least=12, gap=1), Column()


@click.command(name="evolve")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@options.days("--since", "Analyse only the last DAYS days.")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    callback=options.not_empty,
    help="Change only this agent's runbook.",
)
@click.option(
    "--pattern",
    metavar="NAME",
    shell_complete=complete.patterns,
    callback=options.not_empty,
    help="Decide only about this pattern.",
)
@click.option("--rebuild", is_flag=True, help="Overwrite generated blocks that were hand-edited.")
@options.look_back
@options.output
def command(
    dry_run: bool,
    since: int | None,
    agent: str | None,
    pattern: str | None,
    rebuild: bool,
    as_of: int | None,
    form: str,
) -> int:
    """Analyse the logs and bring runbooks up to date.

    Decisions and figures depend on the records alone, and are those of the newest one. With --as-of
    nothing changes where there are newer records: it shows what an evolve would have done then.
    """
    if agent is not None and not AGENT_NAME.match(agent):
        raise ErrataError(
            f"--agent: {agent!r} is not an agent name", "lower-case words, '-' between"
        )
    repo, config = place.with_logs()
    only = normal_name(pattern) if pattern else None
    scope = EvolveScope(since, agent, only, rebuild)
    plan, title = None, "DRY RUN: NOTHING IS CHANGED" if dry_run else "ANALYSIS COMPLETE"
    if dry_run or as_of is not None:
        code = Code(repo, config)
        plan = plan_evolve(repo, config, clock(), scope, write_cache=False, code=code, until=as_of)
        _refuse_unknown(plan, only)
        if as_of is not None and plan.corpus.later:
            dry_run, title = True, f"AS OF {day(as_of)}: NOTHING IS CHANGED"
    if plan is None or not dry_run:
        plan = learn.update(
            repo,
            config,
            max(as_of or 0, clock()),
            scope,
            on_flush=lambda moved: _report_flush(moved, config),
            on_plan=lambda plan: _refuse_unknown(plan, only),
        )
    today = clock() if as_of is None else as_of
    analysis = _analysis(plan, config, since)
    if form == "json":
        ui.print_json(_json(analysis, plan, dry_run, repo, config))
    else:
        _Report(Screen(), plan, analysis, dry_run, title, only, today).print(repo.root)
    agent_names.warn(agent_names.unknown(agent, repo, config, plan.corpus))
    for number in plan.invalid_events:
        click.echo(f"{config.paths.patterns}/{PROMOTION_LOG}:{number}: invalid; ignored", err=True)
    left_out = ui.report_omitted(plan.corpus, repo, _future(analysis, plan))
    return 1 if left_out or plan.invalid_events else 0


def _analysis(plan: EvolvePlan, config: Config, since: int | None) -> Analysis | None:
    """What to show: everything that was decided about, or only the last ``since`` days."""
    if plan.decided is None or since is None:
        return plan.decided
    return analyse(plan.corpus, config, plan.decided.windows.now, since=since, ahead=0)


def _future(analysis: Analysis | None, plan: EvolvePlan) -> int:
    return plan.corpus.future + (analysis.future if analysis else 0)


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
        analysis: the patterns to show, as of the newest record; None without records.
        only: the one pattern to show; None for all.
        today: the moment of --as-of, or the current one.
    """

    screen: Screen
    plan: EvolvePlan
    analysis: Analysis | None
    dry_run: bool
    title: str
    only: str | None
    today: int

    def print(self, root: Path) -> None:
        if self.analysis is None:
            ui.print_no_data(self.screen, "findings, learnings or corrections")
            return
        self._print_counts(self.analysis)
        patterns = [p for p in self.analysis.patterns.values() if self._is_shown(p.name)]
        self._print_bands(patterns)
        self._print_held_back(patterns)
        trends = self._trend_lines(patterns, self.analysis.windows.days)
        _print_list(self.screen, "TRENDS:", trends, "errata trends")
        changes = [change for change in self.plan.files if change.changed]
        if trends and changes:
            self.screen.line()
        self._print_changes(changes, root)

    def _is_shown(self, name: str) -> bool:
        return self.only in (None, name)

    def _print_counts(self, analysis: Analysis) -> None:
        screen = self.screen
        screen.title(self.title)
        kinds = analysis.counts("kinds")
        screen.line(f"Findings analyzed: {kinds[Kind.FINDING]}")
        screen.line(f"Session learnings: {kinds[Kind.LEARNING]}")
        for kind, label in ((Kind.CORRECTION, "User corrections"), (Kind.INCIDENT, "Incidents")):
            if kinds[kind]:
                screen.line(f"{label}: {kinds[kind]}")
        screen.line(f"Patterns identified: {len(analysis.patterns)}")
        if analysis.unnamed:
            screen.line(f"Records without a pattern: {analysis.unnamed.count}")
        newest = analysis.windows.now
        if newest <= self.today - analysis.windows.days * DAY:
            screen.line(f"Newest record: {day(newest)}; all figures are as of then")
        shown = [p for p in analysis.patterns.values() if self._is_shown(p.name) and p.current]
        if any(p.current != p.count for p in shown):
            screen.line(f"Occurrences: those of the last {analysis.windows.days} days")
        screen.line()

    def _print_bands(self, patterns: list[Pattern]) -> None:
        new = {event.pattern for event in self.plan.events}
        is_quiet = not any(p.current for p in patterns)
        new |= {p.name for p in patterns if p.current or is_quiet or self._is_promoted(p.name)}
        listed = [p for p in patterns if p.name in new]
        listed.sort(key=lambda p: (-p.current, p.name))
        width = max((cells(safe(p.name)) for p in listed), default=0)
        columns = Column(least=max(26, width)), *_BAND_COLUMNS
        for title, band in _bands(listed):
            self.screen.line(f"{title}:", bold=True)
            rows = [self._band_row(pattern) for pattern in band[:_SHOWN]]
            self.screen.table(columns, rows, indent=2)
            _print_more(self.screen, len(band), "errata patterns --all")
            self.screen.line()

    def _band_row(self, pattern: Pattern) -> tuple[str, str, Cell, Cell]:
        current = plural(pattern.current, "occurrence")
        in_all = f"{pattern.count} in all" if pattern.count else "not seen yet"
        count = f"[{current if pattern.current else in_all}]"
        trend = ui.trend_cell(pattern.trend)
        outcome = f"{self.screen.symbols.arrow} {self._outcome(pattern)}"
        style: dict[str, Any] = {"fg": "green"} if self._is_promoted(pattern.name) else {}
        return safe(pattern.name), count, Cell(f"[{trend.text}]", trend.style), Cell(outcome, style)

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
            why = safe(self._verdict(pattern).why_retired)
            return f"Archived ({', '.join(standing.agents)}): {why}"
        new = any(event.pattern == pattern.name for event in self.plan.events)
        verb = "Would promote to" if new and self.dry_run else "Promoted to"
        return f"{verb}: {', '.join(standing.agents)}"

    def _refusal(self, pattern: Pattern) -> str:
        verdict = self._verdict(pattern)
        unmet = {reason.name for reason in verdict.decision.unmet}
        is_few = "occurrences" in unmet and unmet <= {"occurrences", "sessions", "confidence"}
        return f"Not promoted ({'below threshold' if is_few else safe(verdict.why)})"

    def _verdict(self, pattern: Pattern) -> Verdict:
        assert self.plan.promotions is not None, "there are patterns"
        return self.plan.promotions.verdict(pattern.name)

    def _print_held_back(self, patterns: list[Pattern]) -> None:
        """Print one line about patterns whose records come from too few sessions."""
        names = [
            safe(pattern.name)
            for pattern in patterns
            if pattern.name not in self.plan.standings and self._verdict(pattern).decision.held_back
        ]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self.screen.line(
                "HELD BACK, because a session or a minute counts once: "
                f"{', '.join(names[:_NAMED])}{more} (see `errata explain NAME`)"
            )
            self.screen.line()

    def _trend_lines(self, patterns: list[Pattern], days: int) -> list[str]:
        symbols = self.screen.symbols
        lines = []
        for trend, symbol, text in (
            (Trend.INCREASING, symbols.up, "(was {previous}, now {current})"),
            (Trend.REGRESSED, symbols.up, "(none in the {days} days before, now {current})"),
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


def _bands(patterns: Sequence[Pattern]) -> Iterator[tuple[str, list[Pattern]]]:
    """The patterns by confidence, each band that is not empty with its title.

    What nobody has seen has no confidence: somebody wrote it. What a person pinned, or put into
    words, is taught whatever its confidence.
    """
    if written := [p for p in patterns if not p.count]:
        yield "WRITTEN, NOT SEEN YET", written
    if decided := [p for p in patterns if p.count and p.curated.pinned]:
        yield "DECIDED BY PEOPLE", decided
    upper = 2.0
    for title, limits, lower in _BANDS:
        seen = (p for p in patterns if p.count and not p.curated.pinned)
        if band := [p for p in seen if lower <= p.confidence.value + EPSILON < upper]:
            yield f"{title} CONFIDENCE ({limits})", band
        upper = lower


def _print_list(screen: Screen, title: str, lines: list[str], command: str) -> None:
    """A title and the first lines; nothing without lines."""
    if lines:
        screen.line(title, bold=True)
    for line in lines[:_SHOWN]:
        screen.line(line)
    _print_more(screen, len(lines), command)


def _print_more(screen: Screen, number: int, command: str) -> None:
    if number > _SHOWN:
        screen.line(f"  ... and {number - _SHOWN} more (`{command}`)")


def _why(plan: EvolvePlan, name: str) -> str | None:
    """Why a pattern is in no runbook; None if it is in one."""
    assert plan.promotions is not None, "there are patterns"
    standing, verdict = plan.standings.get(name), plan.promotions.verdict(name)
    if standing is None:
        return verdict.why
    return verdict.why_retired if standing.archived else None


def _json(
    analysis: Analysis | None, plan: EvolvePlan, dry_run: bool, repo: Repository, config: Config
) -> dict[str, Any]:
    from errata.patterns import registry

    kinds = analysis.counts("kinds") if analysis else Counter[Kind]()
    patterns = analysis.patterns.items() if analysis else ()
    return {
        "dry_run": dry_run,
        "analyzed": {kind.value: kinds[kind] for kind in Kind},
        "unnamed": analysis.unnamed.count if analysis and analysis.unnamed else 0,
        "future": _future(analysis, plan),
        "rejected": len(plan.corpus.rejected),
        "patterns": [
            {
                **registry.entry(pattern, *promotion_log.status(config, plan.standings.get(name))),
                "why": _why(plan, name),
            }
            for name, pattern in patterns
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
