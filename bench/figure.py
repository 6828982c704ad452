"""One measured claim: our figure, the peer's figure, and the goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["s", "ms", "MB", "%"]
_PLACES = {"s": 2, "ms": 0, "MB": 0, "%": 2}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement and its goal.

    Attributes:
        claim: what was measured.
        ours, theirs: in ``unit``; ``theirs`` is None if there is no peer.
        peer: what ``theirs`` measures.
        goal: a ratio, or an amount in ``unit`` if ``absolute``; None for a comparison without one.
        at_least: the goal is a minimum (how many times faster than the peer), not a maximum.
        note: the conditions of the measurement.
    """

    claim: str
    ours: float
    unit: Unit
    goal: float | None
    peer: str = ""
    theirs: float | None = None
    absolute: bool = False
    at_least: bool = False
    note: str = ""

    @property
    def measured(self) -> float:
        """The value to compare with the goal."""
        if self.absolute:
            return self.ours
        assert self.theirs is not None
        return self.theirs / self.ours if self.at_least else self.ours / self.theirs

    @property
    def met(self) -> bool:
        """Whether the goal is reached; true without a goal."""
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """The cells of a table: claim, ours, peer, measured, goal, verdict."""
        theirs = "" if self.theirs is None else f"{self.peer}: {self._amount(self.theirs)}"
        sign = "≥" if self.at_least else "≤"
        ratio = self._amount(self.ours) if self.absolute else f"{self.measured:.2f}x"
        if self.goal is None:
            return self.claim, self._amount(self.ours), theirs, ratio, "none", ""
        goal = self._amount(self.goal) if self.absolute else f"{self.goal:g}x"
        verdict = "pass" if self.met else "miss"
        return self.claim, self._amount(self.ours), theirs, ratio, f"{sign} {goal}", verdict

    def _amount(self, value: float) -> str:
        return f"{value:,.{_PLACES[self.unit]}f} {self.unit}"
