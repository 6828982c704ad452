"""Is this log's new content acceptable? Pure: bytes in, problems out.

What is already committed is compared as bytes and never parsed, so the cost follows the new lines.
A good line costs one parse, one schema check and one count; only a bad one is looked at closely.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from errata.config import Alias
from errata.records import faults, schema
from errata.records.dialect import translate
from errata.records.history import Fresh, compare
from errata.records.instants import day
from errata.records.model import Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse a log.

    Attributes:
        line: line in the new content, from 1; 0 where the log as a whole is meant.
        path: JSON path of the value (``$.severity``), or "" where no value is meant.
        message: what is wrong, and what is allowed.
    """

    line: int
    path: str
    message: str

    def at(self, file: str) -> str:
        """``file:line: $.path: message``, without the parts that do not apply."""
        where = f"{file}:{self.line}" if self.line else file
        return ": ".join(part for part in (where, self.path, self.message) if part)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one log.

    Attributes:
        checked: number of lines that were checked.
        problems: by line; empty if the log is fine.
    """

    checked: int
    problems: list[Problem]


def check(
    kind: Kind,
    new: bytes,
    olds: Sequence[bytes] = (),
    *,
    now: int,
    alias: Alias | None = None,
    allow_rewrite: bool = False,
    detail: int | None = None,
) -> Report:
    """Check a log's new content.

    Args:
        olds: the log in each parent of the commit to be, b"" where a parent has none; two or more
            mean a merge, whose result needs every line of every parent, in any order. Empty: check
            all of ``new`` on its own.
        now: the present, microseconds UTC.
        detail: at most so many bad lines are explained; each further one is only named.
    """
    fresh = compare(new, olds)
    lost = (
        []
        if allow_rewrite or not fresh.lost
        else [Problem(fresh.lost.line, "", fresh.lost.message)]
    )
    nul = fresh.text.find(b"\0", fresh.start)
    if nul >= 0:
        line = fresh.text.count(b"\n", 0, nul) + 1
        return Report(
            0, [*lost, Problem(line, "", "NUL byte; a log is UTF-8 text, one record a line")]
        )
    lines = _Lines(kind, alias, now, detail)
    checked = 0
    for block in fresh.blocks():
        lines.check(block.lines)
        checked += block.size
    found = lines.problems + _cut_off(fresh) + _reused(lines.ids, fresh, alias)
    if found:
        found = [replace(one, line=one.line + fresh.lines_before) for one in found]
    return Report(checked, sorted(lost + found, key=lambda one: one.line))


def _cut_off(fresh: Fresh) -> list[Problem]:
    if len(fresh.text) == fresh.start or fresh.text.endswith(b"\n"):
        return []
    last = fresh.text.count(b"\n", fresh.start) + 1
    return [Problem(last, "", "no newline at the end; the last line may be cut off")]


def _reused(ids: dict[str, int], fresh: Fresh, alias: Alias | None) -> list[Problem]:
    """Ids of new records that a committed one has: found as bytes, then read to be sure."""
    old, end = fresh.committed()
    if not ids or not end:
        return []
    names = [
        "id",
        *(theirs for theirs, ours in (alias.fields if alias else {}).items() if ours == "id"),
    ]
    fields = b"|".join(re.escape(json.dumps(name).encode()) for name in names)
    wanted = {name.encode(): name for name in ids}
    found: dict[str, None] = {}
    for match in re.compile(rb'(?:%b)\s*:\s*"([^"\\]*)"' % fields).finditer(old, 0, end):
        name = wanted.get(match[1])
        if name and _has_id(old, match.start(), name, alias):
            found[name] = None
    return [
        Problem(ids[name], "$.id", f"{schema.show(name)} is already the id of a committed record")
        for name in found
    ]


class _Lines:
    """Checks lines one after the other; keeps problems, and the ids that were seen."""

    def __init__(self, kind: Kind, alias: Alias | None, now: int, detail: int | None) -> None:
        self.problems: list[Problem] = []
        self.ids: dict[str, int] = {}
        self._kind, self._alias, self._now = kind, alias, now
        self._detail = detail
        self._refused = 0
        self._nested = _object_fields(kind)

    def check(self, lines: Iterable[tuple[int, bytes]]) -> None:
        """Check lines, each with its number.

        This is the hot loop. Dates of one shape sort as text does, and an offset moves one by less
        than a day, which is what the future may be off by: so a text below today's is no future.
        """
        decode, is_valid, ids = msgspec.json.Decoder().decode, schema.checker(self._kind), self.ids
        kind, alias, today = self._kind, self._alias, day(self._now)
        nested = self._nested
        for number, line in lines:
            try:
                raw = record = decode(line)
                if alias is not None and type(raw) is dict:
                    record = translate(kind, raw, alias)
                good = (
                    is_valid(record)
                    and (
                        (quotes := line.count(b'"')) == 4 * len(raw)  # all values are texts
                        or _no_key_twice(raw, line, quotes, nested)
                    )
                    and record.get("timestamp", "") < today
                    and record.get("date", "") < today
                )
            except (ValueError, RecursionError):
                good = False
            if not good and self._refuse(number, line):
                continue
            name = record.get("id")
            if name is not None and ids.setdefault(name, number) != number:
                self._add(number, "$.id", f"{schema.show(name)} is also the id of line {ids[name]}")

    def _refuse(self, number: int, line: bytes) -> bool:
        """Add what is wrong with the line; False if a close look finds nothing."""
        brief = self._detail is not None and self._refused >= self._detail
        found = faults.of_line(self._kind, line, self._alias, self._now, brief)
        for path, message in found:
            self._add(number, path, message)
        self._refused += bool(found)
        return bool(found)

    def _add(self, number: int, path: str, message: str) -> None:
        self.problems.append(Problem(number, path, message))


def _object_fields(kind: Kind) -> tuple[str, ...]:
    """Fields of a kind that hold an object, by its schema."""
    properties = schema.load(kind)["properties"]
    return tuple(name for name, one in properties.items() if "object" in one.get("type", ()))


def _no_key_twice(raw: dict[str, Any], line: bytes, quotes: int, nested: Sequence[str]) -> bool:
    """Do the keys and texts that were read account for every quote in the line?

    A key that occurs twice is read once, so it leaves quotes over; so does an escaped quote. The
    first guess is that all values are texts but those that the schema has as objects.
    """
    guess = 4 * len(raw)
    for name in nested:
        value = raw.get(name)
        if type(value) is dict:
            guess += 4 * len(value) - 2
    if guess == quotes:
        return True
    # An escaped backslash may stand before a quote that is not escaped: let the slow check decide.
    escaped = 0 if rb"\\" in line else line.count(rb"\"")
    return quotes - escaped == _quotes(raw)


def _quotes(value: Any) -> int:
    """Quotes around the keys and texts of a value."""
    if isinstance(value, str):
        return 2
    if isinstance(value, dict):
        return 2 * len(value) + sum(map(_quotes, value.values()))
    return sum(map(_quotes, value)) if isinstance(value, list) else 0


def _has_id(text: bytes, position: int, name: str, alias: Alias | None) -> bool:
    """Is that the id of the record itself, not of something inside it or quoted by it?"""
    start = text.rfind(b"\n", 0, position) + 1
    end = text.find(b"\n", position)
    try:
        record = msgspec.json.decode(text[start : end if end >= 0 else len(text)])
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and translate(Kind.FINDING, record, alias).get("id") == name
