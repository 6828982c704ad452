"""The lessons of a report: what each says, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from errata.lessons.instructions import lead_fact
from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.outcomes.outcome import Outcome
from errata.patterns.analysis import Pattern
from errata.patterns.corpus import Corpus
from errata.patterns.score import Trend
from errata.records.instants import day
from errata.report.model import LessonRow, NearLesson, Share, TrendRow
from errata.runbooks.plan_evolve import EvolvePlan
from errata.runbooks.promotions import Promotions, State

_NEAREST = 3
_MOST_TRENDS = 12


def lessons(plan: EvolvePlan, outcomes: Mapping[str, OutcomeCounts]) -> list[LessonRow]:
    """Everything that is, was, or would be taught: what is taught first, by confidence."""
    decisions = plan.promotions
    if decisions is None:
        return []
    patterns = decisions.decided.patterns
    known = [name for name in plan.standings if name in patterns]
    rows = [_lesson(patterns[name], plan, decisions, outcomes) for name in known]
    return sorted(rows, key=lambda row: (row.is_over, -row.confidence, row.name))


def nearest(plan: EvolvePlan) -> list[NearLesson]:
    """What comes nearest to a lesson."""
    decisions = plan.promotions
    if decisions is None:
        return []
    others = [p for name, p in decisions.decided.patterns.items() if name not in plan.standings]
    verdicts = sorted(
        ((decisions.verdict(p.name), p) for p in others),
        key=lambda row: (len(row[0].decision.unmet), -row[1].confidence.value, row[1].name),
    )
    return [
        NearLesson(p.name, says(p), p.count, verdict.text) for verdict, p in verdicts[:_NEAREST]
    ]


def trends(plan: EvolvePlan) -> list[TrendRow]:
    """The patterns whose counts changed, or that are back, the greatest changes first."""
    patterns = plan.decided.patterns.values() if plan.decided else ()
    rows = [
        TrendRow(p.name, p.trend.value, p.previous, p.current)
        for p in patterns
        if (p.current or p.previous) and p.trend is not Trend.STABLE and not p.curated.dismissed
    ]
    rows.sort(key=lambda row: (-abs(row.current - row.previous), -row.current, row.name))
    return rows[:_MOST_TRENDS]


def says(pattern: Pattern) -> str:
    """What a pattern teaches, in the words of people if they wrote it."""
    instruction = pattern.lesson.instruction if pattern.lesson else ""
    return " ".join(filter(None, [pattern.description or instruction, pattern.fix]))


def _lesson(
    pattern: Pattern,
    plan: EvolvePlan,
    decisions: Promotions,
    outcomes: Mapping[str, OutcomeCounts],
) -> LessonRow:
    verdict, standing = decisions.verdict(pattern.name), plan.standings[pattern.name]
    # What the next evolve would teach has no history yet.
    is_taught = verdict.standing is not None
    lesson = pattern.lesson
    before, after = _share(pattern, plan.corpus), None
    since = day(standing.added) if is_taught else ""
    if not is_taught:
        outcome = "Not taught yet: the next `errata evolve` would add it to the runbooks."
    elif counts := outcomes.get(pattern.name):
        before, after = _counted(counts.before), _counted(counts.after)
        outcome, since = Outcome(pattern.name, counts).sentence, counts.since[:10]
    else:
        outcome = "Not counted: none of its records match an agent's commit."
    is_over = standing.archived or verdict.state is State.ARCHIVED
    if is_over:
        outcome = f"No longer taught: {verdict.why_retired}."
    return LessonRow(
        pattern.name,
        says(pattern),
        lesson.reason if lesson else "",
        lesson.example if lesson else None,
        pattern.count,
        pattern.sessions,
        pattern.confidence.shown,
        tuple(standing.agents),
        since,
        before,
        after,
        outcome,
        is_over,
    )


def _counted(tally: Tally) -> Share | None:
    return Share(tally.repeated, tally.chances) if tally.chances else None


def _share(pattern: Pattern, corpus: Corpus) -> Share | None:
    """Its occurrences, of the commits that could have called for it.

    Of all agents' commits where it is not known which of them could.
    """
    work = corpus.work
    if work is None:
        return None
    fact = lead_fact(pattern.lesson.facts) if pattern.lesson else ""
    chances = work.of(fact) if fact else None
    if chances is None:
        chances = work.agent_commits()
    return Share(pattern.count, max(chances, pattern.count)) if chances else None
