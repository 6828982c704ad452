"""What grouping sees of a record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from errata.lessons.complaints import complaints_in
from errata.lessons.facts import expand
from errata.lessons.kinds import ARROW
from errata.lessons.stems import stems
from errata.records.injection import NAME_WORDS
from errata.records.model import Kind

_FACT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?: ([^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,60}))?\Z")


_PROSE = {"markdown"}
_NAME = "name-"


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
        stems: of what it says (:func:`errata.lessons.stems.stems`), if it is a text.
    """

    key: int
    session: int
    when: int
    agent: str
    source: Origin
    facts: frozenset[str]
    stems: frozenset[str] = frozenset()


def described(
    key: int, session: int, when: int, kind: Kind, record: Mapping[str, Any]
) -> Described:
    """What grouping sees of a line of a log, which is valid apart from its description.

    Args:
        key, session, when: as in :class:`Described`.
        record: the decoded line.
    """
    is_edit = kind is Kind.CORRECTION and record.get("source") == "implicit"
    area = record.get("area")
    area = area if isinstance(area, dict) else {}
    edits = [*filter(_is_fact, _texts(record.get("edits")))]
    text = _text(record, kind)
    if kind is Kind.CORRECTION and not is_edit:
        from errata.corrections.classify.instruction_comments import without_address

        text = without_address(text)
    tests = area.get("tests") is True
    complaints = complaints_in(text, edits if is_edit else None, tests=tests)
    if is_edit and text.lower().startswith("revert"):
        # It is the reverse of a whole commit in detail: nobody objects to each part.
        edits = []
    agent = record.get("agent")
    return Described(
        key,
        session,
        when,
        agent if isinstance(agent, str) else "",
        Origin.EDIT if is_edit else Origin.TEXT,
        _facts(edits, area, _files(record)).union(complaints),
        # The subject of a commit says what it is about, not what was wrong.
        frozenset() if is_edit else stems(text),
    )


def _facts(edits: Sequence[str], area: Mapping[str, Any], files: Sequence[str]) -> frozenset[str]:
    """The facts of an edit with their coarser forms."""
    languages = [*filter(_is_path, _texts(area.get("languages")))]
    if languages and set(languages) <= _PROSE:
        # In prose a name is mentioned, not used.
        edits = [fact for fact in edits if not fact.startswith(_NAME)]
    return expand(
        edits,
        [*filter(_is_path, _texts(area.get("folders")))],
        languages,
        [*filter(_is_path, files)],
        tests=area.get("tests") is True,
    )


def _text(record: Mapping[str, Any], kind: Kind) -> str:
    """What a record says in its own words."""
    if kind is Kind.CORRECTION:
        reply = record.get("user_correction")
        texts = [reply.get("summary") if isinstance(reply, dict) else None]
    else:
        texts = [record.get(name) for name in ("description", "insight", "finding")]
    return next((text for text in texts if text and isinstance(text, str)), "")


def _files(record: Mapping[str, Any]) -> list[str]:
    reply = record.get("user_correction")
    files = _texts(reply.get("files")) if isinstance(reply, dict) else []
    return [] if any(file.endswith("/") for file in files) else files


def _is_fact(text: str) -> bool:
    """Whether a text has the form of a fact. A log may hold anything, and names come from facts."""
    if (match := _FACT.match(text)) is None:
        return False
    return all(map(_is_short, (match[1] or "").split(ARROW)))


def _is_path(text: str) -> bool:
    return text.isprintable() and all(map(_is_short, text.split("/")))


def _is_short(text: str) -> bool:
    return len(text.split()) <= NAME_WORDS


def _texts(value: object) -> list[str]:
    """A list of texts; an empty one if it is anything else."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return []
    return value
