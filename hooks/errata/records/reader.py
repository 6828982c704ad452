"""Decode log lines into :class:`Raw` structs, which hold the fields of either vocabulary.

msgspec decodes directly into slots, and only the fields that patterns need: a cold ``evolve`` does
this for every line. Lines that do not fit the struct (an aliased dialect, a date in the place of an
instant) take the slow path through a dict, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from errata.core.config import AGENT_NAME, Alias
from errata.records import instants
from errata.records.dialect import translate
from errata.records.model import (
    CERTAIN,
    SEVERITY_WORDS,
    CorrectionType,
    Kind,
    Record,
    Severity,
    Source,
    certainty,
)
from errata.records.pattern_names import name_of, name_of_subject


class Raw(msgspec.Struct, gc=False, kw_only=True):
    """Fields that every kind of record may have."""

    timestamp: datetime | None = None
    date: str | None = None
    id: str | None = None
    agent: str | None = None
    severity: str | None = None
    withdraws: str | None = None
    session_id: str | None = None

    kind: ClassVar[Kind]

    def when(self) -> int:
        """The instant; ``timestamp`` wins over ``date``. Raises ValueError if both are missing."""
        if self.timestamp is not None:
            return instants.from_datetime(self.timestamp)
        if self.date is None:
            raise ValueError("no timestamp and no date")
        return instants.from_datetime(_parse_instant(self.date))

    def text(self) -> str:
        """The description, insight or summary."""
        raise NotImplementedError

    def name(self) -> str:
        """The pattern's name as recorded, or ""."""
        raise NotImplementedError

    def name_by_rule(self) -> str:
        """The pattern's name by the rules for words, or ""."""
        return name_of(self.text())

    def path(self) -> str:
        """The file as recorded, or ""."""
        return ""

    def facet_values(self) -> tuple[object, ...]:
        """The recorded values that decide its facets: equal values mean equal facets."""
        raise NotImplementedError

    def record(self) -> Record:
        """The record in the common vocabulary. Raises ValueError if a value is not allowed."""
        raise NotImplementedError


def _parse_instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text[:40]!r} is not a date; allowed: 2025-01-31 or 2025-01-31T12:00:00Z"
        ) from None


def _severity(word: str | None, default: Severity | None = None) -> Severity:
    if word is None and default is not None:
        return default
    try:
        return SEVERITY_WORDS[word or ""]
    except KeyError:
        allowed = ", ".join(SEVERITY_WORDS)
        raise ValueError(f"severity {word!r} is not allowed; allowed: {allowed}") from None


def _agent(name: str | None) -> str:
    if name and (len(name) > 64 or not AGENT_NAME.match(name)):
        raise ValueError(f"{name[:70]!r} is not an agent name: lower-case words joined by '-'")
    return name or ""


def _agents(names: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(sorted({_agent(name) for name in names or ()} - {""}))


class RawFinding(Raw, gc=False, kw_only=True):
    """A line of the review findings log."""

    kind = Kind.FINDING
    description: str | None = None
    finding: str | None = None
    pattern: str | None = None
    file: str | None = None
    category: str | None = None
    service: str | None = None
    feature_id: str | None = None
    affected_agents: tuple[str, ...] | None = None
    suggested_fix: str | None = None

    def text(self) -> str:
        return self.description or self.finding or ""

    def name(self) -> str:
        return self.pattern or ""

    def path(self) -> str:
        return self.file or ""

    def facet_values(self) -> tuple[object, ...]:
        return self.severity, self.agent, self.service, self.category, self.affected_agents

    def _source(self, severity: Severity) -> Source:
        return {
            Severity.BLOCKING: Source.BLOCKING,
            Severity.WARNING: Source.WARNING,
            Severity.NIT: Source.NIT,
        }[severity]

    def record(self) -> Record:
        severity = _severity(self.severity)
        return Record(
            kind=self.kind,
            when=self.when(),
            severity=severity,
            source=self._source(severity),
            agent=_agent(self.agent),
            affected=_agents(self.affected_agents),
            pattern=self.name(),
            category=self.category or "",
            service=self.service or "",
            feature=self.feature_id or "",
            file=self.path(),
            text=self.text(),
            fix=self.suggested_fix or "",
        )


class RawIncident(RawFinding, gc=False, kw_only=True):
    """A line of the incidents log: a finding that reached production."""

    kind = Kind.INCIDENT

    def _source(self, severity: Severity) -> Source:  # noqa: ARG002
        return Source.INCIDENT


class RawLearning(Raw, gc=False, kw_only=True):
    """A line of the session learnings log."""

    kind = Kind.LEARNING
    insight: str | None = None
    description: str | None = None
    name_: str | None = msgspec.field(default=None, name="name")
    pattern: str | None = None
    type: str | None = None
    confidence: str | None = None
    feature_id: str | None = None
    service: str | None = None
    category: str | None = None
    source_file: str | None = None
    applicable_to: tuple[str, ...] | None = None

    def text(self) -> str:
        return self.insight or self.description or ""

    def name(self) -> str:
        return self.name_ or self.pattern or ""

    def path(self) -> str:
        return self.source_file or ""

    def facet_values(self) -> tuple[object, ...]:
        recorded = (self.confidence, self.agent, self.service, self.category)
        return *recorded, self.applicable_to, self.type

    def record(self) -> Record:
        if not self.agent:
            raise ValueError("no agent")
        if self.type not in (None, "pattern", "anti-pattern", "tip"):
            raise ValueError(
                f"type {self.type!r} is not allowed; allowed: pattern, anti-pattern, tip"
            )
        return Record(
            kind=self.kind,
            when=self.when(),
            severity=_severity(self.confidence, Severity.WARNING),
            source=Source.LEARNING,
            agent=_agent(self.agent),
            affected=_agents(self.applicable_to),
            pattern=self.name(),
            category=self.category or "",
            service=self.service or "",
            feature=self.feature_id or "",
            file=self.path(),
            text=self.text(),
            tip=self.type or "tip",
        )


class RawAction(msgspec.Struct, frozen=True):
    """What the agent did, in a correction."""

    summary: str = ""
    file: str | None = None


class RawReply(msgspec.Struct, frozen=True):
    """What the person did about it; the verbatim text is never read."""

    summary: str = ""
    commit: str | None = None


class RawContext(msgspec.Struct, frozen=True):
    """Where a correction happened."""

    feature_id: str | None = None
    service: str | None = None


class RawCorrection(Raw, gc=False, kw_only=True):
    """A line of the user corrections log."""

    kind = Kind.CORRECTION
    correction_type: str | None = None
    source: str | None = None
    ai_action: RawAction = RawAction()
    user_correction: RawReply = RawReply()
    pattern_inferred: str | None = None
    # Of any type: an invalid probability says nothing, and the record counts nevertheless.
    probability: Any = None
    category: str | None = None
    context: RawContext | None = None
    suggested_fix: str | None = None

    def text(self) -> str:
        return self.user_correction.summary

    def name(self) -> str:
        return self.pattern_inferred or ""

    def name_by_rule(self) -> str:
        # The summary of a captured correction is the subject of the person's commit.
        if self.source == "implicit" and self.user_correction.commit:
            return name_of_subject(self.text())
        return super().name_by_rule()

    def path(self) -> str:
        return self.ai_action.file or ""

    def facet_values(self) -> tuple[object, ...]:
        service = self.context.service if self.context else None
        recorded = (self.severity, self.agent, service, self.category)
        return *recorded, self.correction_type, self.source, self._certainty()

    def _certainty(self) -> int:
        # What a person said is certain, whatever the record claims.
        if self.probability is None or self.source != "implicit":
            return CERTAIN
        return certainty(self.probability)

    def record(self) -> Record:
        try:
            kind = CorrectionType(self.correction_type or "")
        except ValueError:
            raise ValueError(f"correction_type {self.correction_type!r} is not allowed") from None
        if self.source not in ("explicit", "implicit"):
            raise ValueError(f"source {self.source!r} is not allowed")
        if not self.agent:
            raise ValueError("no agent")
        return Record(
            kind=self.kind,
            when=self.when(),
            severity=_severity(self.severity, Severity.WARNING),
            source=Source.EXPLICIT if self.source == "explicit" else Source.IMPLICIT,
            agent=_agent(self.agent),
            pattern=self.name(),
            category=self.category or "",
            service=(self.context.service if self.context else None) or "",
            feature=(self.context.feature_id if self.context else None) or "",
            file=self.path(),
            text=self.text(),
            fix=self.suggested_fix or "",
            correction_type=kind,
            certainty=self._certainty(),
        )


RAW: dict[Kind, type[Raw]] = {
    kind.kind: kind for kind in (RawFinding, RawLearning, RawCorrection, RawIncident)
}


Decode = Callable[[bytes], Raw]


def decoders(kind: Kind, alias: Alias | None = None) -> tuple[Decode, Decode]:
    """A fast and a slow function that decode one line.

    The fast one raises ``msgspec.DecodeError`` for lines that only the slow one can decode, and the
    slow one ValueError with a readable reason. Neither checks values: :meth:`Raw.record` does.
    """

    def slow(line: bytes) -> Raw:
        return _slow(line, kind, alias)

    return (slow if alias else msgspec.json.Decoder(RAW[kind]).decode), slow


def decoder(kind: Kind, alias: Alias | None = None) -> Decode:
    """A function that decodes one line, by the fast path if possible.

    It raises ValueError or RecursionError for invalid lines.
    """
    fast, slow = decoders(kind, alias)

    def decode(line: bytes) -> Raw:
        try:
            return fast(line)
        except msgspec.DecodeError:
            return slow(line)

    return decode


def _slow(line: bytes, kind: Kind, alias: Alias | None) -> Raw:
    raw = msgspec.json.decode(line)
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    raw = translate(kind, raw, alias)
    fields: dict[str, Any] = {key: value for key, value in raw.items() if value is not None}
    if isinstance(timestamp := fields.get("timestamp"), str):
        fields["timestamp"] = _parse_instant(timestamp)
    if isinstance(fields.get("context"), str) and kind is Kind.CORRECTION:
        del fields["context"]
    if not isinstance(fields.get("session_id", ""), str):
        # Before this field was defined for all logs, writers used any type in it.
        fields["session_id"] = str(fields["session_id"])
    return msgspec.convert(fields, RAW[kind])
