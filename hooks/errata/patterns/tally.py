"""Occurrences counted by everything that is counted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from errata.patterns.ledger import Combo
from errata.records.model import CorrectionType, Kind, Severity, Source

T = TypeVar("T")


class Tally:
    """Occurrences of a pattern between two positions, by everything that is counted."""

    def __init__(self, codes: Counter[int], combos: Sequence[Combo]) -> None:
        self._combos = [(combos[code], count) for code, count in codes.items()]
        self.count = sum(count for _, count in self._combos)
        self._counts: dict[str, Counter[Any]] = {}

    def severities(self) -> Counter[Severity]:
        """Occurrences by severity."""
        return self._by("severity", lambda combo: combo.severity)

    def sources(self) -> Counter[Source]:
        """Occurrences by source."""
        return self._by("source", lambda combo: combo.source)

    def kinds(self) -> Counter[Kind]:
        """Occurrences by the log they stand in."""
        return self._by("kind", lambda combo: combo.kind)

    def types(self) -> Counter[CorrectionType]:
        """Corrections by type."""
        return self._by("correction_type", lambda combo: combo.correction_type)

    def corrected(self) -> Counter[str]:
        """Corrections by corrected agent."""
        return self._by(
            "corrected", lambda combo: combo.agent if combo.kind is Kind.CORRECTION else None
        )

    def categories(self) -> Counter[str]:
        """Occurrences by category, as recorded."""
        return self._by("category", lambda combo: combo.category or None)

    def tips(self) -> Counter[str]:
        """Learnings by type: pattern, anti-pattern, tip."""
        return self._by("tip", lambda combo: combo.tip or None)

    def services(self) -> Counter[str]:
        """Occurrences by service."""
        return self._by("service", lambda combo: combo.service or None)

    def named_agents(self) -> set[str]:
        """Distinct agents that the occurrences name: those affected, else the one recorded."""
        return {
            agent
            for combo, _ in self._combos
            for agent in (combo.affected or (combo.agent,))
            if agent
        }

    def affected(self) -> set[str]:
        """Agents that records name as those who should learn."""
        return {agent for combo, _ in self._combos for agent in combo.affected}

    def by_path(self) -> set[str]:
        """Agents whose path rule fits a record's file."""
        return {agent for combo, _ in self._combos for agent in combo.by_path}

    def recorded(self) -> set[str]:
        """Agents that recorded, or were corrected."""
        return {combo.agent for combo, _ in self._combos if combo.agent}

    def _by(self, name: str, key: Callable[[Combo], T | None]) -> Counter[T]:
        known = self._counts.get(name)
        if known is None:
            known = self._counts[name] = Counter()
            for combo, count in self._combos:
                value = key(combo)
                if value is not None:
                    known[value] += count
        return known


def most(counts: Counter[T]) -> T:
    """The most frequent key; of equals the first in order of text."""
    return min(counts, key=lambda value: (-counts[value], str(value)))
