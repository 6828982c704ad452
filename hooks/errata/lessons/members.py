"""Members of a group: what a lesson needs of each of its records."""

from __future__ import annotations

from dataclasses import dataclass

from errata.records.reader import DescribedCorrection, Raw, RawArea, RawExample

_UNKNOWN = RawArea()


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a group; whatever it lacks is empty.

    Attributes:
        when: its instant, in microseconds since 1970 UTC.
        id: of the record.
        text: what it says.
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
    area: RawArea = _UNKNOWN
    examples: tuple[RawExample, ...] = ()

    @classmethod
    def of(cls, raw: Raw) -> Member:
        """The member that a record describes, as :func:`described_decoder` reads it."""
        basics = raw.when(), raw.id or "", raw.text()
        if not isinstance(raw, DescribedCorrection):
            return cls(*basics)
        commit = raw.user_correction.commit or ""
        return cls(*basics, commit, raw.edits or (), raw.area or _UNKNOWN, raw.examples or ())
