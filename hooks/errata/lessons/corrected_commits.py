"""Which commits of agents the corrections of a repository are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from errata.lessons.facts import expand
from errata.patterns.columns import scoped_id
from errata.patterns.corpus import Corpus
from errata.records.model import Kind


class _Action(msgspec.Struct):
    commit: str = ""


class _Reply(msgspec.Struct):
    files: tuple[str, ...] = ()


class _Area(msgspec.Struct):
    folders: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tests: bool = False


class _Line(msgspec.Struct):
    ai_action: _Action = msgspec.field(default_factory=_Action)
    user_correction: _Reply = msgspec.field(default_factory=_Reply)
    edits: tuple[str, ...] = ()
    area: _Area = msgspec.field(default_factory=_Area)


@dataclass(frozen=True, slots=True)
class CorrectedCommit:
    """What one correction says about the agent's commit that it corrects.

    Attributes:
        sha: the agent's commit; "" if it is not known.
        facts: of the edit, with coarser forms.
        files: in which it was corrected.
    """

    sha: str
    facts: frozenset[str]
    files: tuple[str, ...]

    @classmethod
    def from_record(cls, record: Any) -> CorrectedCommit:
        """From a record of the corrections log. Raises ValueError: a field has another type."""
        line = msgspec.convert(record, _Line)
        area = line.area
        facts = expand(line.edits, area.folders, area.languages, tests=area.tests)
        return cls(line.ai_action.commit, facts, line.user_correction.files)


def read_corrected(corpus: Corpus, more: Iterable[Mapping[str, Any]] = ()) -> list[CorrectedCommit]:
    """The corrections of a corpus, each once; those that cannot be read are left out.

    Args:
        more: records with ids that may be in no log yet; withdrawn ones do not count.
    """
    places = (place for columns in corpus.occurrences.patterns.values() for place in columns.place)
    logged = (corpus.fields(place) for place in places if corpus.kind(place) is Kind.CORRECTION)
    records: list[Mapping[str, Any]] = [*logged]
    seen = {scoped_id(Kind.CORRECTION, record.get("id", "")) for record in records}
    seen |= corpus.occurrences.withdrawn
    records += (row for row in more if scoped_id(Kind.CORRECTION, row["id"]) not in seen)
    corrected = []
    for record in records:
        try:
            corrected.append(CorrectedCommit.from_record(record))
        except ValueError:
            continue
    return corrected
