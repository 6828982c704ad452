"""The description of an edit in a record: what it did, where, and lines that show it.

A later line may repeat a record to add its description; everything else must be the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errata.core.errors import RecordError
from errata.records import identity

FIELDS = ("edits", "area", "examples")
_ADDED_LATER = (*FIELDS, "resolved")


def is_described(record: Mapping[str, Any]) -> bool:
    """Whether the edit of a record was described, even if nothing was found to say of it."""
    return record.get("edits") is not None


def is_described_line(line: bytes) -> bool:
    """Whether a line is a record with a description."""
    if b'"edits"' not in line:
        return False
    try:
        record = identity.decode(line)
    except RecordError:
        return False
    return isinstance(record, dict) and is_described(record)


def additions(line: bytes) -> tuple[bool, int]:
    """What a line has of that which may be added later, to compare it with another one."""
    if b'"edits"' not in line and b'"resolved"' not in line:
        return False, 0
    try:
        record = identity.decode(line)
    except RecordError:
        return False, 0
    return (
        (is_described(record), resolution_rank(record)) if isinstance(record, dict) else (False, 0)
    )


def description_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that describe its edit."""
    return {name: record[name] for name in FIELDS if name in record}


def without_description(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without its description."""
    return {name: value for name, value in record.items() if name not in FIELDS}


def resolution_rank(record: Mapping[str, Any]) -> int:
    """Resolved (2) counts before not resolved (1), and that before unknown (0).

    So what was once resolved stays so, whatever the order of the lines.
    """
    resolved = record.get("resolved")
    return 2 if resolved is True else 1 if resolved is False else 0


def repeats(line: bytes, other: bytes) -> bool:
    """Whether two lines are the same record, but for what may be added later.

    Merges of branches that log the same commit leave such lines.
    """
    try:
        records = identity.decode(line), identity.decode(other)
        if not all(isinstance(record, dict) for record in records):
            return False
        first, second = ({**record} for record in records if isinstance(record, dict))
        for name in _ADDED_LATER:
            # A description is added once; what was not resolved may be later.
            if name not in first or name not in second or name == "resolved":
                first.pop(name, None)
                second.pop(name, None)
        return identity.canonical(first) == identity.canonical(second)
    except RecordError:
        return False
