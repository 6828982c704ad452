"""What grouping sees of a record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Where a record comes from."""

    EDIT = "edit"
    """A person changed what an agent wrote: its text is the subject of a commit."""
    TEXT = "text"
    """Somebody wrote what is wrong: a finding, a learning, an explicit correction."""


@dataclass(frozen=True, slots=True)
class Described:
    """What grouping sees of a record.

    Attributes:
        key: tells records apart.
        session: :func:`errata.patterns.sessions.session_key`.
        when: instant in microseconds since 1970.
        agent: who was corrected, or wrote the record; may be "".
        facts: of its edit, with coarser forms (:func:`errata.lessons.facts.expand`).
        stems: of what it says (:func:`errata.lessons.stems.stems`).
    """

    key: int
    session: int
    when: int
    agent: str
    source: Origin
    facts: frozenset[str]
    stems: frozenset[str] = frozenset()
