"""Recorded corrections whose edits are not described yet, and descriptions for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from errata.records.deduplication import Record, base_id, commit_of
from errata.records.description import description_of, is_described


def undescribed(records: Sequence[Record]) -> dict[str, Record]:
    """The corrections of commits, by id, that count and have no description.

    Args:
        records: everything that is recorded.
    """
    done = {str(record["withdraws"]) for record in records if "withdraws" in record}
    done.update(str(record["id"]) for record in records if "id" in record and is_described(record))
    lacking: dict[str, Record] = {}
    for record in records:
        id = str(record.get("id") or "")
        of_commit = record.get("source") == "implicit" and commit_of(record)
        if not id or id in done or not of_commit or "withdraws" in record:
            continue
        other = lacking.get(id)
        if other is None or str(other.get("timestamp")) <= str(record.get("timestamp")):
            lacking[id] = record
    return lacking


def describe(records: Sequence[Record], detected: Iterable[Record]) -> list[Record]:
    """The recorded corrections that lack a description, with that of the same correction.

    Args:
        records: everything that is recorded.
        detected: corrections as commits make them, with descriptions.
    """
    families: dict[str, list[Record]] = {}
    for record in undescribed(records).values():
        families.setdefault(base_id(record["id"]), []).append(record)
    return [
        {**record, **description_of(correction)}
        for correction in detected
        if is_described(correction)
        # The same content may have been corrected several times.
        for record in families.pop(base_id(correction["id"]), ())
    ]
