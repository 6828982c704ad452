"""Translate records of a log that has other field names and values into ours.

A table ``[aliases.KIND]`` does more than rename fields: values in another format (epoch seconds,
``Missing Check``, a separate line number) are converted too. A log without such a table is not
translated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from errata.core.config import Alias
from errata.records import instants
from errata.records.model import Kind

# Fields that hold a time, a pattern's name, one agent's name, and several.
_TIMES = ("timestamp", "date")
_TIME_TYPES = (str, int, float)
_NAMES = {
    Kind.FINDING: "pattern",
    Kind.INCIDENT: "pattern",
    Kind.LEARNING: "name",
    Kind.CORRECTION: "pattern_inferred",
}
_NAME_LISTS = ("affected_agents", "applicable_to")
_OURS = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII
)
_DIGITS = re.compile(r"\d{9,19}(\.\d*)?\Z", re.ASCII)
_WITH_LINE = re.compile(r":\d+(-\d+|:\d+)?\Z", re.ASCII)
_LINE = re.compile(r"[1-9]\d{0,8}", re.ASCII)
# Below so many seconds, milliseconds, microseconds: an epoch number of this century has 10 digits
# as seconds, and three more for each finer unit.
_UNITS = ((10**11, 10**6), (10**14, 10**3), (10**17, 1))
_YEAR_1000, _YEAR_10000 = -30_610_224_000_000_000, 253_402_300_800_000_000


@dataclass(frozen=True, slots=True)
class _PreparedAlias:
    """An alias, ready to apply.

    Attributes:
        sources: (their field, its keys if it is a path, our field), in the order of the alias.
        theirs: the fields that change their name.
        values: (our field, their value -> ours, the same by case-folded value).
    """

    sources: tuple[tuple[str, tuple[str, ...], str], ...]
    theirs: frozenset[str]
    values: tuple[tuple[str, dict[str, str], dict[str, str]], ...]


def translate(kind: Kind, raw: dict[str, Any], alias: Alias | None) -> dict[str, Any]:
    """The record under our field names, with our values; unknown fields are kept.

    ``raw`` is not changed; without an alias it is returned as it is. The steps, in order:

    - Names. A dotted name is a path into nested objects and lists (``location.path``,
      ``spots.0.uri``), unless a field has exactly that name. A field that already has our name (and
      is not null) wins, then the first alias. A field that loses keeps its name.
    - Values; value maps use our names. Numbers and booleans are looked up as JSON writes them,
      texts without regard to case, and null, empty or absent values as "".
    - Formats: a time as a number or in another form of ISO 8601, names of patterns and agents, a
      number as an id, and ``line`` next to ``file``, which becomes ``file:line``.
    """
    if alias is None:
        return raw
    prepared = _prepared(alias)
    record = {name: value for name, value in raw.items() if name not in prepared.theirs}
    for theirs, steps, ours in prepared.sources:
        if theirs in raw:
            value = raw[theirs]
        elif not steps or (value := _value_at(raw, steps)) is None:
            continue
        if record.get(ours) is None:
            record[ours] = value
        elif theirs in raw:
            record.setdefault(theirs, value)
    for name, exact, folded in prepared.values:
        key = _lookup_key(record.get(name))
        if key is not None:
            word = exact.get(key) or folded.get(key.strip().casefold())
            if word is not None:
                record[name] = word
    _normalise(kind, record)
    return record


def _prepared(alias: Alias) -> _PreparedAlias:
    """The alias, prepared once. The key is the object: a mapping cannot be hashed."""
    known = _cache.get(id(alias))
    if known is None or known[0] is not alias:
        if len(_cache) >= 32:
            _cache.clear()
        known = _cache[id(alias)] = (alias, _prepare(alias))
    return known[1]


_cache: dict[int, tuple[Alias, _PreparedAlias]] = {}


def _prepare(alias: Alias) -> _PreparedAlias:
    fields = alias.fields
    return _PreparedAlias(
        tuple(
            (theirs, tuple(theirs.split(".")) if "." in theirs else (), ours)
            for theirs, ours in fields.items()
        ),
        frozenset(theirs for theirs, ours in fields.items() if theirs != ours),
        tuple(
            (name, dict(words), {theirs.strip().casefold(): w for theirs, w in words.items()})
            for name, words in alias.values.items()
        ),
    )


def _value_at(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _lookup_key(value: Any) -> str | None:
    """The key of a value in a value map; None for a value that cannot be looked up."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    return "" if value is None else None


def _normalise(kind: Kind, record: dict[str, Any]) -> None:
    """Convert values in another format into ours."""
    for name in _TIMES:
        value: Any = record.get(name)
        if type(value) in _TIME_TYPES and (when := moment(value)) is not None:
            record[name] = when
    _normalise_name(record, _NAMES[kind])
    _normalise_name(record, "agent", 64)
    for name in _NAME_LISTS:
        if name in record:
            record[name] = _names(record[name])
    if type(record.get("id")) is int:
        record["id"] = str(record["id"])
    file = record.get("file")
    if type(file) is str:
        record["file"] = place(file, record.get("line"))


def _names(value: Any) -> Any:
    if isinstance(value, str) and value:
        return [_name(value, 64)]
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return [_name(name, 64) for name in value]
    return value


def _normalise_name(record: dict[str, Any], field: str, limit: int = 100) -> None:
    value = record.get(field)
    if type(value) is str:
        # Many writers leave a text empty where they have no value.
        record[field] = _name(value, limit) if value.strip() else None


@lru_cache(maxsize=65_536)
def _name(text: str, limit: int) -> str:
    # The module reads rules, which a log without aliases does not need.
    from errata.records.pattern_names import kebab

    return kebab(text, limit)


def moment(value: str | float) -> str | None:
    """A time as our schemas have it; None if it cannot be converted or need not be.

    Numbers count from 1970 UTC; the size tells seconds from milli-, micro- and nanoseconds.
    """
    if isinstance(value, str):
        if len(value) == 20 and value[10] == "T" and value[19] == "Z":
            return None  # Nearly always a valid time; if not, validation reports it.
        text = value.strip()
        if _OURS.match(text):
            return text if text != value else None
        return _epoch(float(text)) if _DIGITS.match(text) else _loose(text)
    return None if isinstance(value, bool) else _epoch(value)


def _epoch(number: float) -> str | None:
    for limit, factor in _UNITS:
        if abs(number) < limit:
            return _iso(round(number * factor))
    return _iso(round(number / 1000)) if abs(number) < 10**20 else None


def _loose(text: str) -> str | None:
    """Other formats of ISO 8601, and those of git and of databases."""
    if re.match(r"\d{4}/\d\d?/\d\d?", text):
        text = text.replace("/", "-", 2)
    text = re.sub(r" ?(UTC|GMT|z)\Z", "Z", text)
    text = re.sub(r" (?=[+-]\d\d:?\d\d\Z)", "", text)
    try:
        return _iso(instants.from_datetime(datetime.fromisoformat(text)))
    except (ValueError, OverflowError):
        return None


def _iso(when: int) -> str | None:
    return instants.iso(when) if _YEAR_1000 <= when < _YEAR_10000 else None


def place(file: str, line: object) -> str:
    """``file`` and ``line`` as ``file:line``; a file that already ends in a line number stays."""
    file = file.removeprefix("file://").removeprefix("./")
    if type(line) not in (int, str) or (":" in file and _WITH_LINE.search(file)):
        return file
    number = _LINE.match(str(line).strip().removeprefix("L"))
    return f"{file}:{number[0]}" if number and file else file
