"""What agents repeated of a lesson, over many repositories: the sums, and a ratio by repository.

Repositories differ in how often a lesson is repeated. Sums of all of them would compare those that
have many commits before with those that have many after. So the ratio is the weighted one of
Mantel and Haenszel (1959), each repository compared with itself, with the interval of Greenland and
Robins (1985), widened by the greatest design effect among the repositories.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_Z = 1.959964
"""Of the 95% interval."""
FEWER, MORE, UNCLEAR = "fewer", "more", "no difference shown"


class Stratum(NamedTuple):
    """One repository: repeated of chances, in what is compared (first) and in what with."""

    repeated: int
    chances: int
    other_repeated: int
    other_chances: int
    design_effect: float


class Ratio(NamedTuple):
    """How many times as often, with the limits of its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """What the interval shows; it says nothing about causes."""
        if self.high < 1:
            return FEWER
        return MORE if self.low > 1 else UNCLEAR


def ratio(strata: Iterable[Stratum]) -> Ratio | None:
    """The ratio of risks; None where nobody repeated it on one of the sides, or had no chance."""
    known = sorted(s for s in strata if s.chances and s.other_chances)
    sizes = [s.chances + s.other_chances for s in known]
    pairs = list(zip(known, sizes, strict=True))
    upper = math.fsum(s.repeated * s.other_chances / n for s, n in pairs)
    lower = math.fsum(s.other_repeated * s.chances / n for s, n in pairs)
    if not upper or not lower:
        return None
    spread = math.fsum(
        ((s.repeated + s.other_repeated) * s.chances * s.other_chances) / n**2
        - s.repeated * s.other_repeated / n
        for s, n in pairs
    )
    effect = max(s.design_effect for s in known)
    error = _Z * math.sqrt(max(0.0, spread * effect / (upper * lower)))
    value = upper / lower
    return Ratio(value, value * math.exp(-error), value * math.exp(error))


def entry(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One lesson or rule over its repositories, as JSON."""
    return {
        "source": rows[0]["source"],
        "repositories": len({row["repository"] for row in rows}),
        **{side: _tally(rows, side) for side in ("before", "after", "read", "unread")},
        "after_to_before": _ratio(rows, "after", "before"),
        "read_to_unread": _ratio(rows, "read", "unread"),
    }


def group(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of the table of outcomes by lesson, or by name where a person wrote a rule."""
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["lesson"] or row["name"]].append(row)
    return {key: sorted(groups[key], key=lambda r: str(r["repository"])) for key in sorted(groups)}


def _tally(rows: Iterable[Mapping[str, Any]], side: str) -> dict[str, Any]:
    counts = [(row[f"{side}_chances"], row[f"{side}_repeated"]) for row in rows]
    chances, repeated = sum(c for c, _ in counts), sum(r for _, r in counts)
    per_100 = round(100 * repeated / chances, 1) if chances else None
    return {"chances": chances, "repeated": repeated, "per_100": per_100}


def _ratio(rows: Iterable[Mapping[str, Any]], side: str, other: str) -> dict[str, Any] | None:
    strata = [
        Stratum(
            row[f"{side}_repeated"],
            row[f"{side}_chances"],
            row[f"{other}_repeated"],
            row[f"{other}_chances"],
            max(1.0, row[f"{side}_design_effect"], row[f"{other}_design_effect"]),
        )
        for row in rows
    ]
    if (estimate := ratio(strata)) is None:
        return None
    shown = {name: round(value, 2) for name, value in estimate._asdict().items()}
    return {**shown, "verdict": estimate.verdict}
