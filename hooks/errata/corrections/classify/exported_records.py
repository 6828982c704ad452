"""Records that a tool exports: lines of JSON that it writes, with their instants, on its own.

An issue tracker that keeps its data in the repository rewrites a line for each change of an issue.
Such a line has an id and an instant shortly before the commit, later than the instant of the line
that it replaces. Whoever edits a fixture by hand leaves its instants alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from errata.corrections.attribution.diff import Hunk
from errata.records.model import DAY

_ENDINGS = (b".jsonl", b".ndjson")
_IDS = ("id", "_id", "uuid", "key", "number", "issue_id")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_INSTANT_KEY = re.compile(
    r"(?:_at|At|_time|Time|_on)\Z|\A(?:timestamp|time|updated|modified|date)\Z"
)
_BEFORE, _AFTER = 7 * DAY, DAY
_MAX_BYTES = 4_000_000


def is_export(path: bytes, hunks: Sequence[Hunk], time: int) -> bool:
    """Whether a tool wrote the changed lines of a file.

    Args:
        time: of the commit, in microseconds since 1970 UTC.
    """
    if not path.endswith(_ENDINGS) or _size(hunks) > _MAX_BYTES:
        return False
    old = _instants(line for hunk in hunks for line in hunk.old)
    new = _instants(line for hunk in hunks for line in hunk.new)
    if not old or not new:
        return False
    updated = old.keys() & new.keys()
    return (
        all(new[key] >= old[key] for key in updated)
        and any(new[key] > old[key] for key in updated)
        and time - _BEFORE <= max(new.values()) <= time + _AFTER
    )


def _size(hunks: Iterable[Hunk]) -> int:
    return sum(len(line) for hunk in hunks for line in (*hunk.old, *hunk.new))


def _instants(lines: Iterable[bytes]) -> dict[str, int] | None:
    """The newest instant of each record by its id; None if a line has not both."""
    newest_of: dict[str, int] = {}
    for line in filter(bytes.strip, lines):
        record = _record(line)
        name = next((str(record[key]) for key in _IDS if record.get(key)), None)
        newest = max(map(_instant, record.items()), default=0)
        if name is None or not newest or name in newest_of:
            return None
        newest_of[name] = newest
    return newest_of


def _record(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _instant(field: tuple[str, Any]) -> int:
    """Microseconds of a field that holds an instant, else 0."""
    key, value = field
    if not isinstance(value, str) or not _INSTANT_KEY.search(key) or not _INSTANT.match(value):
        return 0
    try:
        when = datetime.fromisoformat(value)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return 0
