"""The common form of all records: enums, weights, and :class:`Record`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400_000_000
"""Microseconds in a day; every instant is an int of microseconds since 1970 UTC."""

FUTURE_TOLERANCE = DAY
"""Validation rejects records that are further in the future; analysis omits them."""


class Kind(StrEnum):
    """Which log a record belongs to."""

    FINDING = "finding"
    LEARNING = "learning"
    CORRECTION = "correction"
    INCIDENT = "incident"


class Severity(StrEnum):
    """How severe an occurrence is; high, medium and low are read as these three."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NIT = "nit"

    @property
    def score(self) -> float:
        """Its value in the confidence formula, 0 to 1."""
        return _SEVERITY_SCORE[self]


class CorrectionType(StrEnum):
    """The six ways in which people correct an agent."""

    CODE_QUALITY = "code_quality"
    CODE_COMPLETENESS = "code_completeness"
    APPROACH_REJECTION = "approach_rejection"
    EXPECTATION_MISMATCH = "expectation_mismatch"
    COMMUNICATION_GAP = "communication_gap"
    PREFERENCE_CONFLICT = "preference_conflict"


class Source(StrEnum):
    """Where an occurrence comes from, which decides its weight."""

    EXPLICIT = "explicit_user_correction"
    IMPLICIT = "implicit_user_correction"
    INCIDENT = "incident"
    BLOCKING = "blocking_review"
    WARNING = "warning_review"
    LEARNING = "session_learning"
    NIT = "nit_review"

    @property
    def weight(self) -> float:
        """Source quality weight, 0 to 1."""
        return _SOURCE_WEIGHT[self]

    @property
    def label(self) -> str:
        """Its name in text output, in the plural."""
        return _SOURCE_LABEL[self]


_SEVERITY_SCORE = {Severity.BLOCKING: 1.0, Severity.WARNING: 0.6, Severity.NIT: 0.3}

_SOURCE_WEIGHT = {
    Source.EXPLICIT: 1.0,
    Source.IMPLICIT: 0.8,
    # The reference defines no weight for incidents; a production failure counts as blocking.
    Source.INCIDENT: 0.7,
    Source.BLOCKING: 0.7,
    Source.WARNING: 0.5,
    Source.LEARNING: 0.4,
    Source.NIT: 0.3,
}

_SOURCE_LABEL = {
    Source.EXPLICIT: "explicit corrections",
    Source.IMPLICIT: "implicit corrections",
    Source.INCIDENT: "incidents",
    Source.BLOCKING: "blocking findings",
    Source.WARNING: "warnings",
    Source.LEARNING: "session learnings",
    Source.NIT: "nits",
}

# high/medium/low: corrections' and incidents' severity, and a learning's confidence.
SEVERITY_WORDS = {
    "blocking": Severity.BLOCKING,
    "warning": Severity.WARNING,
    "nit": Severity.NIT,
    "high": Severity.BLOCKING,
    "medium": Severity.WARNING,
    "low": Severity.NIT,
}


SEVERITY_OF_TYPE = {
    CorrectionType.APPROACH_REJECTION: "high",
    CorrectionType.PREFERENCE_CONFLICT: "low",
}
"""The severity that follows from a type; a correction of any other type is usually medium."""


def retyped_severity(recorded: str, before: str, after: str) -> str:
    """The severity of a correction that somebody gave another type, as a word.

    It changes if it is the one that follows from the type that the correction had.
    """
    usual, new = (SEVERITY_OF_TYPE.get(CorrectionType(kind), "medium") for kind in (before, after))
    return new if SEVERITY_WORDS[recorded] is SEVERITY_WORDS[usual] else recorded


CERTAIN = 10
"""The certainty of a record that nothing casts doubt on; certainties are whole tenths."""


def certainty(probability: object) -> int:
    """How certain an implicit correction is beside what its source stands for, in tenths, 1 to 10.

    Its source weight, 0.8, already says that one in five may be none; only more doubt than that
    counts.

    Args:
        probability: as recorded, 0 to 1; anything else, and a missing one, casts no doubt.
    """
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        return CERTAIN
    if not 0 <= probability <= 1:
        return CERTAIN
    return max(1, min(CERTAIN, round(10 * probability / Source.IMPLICIT.weight)))


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log, in the common vocabulary.

    Attributes:
        when: instant in microseconds since 1970 UTC.
        agent: who wrote the record (finding, learning) or was corrected (correction); may be "".
        affected: agents that the record itself says should learn from it.
        pattern: kebab-case name as recorded, or "" where it has to be inferred.
        text: description, insight or summary; never verbatim user text.
        file: path as recorded, possibly with ``:line``; may be "".
        fix: what to do instead, as a person wrote it; may be "".
        tip: a learning's type (pattern, anti-pattern, tip); "" for other kinds.
        certainty: how certain it is that an edit is a correction, in tenths; 10 for other records.
    """

    kind: Kind
    when: int
    severity: Severity
    source: Source
    agent: str = ""
    affected: tuple[str, ...] = ()
    pattern: str = ""
    category: str = ""
    service: str = ""
    feature: str = ""
    file: str = ""
    text: str = ""
    fix: str = ""
    tip: str = ""
    correction_type: CorrectionType | None = None
    certainty: int = CERTAIN
