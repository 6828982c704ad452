"""Occurrences counted by everything that is counted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, TypeVar

from errata.patterns.ledger import Combo
from errata.records.model import CorrectionType, Kind, Severity, Source

T = TypeVar("T")


class Tally:
    """Occurrences of a pattern between two positions, by everything that is counted."""

    def __init__(self, codes: Counter[int], combos: Sequence[Combo]) -> None:
        self._combos = [combos[code] for code in codes]
        self._numbers = list(codes.values())
        self.count = sum(self._numbers)
        self._counts: dict[str, Counter[Any]] = {}

    def severities(self) -> Counter[Severity]:
        """Occurrences by severity."""
        return self._by("severity")

    def sources(self) -> Counter[Source]:
        """Occurrences by source."""
        return self._by("source")

    def kinds(self) -> Counter[Kind]:
        """Occurrences by the log they stand in."""
        return self._by("kind")

    def types(self) -> Counter[CorrectionType]:
        """Corrections by type."""
        return self._by("correction_type")

    def corrected(self) -> Counter[str]:
        """Corrections by corrected agent."""
        found: Counter[str] = Counter()
        for combo, count in zip(self._combos, self._numbers, strict=True):
            if combo.kind is Kind.CORRECTION:
                found[combo.agent] += count
        return found

    def categories(self) -> Counter[str]:
        """Occurrences by category, as recorded."""
        return self._by("category")

    def tips(self) -> Counter[str]:
        """Learnings by type: pattern, anti-pattern, tip."""
        return self._by("tip")

    def services(self) -> Counter[str]:
        """Occurrences by service."""
        return self._by("service")

    def named_agents(self) -> set[str]:
        """Distinct agents that the occurrences name: those affected, else the one recorded."""
        return {
            agent for combo in self._combos for agent in (combo.affected or (combo.agent,)) if agent
        }

    def affected(self) -> set[str]:
        """Agents that records name as those who should learn."""
        return {agent for combo in self._combos for agent in combo.affected}

    def by_path(self) -> set[str]:
        """Agents whose path rule fits a record's file."""
        return {agent for combo in self._combos for agent in combo.by_path}

    def recorded(self) -> set[str]:
        """Agents that recorded, or were corrected."""
        return {combo.agent for combo in self._combos if combo.agent}

    def _by(self, name: str) -> Counter[Any]:
        """Occurrences by an attribute of their combo, those that have it."""
        known = self._counts.get(name)
        if known is None:
            found: dict[Any, int] = {}
            values = map(attrgetter(name), self._combos)
            for value, count in zip(values, self._numbers, strict=True):
                found[value] = found.get(value, 0) + count
            known = self._counts[name] = Counter({key: n for key, n in found.items() if key})
        return known


def most(counts: Counter[T]) -> T:
    """The most frequent key; of equals the first in order of text."""
    return min(counts, key=lambda value: (-counts[value], str(value)))
