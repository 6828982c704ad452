"""Which commits of agents the corrections of a repository are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from errata.lessons.described import described
from errata.patterns.columns import scoped_id
from errata.patterns.corpus import Corpus
from errata.records.model import Kind


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
    def from_record(cls, record: Mapping[str, Any]) -> CorrectedCommit:
        """From a record of the corrections log; fields of other types than expected are empty."""
        action, reply = record.get("ai_action"), record.get("user_correction")
        sha = action.get("commit") if isinstance(action, dict) else None
        files = reply.get("files") if isinstance(reply, dict) else None
        return cls(
            sha if isinstance(sha, str) else "",
            described(0, 0, 0, Kind.CORRECTION, record).facts,
            tuple(name for name in files or () if isinstance(name, str)),
        )


def read_corrected(corpus: Corpus, more: Iterable[Mapping[str, Any]] = ()) -> list[CorrectedCommit]:
    """The corrections of a corpus, each once.

    Args:
        more: records with ids that may be in no log yet; withdrawn ones do not count.
    """
    every = (columns.place for columns in corpus.occurrences.patterns.values())
    # A correction may be in several patterns.
    places = dict.fromkeys(chain.from_iterable(every))
    logged = (corpus.fields(place) for place in places if corpus.kind(place) is Kind.CORRECTION)
    records: list[Mapping[str, Any]] = [*logged]
    seen = {scoped_id(Kind.CORRECTION, record.get("id", "")) for record in records}
    seen |= corpus.occurrences.withdrawn
    records += (row for row in more if scoped_id(Kind.CORRECTION, row["id"]) not in seen)
    return [CorrectedCommit.from_record(record) for record in records]
