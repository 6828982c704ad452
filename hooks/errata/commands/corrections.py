"""``errata corrections``: corrections by type, by agent and by pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from errata.commands import complete, options
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.patterns.analysis import Analysis, analyse
from errata.patterns.facets import FacetCounts, Facets
from errata.records.model import DAY, CorrectionType, Kind
from errata.runbooks import promote

_TYPE_DESCRIPTIONS = {
    CorrectionType.CODE_QUALITY: "a bug or wrong logic was fixed",
    CorrectionType.CODE_COMPLETENESS: "something missing was added",
    CorrectionType.APPROACH_REJECTION: "the approach was rejected",
    CorrectionType.PREFERENCE_CONFLICT: "the person preferred another way",
    CorrectionType.EXPECTATION_MISMATCH: "the agent did something that nobody asked for",
    CorrectionType.COMMUNICATION_GAP: "the request was misunderstood",
}
_TOP = 10


@click.command(name="corrections")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    help="Only corrections of this agent.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice([t.value for t in CorrectionType]),
    help="Only corrections of this type.",
)
@click.option(
    "--analyze", is_flag=True, help="Show the patterns of the corrections and their confidence."
)
@options.days("--since", "How far to look back.", default=30)
@options.as_of
@options.output
def command(
    agent: str | None, kind: str | None, analyze: bool, since: int, as_of: int, form: str
) -> int:
    """Show the corrections that people made, by type and by agent."""
    repo, config, corpus = ui.open_corpus()

    as_of = ui.moment(corpus, as_of, since, form)

    def accept(facets: Facets) -> bool:
        return (
            facets.kind is Kind.CORRECTION
            and agent in (None, facets.agent)
            and kind in (None, facets.correction_type)
        )

    # No trend is shown, so that earlier records are not needed.
    recent = corpus.filter(accept, after=as_of - since * DAY)
    analysis = analyse(recent, config, as_of, since=since)
    screen = Screen()
    types, agents = _counts(analysis)
    if form == "json":
        ui.print_json(_json(analysis, since, types, agents))
    elif not types:
        filtered = " that match" if agent or kind else ""
        screen.line(f"No corrections{filtered} in the last {since} days.")
        screen.line("They come from the post-commit hook, or from `errata log correction --help`.")
    elif analyze:
        _print_patterns(screen, analysis, since, config.evolve.min_occurrences, config.evolve)
    else:
        _print_summary(screen, analysis, since, types, agents)
    ui.report_omitted(corpus, repo, analysis.future)
    return 0


def _counts(analysis: Analysis) -> tuple[Counter[CorrectionType], Counter[str]]:
    types: Counter[CorrectionType] = Counter()
    agents: Counter[str] = Counter()
    for pattern in analysis.all():
        types.update(pattern.counts.correction_types)
        agents.update(pattern.counts.corrected_agents)
    return types, agents


def confidence_word(count: int) -> str:
    """The confidence in a pattern with so many corrections: low, medium or high."""
    return "high" if count >= 3 else "medium" if count == 2 else "low"


def _print_summary(
    screen: Screen,
    analysis: Analysis,
    since: int,
    types: Counter[CorrectionType],
    agents: Counter[str],
) -> None:
    total = types.total()
    screen.title(f"USER CORRECTIONS (last {since} days)")
    screen.line(f"Total: {plural(total, 'correction')}")
    screen.line()
    screen.line("BY TYPE:", bold=True)
    order = list(CorrectionType)
    for kind, count in sorted(types.items(), key=lambda item: (-item[1], order.index(item[0]))):
        share = f"({round(100 * count / total)}%)"
        screen.line(f"  {kind:<20} {count:<4}{share:<5}  {_TYPE_DESCRIPTIONS[kind]}")
    screen.line()
    screen.line("BY AGENT:", bold=True)
    width = max(19, *(len(name) for name in agents)) + 1
    digits = max(2, len(str(total)))
    for name, count in sorted(agents.items(), key=lambda item: (-item[1], item[0])):
        share = f"({round(100 * count / total)}%)"
        screen.line(f"  {safe(name):<{width}}{count:>{digits}}   {share}")
    top = _by_count(analysis)
    if top:
        screen.line()
        screen.line("TOP INFERRED PATTERNS:", bold=True)
        width = max(26, *(len(name) + 2 for name, _ in top))
        for name, count in top[:_TOP]:
            count_text = plural(count, "occurrence")
            screen.line(
                f"  {safe(name):<{width}} {count_text}  ({confidence_word(count)} confidence)"
            )


def _by_count(analysis: Analysis) -> list[tuple[str, int]]:
    counts = [(pattern.name, pattern.count) for pattern in analysis.patterns.values()]
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def _print_patterns(screen: Screen, analysis: Analysis, since: int, least: int, rules: Any) -> None:
    screen.title(f"CORRECTION PATTERNS (last {since} days)")
    for name, count in _by_count(analysis):
        pattern = analysis.patterns[name]
        decision = promote.decide(pattern, rules, analysis.windows.now)
        verdict = (
            f"not met: {decision.unmet_text}" if decision.unmet else "enough to promote by itself"
        )
        screen.line(safe(name), bold=True)
        within = "" if pattern.sessions == count else f" in {plural(pattern.sessions, 'session')}"
        figures = f"{plural(count, 'correction')}{within}"
        screen.line(f"  {figures}, confidence {pattern.confidence.shown:.2f}")
        screen.line(f"  Types: {_list(pattern.counts.correction_types)}")
        screen.line(f"  Agents: {_list(pattern.counts.corrected_agents)}")
        screen.line(f"  {safe(pattern.description)}")
        screen.line(
            f"  {verdict[0].upper()}{verdict[1:]} (needs {least} occurrences in all sources)"
        )
        screen.line()
    if analysis.unnamed:
        screen.line(f"Without a pattern: {analysis.unnamed.count}")


def _list(counts: Mapping[Any, int]) -> str:
    rows = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return ", ".join(f"{safe(str(name))} {count}" for name, count in rows)


def _json(
    analysis: Analysis, since: int, types: Counter[CorrectionType], agents: Counter[str]
) -> dict[str, Any]:
    def types_json(counts: FacetCounts) -> dict[str, int]:
        return {kind.value: count for kind, count in sorted(counts.correction_types.items())}

    return {
        "since_days": since,
        "total": types.total(),
        "by_type": {kind.value: types[kind] for kind in CorrectionType if types[kind]},
        "by_agent": dict(sorted(agents.items())),
        "patterns": [
            {
                "pattern": name,
                "count": count,
                "confidence": confidence_word(count),
                "types": types_json(analysis.patterns[name].counts),
            }
            for name, count in _by_count(analysis)
        ],
        "unnamed": analysis.unnamed.count if analysis.unnamed else 0,
    }
