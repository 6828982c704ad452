"""What is watched: a lesson, or a rule, with the time in which it was in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from errata.records import instants

Period = tuple[int, int]
"""From an instant on, and up to another one, which is not in it; microseconds UTC."""
STILL = instants.END
"""The end of the period of what is in force now."""


def union(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The periods without overlaps, in order."""
    merged: list[Period] = []
    for start, stop in sorted(periods):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Watched:
    """A lesson or a rule whose repetitions are counted.

    Attributes:
        name: of the lesson, or ``FILE: name`` of a rule.
        periods: when it was in force, oldest first; at least one.
        repeated: object ids of agents' commits that repeated it -> records that say so.
        chances: object ids of the agents' commits that could have; None for all.
        agents: the roles that get it; empty if everyone does.
        known_as: its names in runbooks, former ones too; none for a rule.
        named_until: when somebody last gave corrections a name, if only people and agents can tell
            what repeats it; None if errata can.
        source, says, file: as in :class:`errata.lessons.outcome_counts.OutcomeCounts`.
    """

    name: str
    periods: tuple[Period, ...]
    repeated: Mapping[str, int]
    chances: frozenset[str] | None = None
    agents: frozenset[str] = frozenset()
    known_as: frozenset[str] = frozenset()
    named_until: int | None = None
    source: Literal["lesson", "rule"] = "lesson"
    says: str = ""
    file: str = ""

    @property
    def since(self) -> int:
        """When it came into force first."""
        return self.periods[0][0]

    @property
    def until(self) -> int:
        """When it was taken out last; :data:`STILL` if it is in force."""
        return self.periods[-1][1]

    def is_in_force(self, instant: int) -> bool:
        """Whether it was in force."""
        return any(start <= instant < stop for start, stop in self.periods)
