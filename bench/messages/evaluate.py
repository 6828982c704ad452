"""Verdicts on labelled messages, and what they come to."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.messages.corpus import Case
from bench.messages.train import phrase_table
from errata.messages import judge, message, phrases

_Z = 1.96
_TRIGGERS = re.compile(
    r"\b(?:no|nope|wrong|incorrect|not what i|that's not|don't|do not|stop|undo|revert|actually"
    r"|instead|should(?:n't)? (?:be|have)|i (?:said|meant|asked)|mistake|broken"
    r"|fix (?:this|it|that)"
    r"|didn't work|doesn't work|still)\b",
    re.IGNORECASE,
)

Verdict = tuple[bool, str]
"""Whether it is a correction, and of which type ("" if the judge tells none)."""


def model(text: str) -> Verdict:
    """What errata says."""
    found = judge(text)
    return found.correction, found.type.value if found.type else ""


def triggers(text: str) -> Verdict:
    """A peer: the usual list of trigger words, wherever they stand."""
    return _TRIGGERS.search(text) is not None, ""


def rules_only() -> Callable[[str], Verdict]:
    """A peer: the phrases of errata with their weights set by hand, without the model."""
    known = phrases.phrases(phrase_table())

    def verdict(text: str) -> Verdict:
        hits = phrases.matching(message.read(text).plain, known)
        named = [hit for hit in hits if hit.type and hit.weight > 0]
        best = max(named, key=lambda hit: hit.weight).type if named else "code_quality"
        yes = sum(hit.weight for hit in hits) >= 1.0
        return yes, best if yes else ""

    return verdict


@dataclass(frozen=True, slots=True)
class Score:
    """Counts: true and false positives, false and true negatives; types right among the first."""

    tp: int
    fp: int
    fn: int
    tn: int
    same_type: int

    @property
    def total(self) -> int:
        """Messages judged."""
        return self.tp + self.fp + self.fn + self.tn


def score(cases: Sequence[Case], judged: Iterable[Verdict]) -> Score:
    """Compare verdicts with labels."""
    pairs = list(zip(cases, judged, strict=True))
    cells = [(case.correction, yes) for case, (yes, _) in pairs]
    return Score(
        cells.count((True, True)),
        cells.count((False, True)),
        cells.count((True, False)),
        cells.count((False, False)),
        sum(case.correction and yes and kind == case.type for case, (yes, kind) in pairs),
    )


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95% interval of a proportion (Wilson's score interval); (0, 1) if there is nothing."""
    if not whole:
        return 0.0, 1.0
    p, z2 = part / whole, _Z * _Z / whole
    middle, spread = p + z2 / 2, _Z * math.sqrt((p * (1 - p) + z2 / 4) / whole)
    return max(0.0, (middle - spread) / (1 + z2)), min(1.0, (middle + spread) / (1 + z2))
