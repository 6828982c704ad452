"""``errata corrections``: corrections by type, by agent and by pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import click

from errata.commands import agent_names, corrections_list, options
from errata.commands import screen as ui
from errata.commands.layout import Column
from errata.commands.screen import START, Screen, plural, safe, sentence
from errata.commands.view import View, open_view
from errata.curation.handout import handout
from errata.curation.lookup import Known
from errata.curation.rows_filter import RowFilter
from errata.patterns.analysis import Analysis, analyse
from errata.patterns.facets import FacetCounts, Facets
from errata.records.instants import day, iso
from errata.records.model import DAY, CorrectionType, Kind

_TYPE_DESCRIPTIONS = {
    CorrectionType.CODE_QUALITY: "a bug or wrong logic was fixed",
    CorrectionType.CODE_COMPLETENESS: "something missing was added",
    CorrectionType.APPROACH_REJECTION: "the approach was rejected",
    CorrectionType.PREFERENCE_CONFLICT: "the person preferred another way",
    CorrectionType.EXPECTATION_MISMATCH: "the agent did something that nobody asked for",
    CorrectionType.COMMUNICATION_GAP: "the request was misunderstood",
}
_TOP, _DAYS = 10, 30
_TYPE_COLUMNS = Column(least=20, gap=1), Column(least=3, gap=1), Column(least=5), Column()
_AGENT_COLUMNS = Column(least=19, gap=1), Column(least=2, gap=3, right=True), Column()
_PATTERN_COLUMNS = Column(least=26, gap=1), Column(), Column()


@click.command(name="corrections")
@options.corrections_of
@click.option(
    "--analyze", is_flag=True, help="Show the patterns of the corrections and their confidence."
)
@click.option(
    "--list", "listing", is_flag=True, help="Each correction in one line, with its id and state."
)
@corrections_list.choices
@options.days("--since", "How far to look back (default: 30, or everything if that is nothing).")
@options.look_back
@options.output
def command(
    agent: str | None,
    kind: str | None,
    analyze: bool,
    listing: bool,
    since: int | None,
    as_of: int | None,
    form: str,
    **choices: Any,
) -> int:
    """Show the corrections that people made, by type and by agent.

    By default, these are the corrections of the last 30 days, or all of them if nobody corrected
    anything in these days. With --list, all of them are listed, also rejected ones.
    """
    view = open_view(as_of)
    if listing or any(choices.values()):
        corrections_list.show(view, form, since, agent=agent, kind=kind, **choices)
        ui.report_omitted(view.corpus, view.repo, view.future)
        return 0

    def accept(facets: Facets) -> bool:
        return (
            facets.kind is Kind.CORRECTION
            and agent in (None, facets.agent)
            and kind in (None, facets.correction_type)
        )

    # No trend is shown, so that earlier records are not needed.
    days: int | None = since or _DAYS
    accepted = view.corpus.filter(accept, after=view.now - (days or 0) * DAY)
    newest = accepted.occurrences.newest_until(view.until)
    if newest is None or (since is None and not view.is_recent(newest, _DAYS)):
        days = since
        accepted = view.corpus.filter(accept)
        newest = accepted.occurrences.newest_until(view.until)
    analysis = analyse(accepted, view.config, view.now, since=days, ahead=0)
    screen = Screen()
    types, agents = _counts(analysis)
    window = _window(view, analysis, days)
    nobody = "" if types else agent_names.not_corrected(agent, _corrected(view))
    if form == "json":
        answer = _json(analysis, view, days, types, agents)
        ui.print_json(answer | (_handout(view, agent, kind, since) if analyze else {}))
        agent_names.warn(nobody)
    elif nobody:
        screen.line(nobody)
    elif not types:
        _print_none(screen, view, newest, days, " that match" if agent or kind else "")
    elif analyze:
        _print_patterns(screen, analysis, view, window)
    else:
        _print_summary(screen, analysis, window, types, agents)
    ui.report_omitted(view.corpus, view.repo, view.future)
    return 0


def _corrected(view: View) -> Iterator[str]:
    """The agents of all corrections, an agent perhaps more than once."""
    facets = view.corpus.occurrences.facets
    return (item.agent for item in facets if item.kind is Kind.CORRECTION)


def _handout(view: View, agent: str | None, kind: str | None, since: int | None) -> dict[str, Any]:
    known = Known(view.corpus, view.standings)
    after = None if since is None else view.now - since * DAY
    return handout(known, RowFilter(known, agent=agent, kind=kind, after=after))


def _window(view: View, analysis: Analysis, days: int | None) -> str:
    """The window that is shown."""
    patterns = [*analysis.all()]
    if days is not None or not patterns:
        return view.window(days or _DAYS)
    return f"{day(min(p.first for p in patterns))} to {day(max(p.last for p in patterns))}"


def _print_none(
    screen: Screen, view: View, newest: int | None, days: int | None, filtered: str
) -> None:
    if newest is None:
        screen.line(f"No corrections{filtered}.")
        screen.line(f"{START}, or log one: `errata log correction --help`.")
        return
    screen.line(f"No corrections{filtered} in the {view.window(days or _DAYS)}.")
    screen.line(f"The newest is of {day(newest)}.")


def _counts(analysis: Analysis) -> tuple[Counter[CorrectionType], Counter[str]]:
    return analysis.counts("correction_types"), analysis.counts("corrected_agents")


def confidence_word(count: int) -> str:
    """The confidence in a pattern with so many corrections: low, medium or high."""
    return "high" if count >= 3 else "medium" if count == 2 else "low"


def _print_summary(
    screen: Screen,
    analysis: Analysis,
    window: str,
    types: Counter[CorrectionType],
    agents: Counter[str],
) -> None:
    total = types.total()
    screen.title(f"USER CORRECTIONS ({window})")
    screen.line(f"Total: {plural(total, 'correction')}")
    screen.line()
    screen.line("BY TYPE:", bold=True)
    order = list(CorrectionType)
    by_type = sorted(types.items(), key=lambda item: (-item[1], order.index(item[0])))
    screen.table(
        _TYPE_COLUMNS,
        [
            (kind, str(count), _share(count, total), _TYPE_DESCRIPTIONS[kind])
            for kind, count in by_type
        ],
        indent=2,
    )
    screen.line()
    screen.line("BY AGENT:", bold=True)
    by_agent = sorted(agents.items(), key=lambda item: (-item[1], item[0]))
    rows = [(safe(name), str(count), _share(count, total)) for name, count in by_agent]
    screen.table(_AGENT_COLUMNS, rows, indent=2)
    top = _by_count(analysis)
    if top:
        screen.line()
        screen.line("TOP INFERRED PATTERNS:", bold=True)
        rows = [
            (safe(name), plural(count, "occurrence"), f"({confidence_word(count)} confidence)")
            for name, count in top[:_TOP]
        ]
        screen.table(_PATTERN_COLUMNS, rows, indent=2)


def _share(count: int, total: int) -> str:
    return f"({round(100 * count / total)}%)"


def _by_count(analysis: Analysis) -> list[tuple[str, int]]:
    counts = [(pattern.name, pattern.count) for pattern in analysis.patterns.values()]
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def _print_patterns(screen: Screen, analysis: Analysis, view: View, window: str) -> None:
    screen.title(f"CORRECTION PATTERNS ({window})")
    for name, count in _by_count(analysis):
        pattern, whole = analysis.patterns[name], view.find(name)
        screen.line(safe(name), bold=True)
        within = "" if pattern.sessions == count else f" in {plural(pattern.sessions, 'session')}"
        screen.line(f"  {plural(count, 'correction')}{within}")
        screen.line(f"  In all: {ui.seen(whole)}, confidence {whole.confidence.shown:.2f}")
        screen.line(f"  Types: {_list(pattern.counts.correction_types)}")
        screen.line(f"  Agents: {_list(pattern.counts.corrected_agents)}")
        screen.line(f"  {safe(whole.description)}")
        screen.line(f"  {safe(sentence(view.verdict(name).text))}")
        screen.line()
    if analysis.unnamed:
        screen.line(f"Without a pattern: {analysis.unnamed.count}")
        screen.line("  `errata corrections --unnamed` lists them, `errata review` asks about each.")
        screen.line("  `/corrections --analyze`, typed to your agent, has it propose patterns.")


def _list(counts: Mapping[Any, int]) -> str:
    rows = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return ", ".join(f"{safe(str(name))} {count}" for name, count in rows)


def _json(
    analysis: Analysis,
    view: View,
    days: int | None,
    types: Counter[CorrectionType],
    agents: Counter[str],
) -> dict[str, Any]:
    def types_json(counts: FacetCounts) -> dict[str, int]:
        return {kind.value: count for kind, count in sorted(counts.correction_types.items())}

    return {
        "since_days": days,
        "as_of": iso(view.now),
        "total": types.total(),
        "by_type": {kind.value: types[kind] for kind in CorrectionType if types[kind]},
        "by_agent": dict(sorted(agents.items())),
        "patterns": [
            {
                "pattern": name,
                "count": count,
                "confidence": confidence_word(count),
                "types": types_json(analysis.patterns[name].counts),
                "occurrences": view.find(name).count,
                "promotion": view.verdict(name).to_json(),
            }
            for name, count in _by_count(analysis)
        ],
        "unnamed": analysis.unnamed.count if analysis.unnamed else 0,
    }
