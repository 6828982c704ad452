"""Scores of a classifier on labelled cases, with confidence intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_Z = 1.96

Label = str | None
"""The type of a correction, "" if it is not known; None if it is not a correction."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of true and false positives and negatives.

    Attributes:
        types: (labelled type, predicted type) -> true positives.
    """

    tp: int
    fp: int
    fn: int
    tn: int
    types: Counter[tuple[str, str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Label, Label]]) -> Score:
        """Count (label, prediction) pairs."""
        cells: Counter[tuple[bool, bool]] = Counter()
        types: Counter[tuple[str, str]] = Counter()
        for label, prediction in pairs:
            cells[label is not None, prediction is not None] += 1
            if label is not None and prediction is not None:
                types[label, prediction] += 1
        return cls(
            cells[True, True], cells[False, True], cells[True, False], cells[False, False], types
        )

    @property
    def total(self) -> int:
        """All cases."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def same_type(self) -> int:
        """True positives with the labelled type."""
        return sum(n for (label, prediction), n in self.types.items() if label == prediction)

    def shares(self) -> tuple[str, str, str]:
        """Precision, recall, and the share of true positives with the labelled type."""
        return (
            share(self.tp, self.tp + self.fp),
            share(self.tp, self.tp + self.fn),
            share(self.same_type, self.tp),
        )


def row(*cells: object) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def share(part: int, total: int) -> str:
    """A proportion with its 95% interval, for people."""
    if not total:
        return "none"
    low, high = interval(part, total)
    return f"{part}/{total} = {part / total:.2f} ({low:.2f} to {high:.2f})"


def interval(part: int, total: int) -> tuple[float, float]:
    """The 95% interval of a proportion (Wilson score interval); (0, 1) without cases."""
    if not total:
        return 0.0, 1.0
    p, z2 = part / total, _Z * _Z / total
    middle, spread = p + z2 / 2, _Z * math.sqrt((p * (1 - p) + z2 / 4) / total)
    return max(0.0, (middle - spread) / (1 + z2)), min(1.0, (middle + spread) / (1 + z2))
