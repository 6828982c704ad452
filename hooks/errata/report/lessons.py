"""The lessons of a report: what each says, and what became of it."""

from __future__ import annotations

from errata.lessons.instructions import lead_fact
from errata.lessons.statistics import co_occurrence
from errata.patterns.analysis import Pattern
from errata.patterns.corpus import Corpus
from errata.patterns.score import MEANINGFUL_SILENCE, Trend
from errata.records.instants import day
from errata.report.model import LessonRow, NearLesson, Share, TrendRow
from errata.runbooks.plan_evolve import EvolvePlan
from errata.runbooks.promotion_log import Standing
from errata.runbooks.promotions import Promotions, State

_NEAREST = 3
_MOST_TRENDS = 12
_LEVEL = 0.05


def lessons(plan: EvolvePlan) -> list[LessonRow]:
    """Everything that is, was, or would be taught: what is taught first, by confidence."""
    decisions = plan.promotions
    if decisions is None:
        return []
    patterns = decisions.decided.patterns
    known = [name for name in plan.standings if name in patterns]
    rows = [_lesson(patterns[name], plan, decisions) for name in known]
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


def _lesson(pattern: Pattern, plan: EvolvePlan, decisions: Promotions) -> LessonRow:
    verdict, standing = decisions.verdict(pattern.name), plan.standings[pattern.name]
    # What the next evolve would teach has no history yet.
    is_taught = verdict.standing is not None
    lesson = pattern.lesson
    before, after = _shares(pattern, plan.corpus, standing) if is_taught else (None, None)
    if is_taught:
        outcome = _outcome(pattern, before, after)
    else:
        outcome = "Not taught yet: the next `errata evolve` would add it to the runbooks."
        before = _share(pattern, plan.corpus, None, None)
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
        day(standing.added) if is_taught else "",
        before,
        after,
        outcome,
        is_over,
    )


def _shares(
    pattern: Pattern, corpus: Corpus, standing: Standing
) -> tuple[Share | None, Share | None]:
    """How often it happened before it was taught, and since."""
    total = _share(pattern, corpus, None, None)
    before = _share(pattern, corpus, None, standing.added)
    if total is None or before is None:
        return before, None
    # Chances are counted by month, so those of the month of the lesson are divided.
    count = total.count - before.count
    return before, Share(count, max(count, total.total - before.total))


def _share(pattern: Pattern, corpus: Corpus, since: int | None, until: int | None) -> Share | None:
    """Its occurrences between two instants, of the commits that could have called for it.

    Of all agents' commits where it is not known which of them could.
    """
    work = corpus.work
    if work is None:
        return None
    fact = lead_fact(pattern.lesson.facts) if pattern.lesson else ""
    chances = work.of(fact, since, until) if fact else None
    if chances is None:
        chances = work.agent_commits(since, until)
    if chances is None:
        return None
    when = pattern.columns.when
    count = sum((since is None or at > since) and (until is None or at <= until) for at in when)
    return Share(min(count, max(chances, count)), max(chances, count)) if chances else None


def _outcome(pattern: Pattern, before: Share | None, after: Share | None) -> str:
    """What became of a lesson since it was first taught, in a sentence."""
    if before is None or after is None or not after.total:
        since = _since(pattern)
        return f"Too early to say: agents had no chance to repeat it since it was taught{since}."
    fell = co_occurrence(
        before.count, before.count + after.count, before.total, _total(before, after)
    )
    rose = co_occurrence(
        after.count, before.count + after.count, after.total, _total(before, after)
    )
    if fell <= _LEVEL:
        return "It works: agents repeat it less often than before."
    if rose <= _LEVEL:
        return "It does not work yet: agents repeat it more often than before."
    if before.value * after.total < MEANINGFUL_SILENCE:
        return "Too early to say: agents had few chances to repeat it since it was taught."
    return "No clear change: agents repeat it about as often as before."


def _since(pattern: Pattern) -> str:
    return f"; it was last seen on {day(pattern.last)}"


def _total(before: Share, after: Share) -> int:
    return before.total + after.total
