"""The corrections of a corpus, each in one row, with what was decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errata.core.errors import RecordError
from errata.patterns.corpus import Corpus
from errata.records import identity
from errata.records.curation import State
from errata.records.instants import day
from errata.records.model import Kind


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One correction; whatever its record lacks is empty.

    Attributes:
        when: its instant, in microseconds since 1970 UTC.
        commit: the person's commit; ``agent_commit`` the one that it corrects.
        pattern: the pattern that it counts for; "" if none.
        other_patterns: those that it counts for, too, as somebody decided.
        subject: what the person changed, in one line.
        place: of its line in the corpus.
    """

    id: str
    when: int
    commit: str
    agent_commit: str
    agent: str
    type: str
    pattern: str
    subject: str
    files: tuple[str, ...]
    state: State
    place: int
    other_patterns: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """All patterns that it counts for."""
        return (self.pattern, *self.other_patterns) if self.pattern else ()

    def to_json(self) -> dict[str, Any]:
        """The row as programs read it."""
        return {
            "id": self.id,
            "commit": self.commit or None,
            "agent_commit": self.agent_commit or None,
            "agent": self.agent,
            "type": self.type,
            "pattern": self.pattern or None,
            "other_patterns": list(self.other_patterns),
            "date": day(self.when),
            "subject": self.subject,
            "files": list(self.files),
            "state": str(self.state),
        }


def rows(corpus: Corpus) -> list[CorrectionRow]:
    """All corrections, also the rejected ones, newest first."""
    listed = (_row(corpus, *place) for place in _places(corpus))
    return sorted(filter(None, listed), key=lambda row: (-row.when, row.id))


def _places(corpus: Corpus) -> Iterator[tuple[int, int, list[str], bool]]:
    """Place, instant and patterns of each correction, and whether it is rejected."""
    known: dict[int, tuple[int, list[str]]] = {}
    for name, columns in corpus.occurrences.patterns.items():
        for place, when in zip(columns.place, columns.when, strict=True):
            if corpus.kind(place) is Kind.CORRECTION:
                known.setdefault(place, (when, []))[1].append(name)
    for place, (when, names) in known.items():
        yield place, when, names, False
    for place in corpus.rejected_corrections:
        yield place, corpus.record(place).when, [], True


def _row(
    corpus: Corpus, place: int, when: int, names: list[str], is_rejected: bool
) -> CorrectionRow | None:
    fields: Mapping[str, Any] = corpus.fields(place)
    try:
        id = identity.record_id(fields)
    except RecordError:
        return None
    fields = corpus.curation.as_typed(id, fields)
    state = State.REJECTED if is_rejected else corpus.curation.state_of(id)
    if len(names) > 1:
        names = corpus.curation.own_first(id, names)
    return row_of(id, fields, when, names, state, place)


def row_of(
    id: str, fields: Mapping[str, Any], when: int, patterns: Sequence[str], state: State, place: int
) -> CorrectionRow:
    """The row of a record with these fields; the other arguments are those of the row.

    Args:
        patterns: those that it counts for; none, or "", if it counts for no pattern.
    """
    action, reply = (_mapping(fields.get(key)) for key in ("ai_action", "user_correction"))
    files = reply.get("files")
    names = [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
    return CorrectionRow(
        id=id,
        when=when,
        commit=_text(reply.get("commit")),
        agent_commit=_text(action.get("commit")),
        agent=_text(fields.get("agent")),
        type=_text(fields.get("correction_type")),
        pattern=patterns[0] if patterns else "",
        other_patterns=tuple(patterns[1:]),
        subject=_text(reply.get("summary")),
        files=tuple(names or filter(None, [_text(action.get("file"))])),
        state=state,
        place=place,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
