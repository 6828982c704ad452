"""How many chances it takes to see an effect."""

from __future__ import annotations

import math
from dataclasses import replace

from errata.lessons.outcome_counts import Tally
from errata.lessons.statistics import Z
from errata.outcomes import ratio, spread
from errata.outcomes.ratio import Compared

_Z_POWER = 0.8416212335729143
"""The quantile of the normal distribution for a power of 80%."""
HALVED = 0.5
_DEVIATIONS = Z + _Z_POWER
_WIDTH = 2 * Z
_HALF = 0.5
_MOST = 1_000_000_000
_ROUNDS, _CLOSE = 8, 0.005
"""Rounds and relative precision of the search for the chances that are needed."""


def chances(rate: float, *, effect: float = HALVED, design_effect: float = 1.0) -> int:
    """The chances before, and as many after, that show an effect with 80% power.

    Args:
        rate: share of chances at which it is repeated before, 0 to 1.
        effect: after / before.
    """
    variance = 1 / rate + 1 / (rate * effect)
    return math.ceil(design_effect * variance * (_DEVIATIONS / math.log(effect)) ** 2)


def needed(compared: Compared) -> int | None:
    """How many more chances after would show a halving with 80% power; None if no number would.

    Where there are as many already, so many that the interval can no longer contain both a halving
    and no change.
    """
    return _needed(compared, _DEVIATIONS) or _needed(compared, _WIDTH)


def _needed(compared: Compared, deviations: float) -> int | None:
    """How many more chances after until a halving is so many standard deviations."""
    before = ratio.share(compared.before, selected=compared.selected)
    if not before:
        return None
    allowed = (math.log(HALVED) / deviations) ** 2
    effects = spread.effects((compared.before, compared.after))
    fixed = effects[0] / (before * compared.before.chances)
    growing = effects[1] / (before * HALVED)
    if compared.others:
        first, second = compared.others
        extra = spread.effects(compared.others)
        fixed += extra[0] / (first.repeated + _HALF)
        # For each chance of the lesson there are so many repeats of everything else.
        growing += extra[1] * max(1, compared.after.chances) / (second.repeated + _HALF)
    if fixed >= allowed:
        return None
    total = math.ceil(growing / (allowed - fixed))
    return max(0, total - compared.after.chances) if total < _MOST else None


def needed_if_gone(compared: Compared) -> int | None:
    """How many more chances without a repeat would show that a lesson works; None if none would."""
    present = compared.after.chances
    if not compared.before.chances:
        return None
    total = compared.before.chances
    for _ in range(_ROUNDS):
        longer = _longer(compared, max(1, total - present))
        limit = ratio.upper_limit(longer) * longer.after.chances
        if limit > _MOST:
            return None
        if abs(limit - total) <= total * _CLOSE:
            break
        total = math.ceil(limit)
    return max(1, total - present)


def _longer(compared: Compared, more: int) -> Compared:
    """The same with more chances after, at which only everything else is repeated."""
    before, after = compared.before, compared.after
    by = more / (after.chances or before.chances)
    longer = replace(compared, after=_grown(after, before, by, 0.0))
    if not compared.others:
        return longer
    first, second = compared.others
    per_chance = second.repeated / second.chances or first.repeated / first.chances
    return replace(longer, others=(first, _grown(second, first, by, per_chance)))


def _grown(tally: Tally, before: Tally, by: float, per_chance: float) -> Tally:
    """A tally with more of the chances of another one, ``by`` times as many as there are."""
    source = tally if tally.chances else before
    more = math.ceil(source.chances * by)
    return Tally(
        chances=tally.chances + more,
        repeated=tally.repeated + round(more * per_chance),
        clusters=tally.clusters + math.ceil(source.clusters * by),
        design_effect=source.design_effect,
    )
