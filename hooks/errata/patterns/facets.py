"""What is counted of a record besides its pattern and time, and how often each value occurs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from errata.records.model import CorrectionType, Kind, Record, Severity, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facets:
    """What records have in common apart from pattern, time, file and text.

    Attributes:
        by_path: agents of the path rule that fits the record's file.
    """

    kind: Kind
    source: Source
    severity: Severity
    agent: str
    affected: tuple[str, ...]
    by_path: tuple[str, ...]
    service: str
    category: str
    tip: str
    correction_type: CorrectionType | None

    @classmethod
    def of(cls, record: Record, by_path: tuple[str, ...]) -> Facets:
        """The facets of one record."""
        return cls(
            kind=record.kind,
            source=record.source,
            severity=record.severity,
            agent=record.agent,
            affected=record.affected,
            by_path=by_path,
            service=record.service,
            category=record.category,
            tip=record.tip,
            correction_type=record.correction_type,
        )

    def weights(self) -> tuple[int, int]:
        """Severity score and source weight, in tenths: sums of whole numbers are exact."""
        return round(self.severity.score * 10), round(self.source.weight * 10)


class FacetCounts:
    """Occurrences of a pattern in one window, counted by each facet; empty values do not count."""

    def __init__(self, counts: Mapping[int, int], facets: Sequence[Facets]) -> None:
        self._counts = [(facets[index], count) for index, count in counts.items()]
        self.total = sum(counts.values())

    @cached_property
    def severities(self) -> dict[Severity, int]:
        """Occurrences by severity."""
        return self._by("severity")

    @cached_property
    def sources(self) -> dict[Source, int]:
        """Occurrences by source."""
        return self._by("source")

    @cached_property
    def kinds(self) -> dict[Kind, int]:
        """Occurrences by the log that they are in."""
        return self._by("kind")

    @cached_property
    def correction_types(self) -> dict[CorrectionType, int]:
        """Corrections by type."""
        return self._by("correction_type")

    @cached_property
    def corrected_agents(self) -> dict[str, int]:
        """Corrections by corrected agent."""
        corrections = [facets for facets in self._counts if facets[0].kind is Kind.CORRECTION]
        return _sums((facets.agent, count) for facets, count in corrections)

    @cached_property
    def categories(self) -> dict[str, int]:
        """Occurrences by category, as recorded."""
        return self._by("category")

    @cached_property
    def tips(self) -> dict[str, int]:
        """Learnings by type: pattern, anti-pattern, tip."""
        return self._by("tip")

    @cached_property
    def services(self) -> dict[str, int]:
        """Occurrences by service."""
        return self._by("service")

    @cached_property
    def named_agents(self) -> set[str]:
        """Agents that the occurrences name: those affected, else the one recorded."""
        return {
            agent
            for facets, _ in self._counts
            for agent in (facets.affected or (facets.agent,))
            if agent
        }

    @cached_property
    def affected_agents(self) -> set[str]:
        """Agents that records name as those who should learn."""
        return {agent for facets, _ in self._counts for agent in facets.affected}

    @cached_property
    def path_agents(self) -> set[str]:
        """Agents whose path rule fits a record's file."""
        return {agent for facets, _ in self._counts for agent in facets.by_path}

    @cached_property
    def recording_agents(self) -> set[str]:
        """Agents that recorded, or were corrected."""
        return {facets.agent for facets, _ in self._counts if facets.agent}

    def _by(self, name: str) -> dict[Any, int]:
        value_of = attrgetter(name)
        sums: defaultdict[Any, int] = defaultdict(int)
        for facets, count in self._counts:
            sums[value_of(facets)] += count
        return {value: count for value, count in sums.items() if value}


def _sums(counts: Iterable[tuple[T, int]]) -> dict[T, int]:
    """The sum of each value's counts; empty values are left out."""
    sums: dict[T, int] = {}
    for value, count in counts:
        if value:
            sums[value] = sums.get(value, 0) + count
    return sums


def most_frequent(counts: Mapping[T, int]) -> T:
    """The most frequent key; of equals the first in order of text."""
    return min(counts, key=lambda value: (-counts[value], str(value)))
