"""Do new records reuse an id of a committed one? Committed lines are searched, not parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

import msgspec

from errata.core.config import Alias
from errata.records.append_only import Additions
from errata.records.dialect import translate
from errata.records.model import Kind

_MOST_NAMED = 50


def reused(ids: Collection[str], additions: Additions, alias: Alias | None) -> dict[str, bytes]:
    """Those ids of new records that a committed one has too, and its line.

    Of several lines with an id, it is one with a description if there is any.
    """
    committed, end = additions.committed()
    if not ids or not end:
        return {}
    matches: dict[str, bytes] = {}
    for match in _id_pattern(ids, alias).finditer(committed, 0, end):
        name = next(filter(None, match.groups()), b"").decode()
        if name not in ids:
            continue
        line = _line_at(committed, match.start())
        # The one with a description tells most.
        is_better = name not in matches or b'"edits"' in line
        if is_better and _record_id(line, alias) == name:
            matches[name] = line
    return matches


def _id_pattern(ids: Collection[str], alias: Alias | None) -> re.Pattern[bytes]:
    """An expression for ids in text; to look for a few by name is faster than to match all."""
    values = "|".join(map(re.escape, ids)) if len(ids) <= _MOST_NAMED else r'[^"\\]*'
    if alias is None:
        return re.compile(rf'"id"\s*:\s*"({values})"'.encode())
    theirs = [name for name, ours in alias.fields.items() if ours == "id"]
    theirs += [name.rpartition(".")[2] for name in theirs]
    names = "|".join(re.escape(json.dumps(field)) for field in ("id", *theirs))
    # In another dialect an id may be a number.
    return re.compile(rf'(?:{names})\s*:\s*(?:"({values})"|(\d+))'.encode())


def _line_at(text: bytes, position: int) -> bytes:
    start = text.rfind(b"\n", 0, position) + 1
    end = text.find(b"\n", position)
    return text[start : end if end >= 0 else len(text)]


def _record_id(line: bytes, alias: Alias | None) -> object:
    """The id of the record itself: the match may be in a nested object or quoted in a text."""
    try:
        record = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    return translate(Kind.FINDING, record, alias).get("id") if isinstance(record, dict) else None
