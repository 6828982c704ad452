"""What it means that no further occurrence of a lesson came."""

from __future__ import annotations

from errata.patterns.lesson import Lesson, WorkCounts
from errata.records import instants


def missed(work: WorkCounts, lesson: Lesson, count: int, last: int, now: int) -> float | None:
    """How many more of ``count`` occurrences were to be expected after ``last``; None if unknown.

    Instants are in microseconds UTC. The chances are agents' commits that could have called for it;
    where those were not counted, all commits of agents.
    """
    # Work is counted by month: nobody knows what of the month of the newest one came after it.
    last = instants.month_span(instants.iso(last))[1]
    spans = [(work.of(fact, None, last), work.of(fact, last, now)) for fact in lesson.facts]
    # Each occurrence was a chance, even where that was not counted.
    known = [(max(before or 0, count), since) for before, since in spans if since is not None]
    if not known:
        before, since = work.agent_commits(None, last), work.agent_commits(last, now)
        known = [(before, since)] if before and since is not None else []
    return min((count * since / before for before, since in known), default=None)
