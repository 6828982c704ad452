"""The ratio of the shares after and before, compared with everything else, with its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from errata.lessons.outcome_counts import Tally
from errata.outcomes import exact, spread

_ENOUGH = 10_000
"""The greatest ``1 / sum(1 / count)``; greater counts are scaled down to it."""


@dataclass(frozen=True)
class Compared:
    """What is compared.

    Attributes:
        before, after: the counts of the lesson.
        others: those of everything else, before and after; None if they are not compared with.
        selected: whether the time before ends with a repeat, because the lesson was promoted then.
    """

    before: Tally
    after: Tally
    others: tuple[Tally, Tally] | None = None
    selected: bool = False


def share(tally: Tally, *, selected: bool = False) -> float | None:
    """The share that was repeated; None without a chance.

    Args:
        selected: counting ended with a repeat. Without it, (k - 1) / (n - 1) has no bias
            (Haldane 1945).
    """
    if not tally.chances:
        return None
    if selected and tally.repeated:
        return (tally.repeated - 1) / (tally.chances - 1) if tally.chances > 1 else 0.0
    return tally.repeated / tally.chances


def quotient(before: float | None, after: float | None) -> float | None:
    """after / before; None if it is not defined."""
    return after / before if before and after is not None else None


def limits(compared: Compared) -> tuple[float, float]:
    """The 95% interval of the ratio: 2.5% on each side at most.

    If counting before ended with a repeat, the chance of so few repeats after is the same as for
    counts of a fixed time; so the upper limit needs no correction, and the lower one is that
    without this repeat.
    """
    if not compared.before.chances or not compared.after.chances:
        return 0.0, math.inf
    before = compared.before.repeated
    counts = _counts(compared, before - (compared.selected and before > 0))
    low = exact.lower(counts, _level(compared)) - _log_exposure(compared)
    return _exp(low), upper_limit(compared)


def upper_limit(compared: Compared) -> float:
    """The upper one of :func:`limits`; there must be chances before and after."""
    counts = _counts(compared, compared.before.repeated)
    return _exp(exact.upper(counts, _level(compared)) - _log_exposure(compared))


def tail(compared: Compared, log_ratio: float, *, many: bool) -> float:
    """The probability of so few, or of so many, repeats after at this ratio, for sums.

    The sum of many exact tails of whole numbers would be far too wide, so that of the observed
    number counts half (mid-P). Not so that of few if counting before ended with a repeat: it is
    uniform as it is.
    """
    last = compared.selected and compared.before.repeated > 0
    counts = _counts(compared, compared.before.repeated - (last and many))
    at_most, at_least = exact.tails(counts, log_ratio + _log_exposure(compared))
    half = 0.0 if last and not many else (at_most + at_least - 1) / 2
    return (at_least if many else at_most) - half


def widening(compared: Compared) -> float:
    """See :func:`errata.outcomes.spread.widening`."""
    return spread.widening(_pairs(compared))


def _counts(compared: Compared, before: int) -> exact.Counts:
    counts = [before, compared.after.repeated]
    counts += [tally.repeated for tally in compared.others or ()]
    if min(counts) > _ENOUGH:
        # The time grows with the counts. Smaller counts give a wider interval, never a false one.
        information = 1 / sum(1 / count for count in counts)
        scale = min(1.0, _ENOUGH / information)
        counts = [round(count * scale) for count in counts]
    return exact.Counts(*counts)


def _level(compared: Compared) -> float:
    return spread.level(_pairs(compared))


def _pairs(compared: Compared) -> list[spread.Pair]:
    pairs = [(compared.before, compared.after)]
    return pairs + ([compared.others] if compared.others else [])


def _log_exposure(compared: Compared) -> float:
    """The logarithm of the odds after to before if nothing changes."""
    exposure = math.log(compared.after.chances / compared.before.chances)
    if compared.others:
        exposure -= math.log(compared.others[1].chances / compared.others[0].chances)
    return exposure


def _exp(value: float) -> float:
    return math.inf if value > 700 else math.exp(value)
