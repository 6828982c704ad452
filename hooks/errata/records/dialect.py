"""Logs that a team already writes, in other field names and values, read as ours."""

from __future__ import annotations

from typing import Any

from errata.config import Alias
from errata.records.model import Kind


def translate(kind: Kind, raw: dict[str, Any], alias: Alias | None) -> dict[str, Any]:  # noqa: ARG001
    """The record under our field names, with our values; unknown fields are kept.

    Names first, then values, so value maps are keyed by our names; a number is looked up by its
    digits. Where a record already has our
    field, that one wins and theirs keeps its name. ``raw`` is not changed, and is returned as it is
    without an alias.
    """
    if alias is None:
        return raw
    fields = alias.fields
    own = {name for name in raw if fields.get(name, name) == name}
    record: dict[str, Any] = {}
    for name, value in raw.items():
        ours = fields.get(name, name)
        taken = ours != name and (ours in own or ours in record)
        record[name if taken else ours] = value
    for name, words in alias.values.items():
        value = record.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value) in words:
            record[name] = words[str(value)]
    return record
