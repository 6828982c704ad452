"""What became of a lesson: the share of chances at which it was repeated, before and after it.

The verdict says how often something was repeated, not why: docs/outcome-statistics.md has the
formulas, the error rates, and a simulation that checks them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.lessons.statistics import wilson
from errata.outcomes import power, ratio, spread
from errata.outcomes.ratio import Compared

ENOUGH_OTHERS = 10
"""With fewer corrections of everything else, before and after together, nothing is compared."""
MEANINGFUL_RATIO = 0.5
"""The effect that data must be able to show before they show that there is none."""


class Verdict(StrEnum):
    """What the counts show."""

    WORKS = "works"
    NO_EFFECT = "no effect"
    GOT_WORSE = "got worse"
    NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True)
class Effect:
    """How often a lesson was repeated after it, compared with before, and how sure that is.

    Attributes:
        verdict: what the counts show.
        before, after: shares of the chances, 0 to 1; None without a chance. That before is
            corrected for the selection of the lesson.
        difference, low, high: after - before, with its 95% interval. Without chances on both
            sides the difference is None and the interval -1 to 1.
        ratio, ratio_low, ratio_high: after / before, with its 95% interval, which decides about
            the verdict; divided by ``others_ratio`` if ``adjusted``. None if it is not defined
            (nothing before); the upper limit may be ``math.inf``.
        others_ratio: after / before of the corrections of everything else; None if not defined.
        adjusted: whether the ratio is compared with that of everything else. If not, there were
            too few of those, and a rise or fall of all corrections looks like one of this lesson.
        needed: if there is not enough data, how many more chances after it would show a halving
            with 80% power, or, where there are as many already, would exclude either a halving or
            no change; None if no number would, because too few repeats came before it.
        needed_if_gone: how many more chances after it would show that it works if it is not
            repeated again; None if no number would.
    """

    verdict: Verdict
    before: float | None
    after: float | None
    difference: float | None
    low: float
    high: float
    ratio: float | None
    ratio_low: float
    ratio_high: float
    others_ratio: float | None = None
    adjusted: bool = False
    needed: int | None = 0
    needed_if_gone: int | None = 0


def judge(counts: OutcomeCounts, *, selected: bool) -> Effect:
    """Compare what was repeated before a lesson was in force with what was repeated after.

    Args:
        selected: whether the lesson was promoted because it was repeated, so that the time before
            ends with a repeat.
    """
    shares = [ratio.share(tally) for tally in (counts.others_before, counts.others_after)]
    return _effect(comparison(counts, selected=selected), ratio.quotient(*shares))


def judged_ratio(counts: OutcomeCounts, *, selected: bool) -> tuple[float | None, float, float]:
    """The ratio of :func:`judge` with its limits, without all that takes longer."""
    shares = [ratio.share(tally) for tally in (counts.others_before, counts.others_after)]
    compared = comparison(counts, selected=selected)
    return _ratio(compared, ratio.quotient(*shares)), *ratio.limits(compared)


def comparison(counts: OutcomeCounts, *, selected: bool) -> Compared:
    """What is compared: before and after, and everything else if there is enough of it.

    A rule that people wrote is counted by what agents write, not by corrections. How much people
    correct says nothing about that.
    """
    others = (counts.others_before, counts.others_after)
    enough = sum(tally.repeated for tally in others) >= ENOUGH_OTHERS and counts.source != "rule"
    adjusted = enough and min(tally.chances for tally in others) > 0
    return Compared(counts.before, counts.after, others if adjusted else None, selected)


def compare(read: Tally, unread: Tally) -> Effect:
    """Compare commits whose agent had read a lesson with those, of the same time, that had not.

    ``before`` of the result are those that had not, ``after`` are those that had.
    """
    return _effect(Compared(unread, read), None)


def _effect(compared: Compared, others_ratio: float | None) -> Effect:
    before = ratio.share(compared.before, selected=compared.selected)
    after = ratio.share(compared.after)
    ratio_low, ratio_high = ratio.limits(compared)
    verdict = verdict_of(ratio_low, ratio_high)
    is_open = verdict is Verdict.NOT_ENOUGH_DATA
    low, high = _difference(compared, before, after)
    return Effect(
        verdict=verdict,
        before=before,
        after=after,
        difference=None if before is None or after is None else after - before,
        low=low,
        high=high,
        ratio=_ratio(compared, others_ratio),
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        others_ratio=others_ratio,
        adjusted=compared.others is not None,
        needed=power.needed(compared) if is_open else 0,
        needed_if_gone=power.needed_if_gone(compared) if is_open else 0,
    )


def _ratio(compared: Compared, others_ratio: float | None) -> float | None:
    before = ratio.share(compared.before, selected=compared.selected)
    change = ratio.quotient(before, ratio.share(compared.after))
    if not compared.others or change is None:
        return change
    return change / others_ratio if others_ratio else None


def verdict_of(ratio_low: float, ratio_high: float) -> Verdict:
    """The verdict that the interval of a ratio allows."""
    if ratio_high < 1:
        return Verdict.WORKS
    if ratio_low > 1:
        return Verdict.GOT_WORSE
    return Verdict.NO_EFFECT if ratio_low > MEANINGFUL_RATIO else Verdict.NOT_ENOUGH_DATA


def _difference(
    compared: Compared, before: float | None, after: float | None
) -> tuple[float, float]:
    """The interval of after - before (Newcombe 1998, method 10), of effective numbers."""
    if before is None or after is None:
        return -1.0, 1.0
    trials = spread.effective((compared.before, compared.after))
    low_before, high_before = wilson(before * trials[0], trials[0])
    low_after, high_after = wilson(after * trials[1], trials[1])
    difference = after - before
    return (
        difference - math.hypot(after - low_after, high_before - before),
        difference + math.hypot(high_after - after, before - low_before),
    )
