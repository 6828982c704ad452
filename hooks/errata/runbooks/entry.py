"""What a runbook says about one pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["pattern", "anti-pattern", "tip"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One promoted pattern, as its numbers stand. Every text in it is untrusted.

    Attributes:
        name: kebab-case name, the identity of the entry within a runbook.
        kind: what sort of lesson it is.
        description: what was observed.
        fix: what to do instead, only where a person wrote it; else empty.
        confidence: from 0 to 1, as shown elsewhere (two decimals).
        trend: increasing, decreasing, stable, new, resolved or regressed.
        last_seen: YYYY-MM-DD, in UTC.
        sources: (label in the plural, how many records), in the order to be shown.
        regressed: it was resolved once, and is back.
        examples: what single records said, newest first.
        sessions: in how many the occurrences were; 0 where that says nothing.
        shipped: whether the description is a sentence of errata's own, not one of a log.
    """

    name: str
    kind: Kind
    description: str
    fix: str
    category: str
    severity: str
    confidence: float
    occurrences: int
    trend: str
    last_seen: str
    services: tuple[str, ...]
    sources: tuple[tuple[str, int], ...]
    regressed: bool
    examples: tuple[str, ...] = ()
    sessions: int = 0
    shipped: bool = False
