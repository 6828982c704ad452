"""Put a report together from what was read of a repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from errata.corrections.backfill import Backfill
from errata.corrections.correction import Correction
from errata.corrections.line_lifetimes import CommitLines
from errata.lessons.agent_work import AgentWork
from errata.lessons.corrected_commits import read_corrected
from errata.lessons.outcome_counts import OutcomeCounts
from errata.outcomes.outcome import ranked, together_text
from errata.records.instants import day
from errata.report import lessons, people, rates
from errata.report.model import Report, Survival, SurvivalRow
from errata.report.survival import Cluster, kaplan_meier, log_rank
from errata.runbooks.plan_evolve import EvolvePlan

_MOST_AGENTS = 8
_FEWEST_LINES, _FEWEST_COMMITS = 100, 10
"""An agent with fewer lines, or fewer commits, has no curve of its own."""


@dataclass(frozen=True, slots=True)
class Material:
    """What was read.

    Attributes:
        name: of the repository.
        search: the pass over the history.
        corrections: that it found.
        lines: what became of the lines of each commit.
        plan: what the logs, with these corrections, teach.
        paths: the files that are there now.
        window_days: the length of a window of trends.
        outcomes: name of a lesson -> what agents repeated of it.
    """

    name: str
    tip: str
    search: Backfill
    work: AgentWork
    corrections: Sequence[Correction]
    lines: Iterable[CommitLines]
    plan: EvolvePlan
    paths: frozenset[str]
    window_days: int
    outcomes: Mapping[str, OutcomeCounts]


def report_of(material: Material, *, with_names: bool = False) -> Report:
    """The report.

    Args:
        with_names: whether people are named.
    """
    search, plan = material.search, material.plan
    corrected = read_corrected(plan.corpus)
    rows = rates.rows_of(material.work, search.agents, corrected)
    # A clock that was wrong does not add years without work.
    newest = day(material.work.newest)[:7]
    rows = [row if row.month <= newest else replace(row, month=newest) for row in rows]
    heat, heat_months = rates.heat(rows, material.paths)
    curation = plan.corpus.curation
    accepted = [
        replace(each, type=curation.type_of(each.id) or each.type)
        for each in material.corrections
        if not curation.is_rejected(each.id)
    ]
    area = rates.areas(path for row in rows for path in row.files)
    return Report(
        name=material.name,
        first=day(search.oldest) if search.done else "",
        last=day(material.work.newest) if search.done else "",
        tip=material.tip,
        commits_by=dict(search.commits_by),
        corrections=len(corrected),
        lessons=lessons.lessons(plan, material.outcomes),
        together=together_text(ranked(material.outcomes)),
        nearest=lessons.nearest(plan),
        months=rates.by_month(rows),
        agents=rates.by_agent(rows),
        models=rates.by_model(rows),
        folders=rates.by_folder(rows),
        kinds=rates.by_kind(rows),
        heat=heat,
        heat_months=heat_months,
        trends=lessons.trends(plan),
        window_days=material.window_days,
        survival=survival(material.lines),
        people=people.who_fixes_what(accepted, area, with_names=with_names),
        has_names=with_names,
        notes=[*_notes(material)],
    )


def survival(lines: Iterable[CommitLines]) -> Survival | None:
    """How long the lines of agents and of people live; None if agents wrote none."""
    clusters: dict[str, list[Cluster]] = defaultdict(list)
    by_agent: dict[str, list[Cluster]] = defaultdict(list)
    for each in lines:
        cluster = Cluster(each.gone, {each.age: each.alive} if each.alive else {})
        if cluster.size:
            clusters[each.writer.kind].append(cluster)
            if each.writer.kind == "agent":
                by_agent[each.writer.name or rates.NOT_RECORDED].append(cluster)
    agents, others = clusters["agent"], clusters["person"]
    if not agents:
        return None
    curves = [SurvivalRow(name, kaplan_meier(rows)) for name, rows in by_agent.items()]
    enough = [
        row
        for row in curves
        if row.curve.size >= _FEWEST_LINES and row.curve.clusters >= _FEWEST_COMMITS
    ]
    enough.sort(key=lambda row: (-row.curve.size, row.label))
    return Survival(
        kaplan_meier(agents),
        kaplan_meier(others),
        log_rank(agents, others) if others else None,
        enough[:_MOST_AGENTS],
    )


def _notes(material: Material) -> Iterator[str]:
    search = material.search
    if search.is_shallow:
        yield "This clone is shallow: older commits are missing; the figures cover the rest."
    if search.missing:
        yield f"{len(search.missing)} paths are left out: their content is not in this clone."
    if unknown := search.commits_by["unknown"]:
        share = unknown / max(1, search.done)
        if share >= 0.01:
            commits = f"{unknown} commits ({share:.0%})"
            yield f"It is not known who made {commits}; they are not counted."
