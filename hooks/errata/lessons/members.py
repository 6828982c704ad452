"""Members of a group: what a lesson needs of each of its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from errata.patterns.corpus import Corpus

_TEXTS = ("description", "finding", "insight")


class Area(NamedTuple):
    """Where an edit was made; see the field ``area`` of a record."""

    folders: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tests: bool = False


class RecordedExample(NamedTuple):
    """Lines of an edit as its record has them, and the facts that they show."""

    edits: tuple[str, ...]
    file: str
    before: tuple[str, ...]
    after: tuple[str, ...]


_UNKNOWN = Area()


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a group; whatever it lacks is empty.

    Attributes:
        when: its instant, in microseconds since 1970 UTC.
        id: of the record.
        text: what it says, never a person's own words.
        commit: the commit that corrects.
        edits: the facts of the edit, as recorded.
        area: where it was made.
        examples: lines of it.
    """

    when: int
    id: str = ""
    text: str = ""
    commit: str = ""
    edits: tuple[str, ...] = ()
    area: Area = _UNKNOWN
    examples: tuple[RecordedExample, ...] = ()

    @classmethod
    def of(cls, when: int, record: Mapping[str, Any]) -> Member:
        """The member that a line of a log describes, whatever is wrong with its description."""
        reply, area = (_mapping(record.get(key)) for key in ("user_correction", "area"))
        texts = (record.get(key) for key in _TEXTS)
        return cls(
            when,
            _text(record.get("id")),
            next(filter(None, map(_text, (reply.get("summary"), *texts))), ""),
            _text(reply.get("commit")),
            _texts(record.get("edits")),
            Area(
                _texts(area.get("folders")),
                _texts(area.get("languages")),
                area.get("tests") is True,
            ),
            tuple(map(_example, _items(record.get("examples")))),
        )


def members_of(corpus: Corpus, name: str) -> list[Member]:
    """The members of a pattern, newest first; those of one instant by id and text."""
    columns = corpus.occurrences.patterns[name]
    members = [
        Member.of(when, corpus.fields(place))
        for when, place in zip(columns.when, columns.place, strict=True)
    ]
    return sorted(members, key=lambda member: (-member.when, member.id, member.text))


def _example(value: object) -> RecordedExample:
    item = _mapping(value)
    before, after = _texts(item.get("before")), _texts(item.get("after"))
    return RecordedExample(_texts(item.get("edits")), _text(item.get("file")), before, after)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in _items(value) if isinstance(item, str))
