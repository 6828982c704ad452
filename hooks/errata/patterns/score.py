"""The confidence and the trend of a pattern; the formulas are those of the design document."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from errata.records.model import DAY, Severity

# A sum of floats that should be exactly the threshold must not miss it by the last bit.
EPSILON = 1e-9

INCREASING_RATIO = 1.5
DECREASING_RATIO = 0.5
ALERT_OCCURRENCES = 3

MEANINGFUL_SILENCE = 3
"""So many occurrences must have been expected before it means something that none came.

If three were to be expected, none comes by chance in 5% of the cases (the "rule of three").
"""


class Term(NamedTuple):
    """One term of the confidence formula: ``share * value``, with the inputs in words."""

    name: str
    share: float
    value: float
    inputs: str

    @property
    def points(self) -> float:
        """What this term adds to the confidence."""
        return self.share * self.value


@dataclass(frozen=True)
class Confidence:
    """How certain it is that a pattern is real and matters: 0 to 1, unrounded."""

    terms: tuple[Term, ...]

    @cached_property
    def value(self) -> float:
        """The unrounded sum, which is compared with thresholds."""
        return math.fsum(term.points for term in self.terms)

    @property
    def shown(self) -> float:
        """Rounded to two decimals, for people and files."""
        return round(self.value + EPSILON, 2)

    def reaches(self, threshold: float) -> bool:
        """Whether the unrounded value is at least ``threshold``."""
        return self.value + EPSILON >= threshold


def confidence(
    *,
    count: int,
    severity_sum: float,
    weight_sum: float,
    last: int,
    now: int,
    services: int,
    agents: int,
    places: int = 0,
    severity: Severity | None = None,
    missed: float | None = None,
    expected: float | None = None,
) -> Confidence:
    """The confidence of a pattern with ``count`` occurrences (of sessions, where they count).

    Args:
        severity_sum: sum of severity scores over the occurrences.
        severity: that of the lesson, which counts instead of the sum; None if it has none.
        weight_sum: sum of source weights over the occurrences, each times its certainty.
        last: instant of the newest occurrence; ``now`` the instant of judgement (microseconds).
        services: distinct services; ``agents`` distinct agents that the occurrences name.
        places: distinct parts of the code, if they are known.
        missed: how many more were to be expected since the newest one; None if not known.
        expected: how many of the occurrences are expected to be real: the sum of their
            certainties; None if all of them are.
    """
    real = count if expected is None else expected
    digits = 1 if real == count else 2
    recency, recency_inputs = _recency(max(0, (now - last) // DAY), missed)
    seen = max(services, agents, places)
    parts = f"{services} services, {agents} agents" + (f", {places} folders" if places else "")
    return Confidence(
        (
            Term("occurrences", 0.35, min(real / 10, 1), _occurrences(count, real)),
            _severity(severity_sum, count, severity),
            Term("recency", 0.15, recency, recency_inputs),
            Term(
                "consistency",
                0.10,
                min(seen / 3, 1),
                f"min(max({parts}) / 3, 1)",
            ),
            Term(
                "source quality",
                0.15,
                weight_sum / max(count, 1),
                f"{weight_sum:.{digits}f} / {count}",
            ),
        )
    )


def _severity(total: float, count: int, lesson: Severity | None) -> Term:
    if lesson:
        return Term("severity", 0.25, lesson.score, f"{lesson}, whatever the records say")
    return Term("severity", 0.25, total / max(count, 1), f"{total:.1f} / {count}")


def _occurrences(count: int, real: float) -> str:
    """How the term of the occurrences is computed, with the plain count where some are in doubt."""
    if real == count:
        return f"min({count} / 10, 1)"
    shown = f"{real:.2f}".removesuffix("0")
    return f"min({shown} / 10, 1), expected {shown} of {count}"


def _recency(days: int, missed: float | None) -> tuple[float, str]:
    """How recent the newest occurrence is, 0 to 1, and how that was computed.

    Where it is known, what agents did since then counts, not only the days: a repository in which
    no agent works forgets nothing.
    """
    by_days = max(0.0, 1 - days / 90)
    if missed is None:
        return by_days, f"max(0, 1 - {days} days / 90)"
    by_work = max(0.0, 1 - missed / MEANINGFUL_SILENCE)
    expected = f"1 - {missed:.1f} expected / {MEANINGFUL_SILENCE}"
    return max(by_days, by_work), f"max(0, 1 - {days} days / 90, {expected})"


class Trend(StrEnum):
    """How the current window compares with the one before it."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    STABLE = "stable"
    NEW = "new"
    RESOLVED = "resolved"
    QUIET = "quiet"
    REGRESSED = "regressed"


def trend(current: int, previous: int, before: int, *, could_recur: bool = True) -> Trend:
    """The trend from the numbers of occurrences in this window, the one before, and earlier.

    ``regressed`` is ours: nothing in the previous window, some before it, and some again now.

    Args:
        could_recur: whether agents did enough in this window for the silence to mean something;
            if not, the trend is ``quiet``, which is ours too.
    """
    if not current:
        return Trend.RESOLVED if could_recur else Trend.QUIET
    if not previous:
        return Trend.REGRESSED if before else Trend.NEW
    ratio = current / previous
    if ratio >= INCREASING_RATIO:
        return Trend.INCREASING
    return Trend.DECREASING if ratio <= DECREASING_RATIO else Trend.STABLE
