"""What people do by hand: before against after, of commits taken as independent, without drift."""

from __future__ import annotations

from errata.lessons.outcome_counts import OutcomeCounts
from errata.lessons.statistics import co_occurrence, wilson
from errata.outcomes.effect import Verdict

_LEVEL = 0.025


def overlap(counts: OutcomeCounts) -> Verdict:
    """Whether Wilson's 95% intervals of both shares overlap."""
    before = wilson(counts.before.repeated, counts.before.chances)
    after = wilson(counts.after.repeated, counts.after.chances)
    if after[1] < before[0]:
        return Verdict.WORKS
    return Verdict.GOT_WORSE if after[0] > before[1] else Verdict.NOT_ENOUGH_DATA


def fisher(counts: OutcomeCounts) -> Verdict:
    """Fisher's exact test of the four counts, 2.5% on each side."""
    before, after = counts.before, counts.after
    repeated, total = before.repeated + after.repeated, before.chances + after.chances
    if co_occurrence(before.repeated, repeated, before.chances, total) <= _LEVEL:
        return Verdict.WORKS
    is_worse = co_occurrence(after.repeated, repeated, after.chances, total) <= _LEVEL
    return Verdict.GOT_WORSE if is_worse else Verdict.NOT_ENOUGH_DATA
