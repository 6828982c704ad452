"""Excerpts of records."""

from __future__ import annotations

from typing import NamedTuple

from errata.records.injection import sign_in
from errata.records.model import Record


class Excerpt(NamedTuple):
    """What one record says, without instructions to its reader.

    Attributes:
        when: its instant.
        text: what was seen.
        fix, file, feature: as recorded; "" if it is only an instruction.
        weight: of its source.
    """

    when: int
    text: str
    fix: str
    file: str
    feature: str
    weight: float


def to_excerpt(record: Record) -> Excerpt | None:
    """The excerpt of a record; None if its text is an instruction to its reader."""
    if sign_in(record.text):
        return None
    fix, file, feature = (
        "" if sign_in(text) else text for text in (record.fix, record.file, record.feature)
    )
    return Excerpt(record.when, record.text, fix, file, feature, record.source.weight)
