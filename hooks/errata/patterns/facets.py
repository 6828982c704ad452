"""What is counted of a record besides its pattern and time, and how often each value occurs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from errata.records.model import (
    CERTAIN,
    SEVERITY_WORDS,
    CorrectionType,
    Kind,
    Record,
    Severity,
    Source,
    retyped_severity,
)

T = TypeVar("T")

Weights = tuple[int, int, int]
"""Severity score in tenths, source weight times certainty in hundredths, and certainty in tenths.

Sums of whole numbers are exact, so that the order of the records never shows in the last bit.
"""


@dataclass(frozen=True, slots=True)
class Facets:
    """What records have in common apart from pattern, time, file and text.

    Attributes:
        by_path: agents of the path rule that fits the record's file.
        certainty: that it is a correction, in tenths.
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
    certainty: int = CERTAIN

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
            certainty=record.certainty,
        )

    def accepted(self, kind: CorrectionType | None) -> Facets:
        """Those of the same correction once somebody accepted it: nothing casts doubt on it.

        Args:
            kind: the type that somebody gave it; None if it keeps its own.
        """
        if not (kind and self.correction_type):
            return replace(self, certainty=CERTAIN)
        word = retyped_severity(self.severity, self.correction_type, kind)
        severity = SEVERITY_WORDS[word]
        return replace(self, certainty=CERTAIN, correction_type=kind, severity=severity)

    def weights(self) -> Weights:
        """What one occurrence adds to the sums of its pattern."""
        weight = round(self.source.weight * 10) * self.certainty
        return round(self.severity.score * 10), weight, self.certainty


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Occurrences of a pattern in one window, counted by each facet; empty values do not count.

    Attributes:
        total: all of them.
        severities, sources, categories, services: by this facet.
        kinds: by the log that they are in.
        correction_types: corrections by type; ``corrected_agents`` by corrected agent.
        tips: learnings by type: pattern, anti-pattern, tip.
        named_agents: agents that the occurrences name: those affected, else the recorded one.
        affected_agents: agents that records name as those who should learn.
        path_agents: agents whose path rule fits a record's file.
        recording_agents: agents that recorded, or were corrected.
        learning_agents: agents that logged a learning.
        certainties: implicit corrections by certainty, in tenths.
        sums: the sum of the weights of all of them.
    """

    total: int
    severities: dict[Severity, int]
    sources: dict[Source, int]
    kinds: dict[Kind, int]
    correction_types: dict[CorrectionType, int]
    corrected_agents: dict[str, int]
    categories: dict[str, int]
    tips: dict[str, int]
    services: dict[str, int]
    named_agents: set[str]
    affected_agents: set[str]
    path_agents: set[str]
    recording_agents: set[str]
    learning_agents: set[str]
    certainties: dict[int, int]
    sums: Weights

    @property
    def severity(self) -> Severity:
        """The most frequent severity; the worse one of equally frequent ones."""
        severities = self.severities or {Severity.WARNING: 0}
        return max(severities.items(), key=lambda item: (item[1], item[0].score))[0]

    @classmethod
    def of(cls, counts: Mapping[int, int], facets: Sequence[Facets]) -> FacetCounts:
        """The counts of occurrences, given as indexes into ``facets`` and how often each occurs."""
        rows = [(facets[index], count) for index, count in counts.items()]
        return cls(
            total=sum(counts.values()),
            severities=_sums((row.severity, count) for row, count in rows),
            sources=_sums((row.source, count) for row, count in rows),
            kinds=_sums((row.kind, count) for row, count in rows),
            correction_types=_sums(
                (row.correction_type, n) for row, n in rows if row.correction_type
            ),
            corrected_agents=_sums(
                (row.agent, n) for row, n in rows if row.kind is Kind.CORRECTION
            ),
            categories=_sums((row.category, count) for row, count in rows),
            tips=_sums((row.tip, count) for row, count in rows),
            services=_sums((row.service, count) for row, count in rows),
            named_agents={a for row, _ in rows for a in row.affected or (row.agent,) if a},
            affected_agents={agent for row, _ in rows for agent in row.affected},
            path_agents={agent for row, _ in rows for agent in row.by_path},
            recording_agents={row.agent for row, _ in rows if row.agent},
            learning_agents={row.agent for row, _ in rows if row.kind is Kind.LEARNING},
            certainties=_sums(
                (row.certainty, n) for row, n in rows if row.source is Source.IMPLICIT
            ),
            sums=_sum_weights(rows),
        )


def _sum_weights(rows: Iterable[tuple[Facets, int]]) -> Weights:
    """The sum of the weights of facets, each so many times."""
    severities = weights = certainties = 0
    for row, count in rows:
        severity, weight, certainty = row.weights()
        severities += severity * count
        weights += weight * count
        certainties += certainty * count
    return severities, weights, certainties


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
