"""What a log has of earlier imports: which findings are new, and which were resolved since."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errata.core import safe_open
from errata.core.errors import RecordError
from errata.records import identity
from errata.records.description import resolution_rank
from errata.reviews.to_record import PREFIX

_MARK = f'"{PREFIX}'.encode()


@dataclass(slots=True)
class Changes:
    """What an import adds to a log.

    Attributes:
        new: findings that the log lacks.
        updated: records of the log with what is known since: whether they were resolved.
        known: how many findings the log has already, or the export has twice.
    """

    new: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0


def imported(log: Path) -> dict[str, dict[str, Any]]:
    """The imported records of a log, by id: of several lines of one, that which was resolved."""
    records: dict[str, dict[str, Any]] = {}
    with (
        contextlib.suppress(FileNotFoundError),
        open(log, "rb", opener=safe_open.open_regular) as file,
    ):
        for line in file:
            if _MARK not in line:
                continue
            with contextlib.suppress(RecordError):
                record = identity.decode(line)
                if isinstance(record, dict) and str(record.get("id", "")).startswith(PREFIX):
                    id = str(record["id"])
                    if id not in records or resolution_rank(record) > resolution_rank(records[id]):
                        records[id] = record
    return records


def compare(records: Iterable[dict[str, Any]], log: Mapping[str, Mapping[str, Any]]) -> Changes:
    """What records add to those of a log."""
    changes = Changes()
    seen: set[str] = set()
    for record in records:
        id = record["id"]
        old = log.get(id)
        if id in seen:
            changes.known += 1
        elif old is None:
            changes.new.append(record)
        else:
            changes.known += 1
            if resolution_rank(record) > resolution_rank(old):
                changes.updated.append({**old, "resolved": record["resolved"]})
        seen.add(id)
    return changes
