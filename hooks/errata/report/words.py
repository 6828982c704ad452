"""The figures of a report in words: a sentence for each plot, and an interval for each figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from errata.lessons.statistics import benjamini_hochberg, co_occurrence
from errata.report.model import Report, Row, Share, Survival, together
from errata.report.survival import Curve, Point

_MONTHS = 3
"""Months that are compared with as many before them."""
_FEWEST = 10
"""Fewer commits say nothing by themselves."""
_AGES = (90, 60, 30, 14, 7)
"""Ages in days at which survival is said in words: the first that enough lines reached."""
_FEW_LINES, _FEW_COMMITS = 50, 5
_LEVEL = 0.05
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent(share: float) -> str:
    """A share in percent: overall numbers, or two digits below one percent."""
    if 0 < share < 0.0095:
        return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
    return f"{share:.0%}"


def between(limits: tuple[float, float]) -> str:
    """``between 9% and 24%``."""
    low, high = map(percent, limits)
    return f"between {low} and {high}"


def per_hundred(share: float) -> str:
    """Per 100 commits: one decimal below ten."""
    number = 100 * share
    return f"{number:.1f}" if number < 9.95 else f"{number:.0f}"


def plural(count: int, noun: str) -> str:
    """``1 lesson``, ``1,200 lessons``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def of(share: Share) -> str:
    """``12 of 80``."""
    return f"{share.count:,} of {share.total:,}"


def figure(share: Share, noun: str = "") -> str:
    """``12 of 80 commits (15%, likely between 9% and 24%)``."""
    if not share.total:
        return "none"
    counts = f"{of(share)} {noun}".rstrip()
    return f"{counts} ({percent(share.value)}, likely {between(share.interval)})"


def recent(months: Sequence[Row]) -> tuple[Share, Share] | None:
    """The newest months and as many before them; None if one has too few commits to compare."""
    if len(months) < 2 * _MONTHS:
        return None
    now = together(months[-_MONTHS:])
    before = together(months[-2 * _MONTHS : -_MONTHS])
    return (now, before) if min(now.total, before.total) >= _FEWEST else None


def direction(now: Share, before: Share) -> str:
    """Whether the share rose, in a few words."""
    (low, high), (low_before, high_before) = now.interval, before.interval
    change = f"{per_hundred(before.value)} before, {per_hundred(now.value)} now"
    if high < low_before:
        return f"Falling: {change}"
    if low > high_before:
        return f"Rising: {change}"
    return f"No clear change: {change}"


def months(report: Report) -> str:
    """What the plot over time says."""
    pair = recent(report.months)
    if pair is None:
        return "There are too few months, or too few commits in them, to see a direction."
    now, before = pair
    return (
        f"{direction(now, before)} (corrected per 100 agent commits; the newest {_MONTHS} months "
        f"against the {_MONTHS} before). Commits of the last two weeks may still be corrected."
    )


def extremes(rows: Sequence[Row], noun: str) -> str:
    """Which rows differ from all others by more than chance explains.

    By Fisher's exact test, on both sides, and among as many comparisons as there are rows.
    """
    overall = together(rows)
    if len(rows) == 1:
        return f"There is only one {noun}, so there is nothing to compare."
    p_values = benjamini_hochberg([_p_value(row.share, overall) for row in rows])
    certain = [row for row, p in zip(rows, p_values, strict=True) if p <= _LEVEL]
    parts = []
    for word, names in (
        ("more", [row.label for row in certain if row.share.value > overall.value]),
        ("less", [row.label for row in certain if row.share.value <= overall.value]),
    ):
        if names:
            verb = "is" if len(names) == 1 else "are"
            parts.append(f"{listed(names[:3])} {verb} corrected {word} often")
    if not parts:
        return f"No {noun} differs from the others by more than chance explains."
    text = ", and ".join(parts)
    return f"Compared with {percent(overall.value)} of all, {text}, by more than chance explains."


def _p_value(part: Share, overall: Share) -> float:
    """The probability of at least such a difference between a part and the rest."""
    fine = part.total - part.count
    more = co_occurrence(part.count, overall.count, part.total, overall.total)
    less = co_occurrence(fine, overall.total - overall.count, part.total, overall.total)
    return min(1.0, 2 * min(more, less))


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def age_to_tell(curve: Curve) -> int | None:
    """The age at which to say how many lines are left; None if too few lines are so old."""
    if curve.size < _FEW_LINES or curve.clusters < _FEW_COMMITS:
        return None
    return next((age for age in _AGES if age <= curve.supported), None)


def left(point: Point) -> str:
    """``62% (likely between 55% and 68%)``."""
    return f"{percent(point.share)} (likely {between((point.low, point.high))})"


def lifetimes(survival: Survival) -> str:
    """What the survival curves say."""
    age = age_to_tell(survival.agents)
    point = survival.agents.at(age) if age else None
    if age is None or point is None:
        return "Too few lines of agents are old enough to say how long they live."
    others = survival.people.at(age) if age <= survival.people.supported else None
    text = f"After {age} days, {left(point)} of the agents' lines are still there"
    text += f", and {left(others)} of people's." if others else "."
    if survival.comparison is None or others is None:
        return text
    p_value = survival.comparison.p_value
    if p_value > _LEVEL:
        return f"{text} The difference can be chance (log-rank test, p = {p_shown(p_value)})."
    is_shorter = survival.comparison.observed > survival.comparison.expected
    return (
        f"{text} Over all ages, agents' lines live {'shorter' if is_shorter else 'longer'} than "
        f"people's, by more than chance explains (log-rank test, p {p_shown(p_value, sign=True)})."
    )


def p_shown(value: float, *, sign: bool = False) -> str:
    """A p-value; ``sign`` puts ``=`` or ``<`` before it."""
    if value < 0.001:
        return "< 0.001"
    return f"{'= ' if sign else ''}{value:.2g}"


def median(curve: Curve) -> str:
    """How long half of the lines live."""
    days = curve.median
    return f"{days:,} days" if days is not None else f"more than {curve.longest:,} days"


def top(counts: Mapping[str, int], limit: int = 3) -> str:
    """``src/ 12, tests/ 3``."""
    return ", ".join(f"{name} {count}" for name, count in islice(counts.items(), limit))


def is_month(label: str) -> bool:
    """Whether a label is a month as ``2025-03``."""
    return re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", label) is not None


def month_name(month: str) -> str:
    """``2025-03`` as ``Mar 2025``, short enough for an axis."""
    return f"{_MONTH_NAMES[int(month[5:]) - 1]} {month[:4]}"
