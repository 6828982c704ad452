"""Is this log's new content acceptable? Pure: bytes in, problems out.

What is already committed is compared as bytes and never parsed, so the cost follows the new lines.
A good line costs one parse, one schema check and one count; only a bad one is looked at closely.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from errata.core.config import Alias
from errata.records import explain_invalid, schema
from errata.records.append_only import BLOCK, Block, Fresh, compare
from errata.records.dialect import translate
from errata.records.instants import day
from errata.records.model import Kind

_SPACE_COLON = re.compile(rb" :").search


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
    olds: Sequence[bytes | int] = (),
    *,
    now: int,
    alias: Alias | None = None,
    allow_rewrite: bool = False,
    detail: int | None = None,
) -> Report:
    """Check a log's new content.

    Args:
        olds: the log in each parent of the commit to be: b"" where a parent has none, or the number
            of bytes of ``new`` that are known to be it. Two or more mean a merge, whose result
            needs every line of every parent, in any order. Empty: check all of ``new`` on its own.
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
        lines.check(block)
        checked += len(block.lines)
    found = lines.problems + _cut_off(fresh) + _reused(lines.ids, fresh, alias)
    if found or lines.twice:
        before = fresh.lines_before
        found = [replace(one, line=one.line + before) for one in found]
        found += [
            _twice(number + before, name, lines.ids[name] + before) for number, name in lines.twice
        ]
    return Report(checked, sorted(lost + found, key=lambda one: one.line))


def _twice(line: int, name: str, first: int) -> Problem:
    return Problem(line, "$.id", f"{schema.show(name)} is also the id of line {first}")


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
    found: dict[str, None] = {}
    for match in _id_pattern(ids, alias).finditer(old, 0, end):
        name = next(filter(None, match.groups()), b"").decode()
        if name in ids and name not in found and _has_id(old, match.start(), name, alias):
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
        self.twice: list[tuple[int, str]] = []
        self._kind, self._alias, self._now = kind, alias, now
        self._detail = detail
        self._refused: set[int] = set()
        self._nested = _object_fields(kind)

    def check(self, block: Block) -> None:
        """Check some lines.

        This is the hot loop. Dates of one shape sort as text does, and an offset moves one by less
        than a day, which is what the future may be off by: so a text below today's is no future.
        Most records lack most fields: to ask whether one is there is faster than to get it.
        """
        if len(block.text) > BLOCK and self._refuse_all(block):
            return
        decode, is_valid, ids = msgspec.json.Decoder().decode, schema.checker(self._kind), self.ids
        kind, alias, today = self._kind, self._alias, day(self._now)
        nested, keys = self._nested, 0
        for number, line in zip(block.numbers, block.lines, strict=True):
            try:
                raw = record = decode(line)
                if alias is not None and type(raw) is dict:
                    record = translate(kind, raw, alias)
                good = (
                    is_valid(record)
                    and record.get("timestamp", "") < today
                    and ("date" not in record or record["date"] < today)
                )
            except (ValueError, RecursionError):
                good = False
            if not good and self._refuse(number, line):
                continue
            keys += len(raw)
            for name in nested:
                if name in raw and type(value := raw[name]) is dict:
                    keys += len(value)
            own = record["id"] if "id" in record else None  # noqa: SIM401
            if own is not None and ids.setdefault(own, number) != number:
                self.twice.append((number, own))
        # Every key is followed by `":`, and a text that holds the same only adds to the count: as
        # many as keys were read means that no key occurs twice.
        if block.text.count(b'":') != keys or _may_space_keys(block.text):
            self._check_keys(block)

    def _refuse_all(self, block: Block) -> bool:
        refused = [self._refuse(*pair) for pair in zip(block.numbers, block.lines, strict=True)]
        return all(refused)

    def _check_keys(self, block: Block) -> None:
        """Find keys that occur twice, line by line: the slow road where the count was not right."""
        for number, line in zip(block.numbers, block.lines, strict=True):
            if number in self._refused:
                continue
            try:
                plain = line.count(b'":') == _keys(msgspec.json.decode(line))
            except RecursionError:
                plain = False
            if not plain or _may_space_keys(line):
                self._refuse(number, line)

    def _refuse(self, number: int, line: bytes) -> bool:
        """Add what is wrong with the line; False if a close look finds nothing."""
        brief = self._detail is not None and len(self._refused) >= self._detail
        found = explain_invalid.of_line(self._kind, line, self._alias, self._now, brief)
        for path, message in found:
            self._add(number, path, message)
        if found:
            self._refused.add(number)
        return bool(found)

    def _add(self, number: int, path: str, message: str) -> None:
        self.problems.append(Problem(number, path, message))


def _object_fields(kind: Kind) -> tuple[str, ...]:
    """Fields of a kind that hold an object, by its schema."""
    properties = schema.load(kind)["properties"]
    return tuple(name for name, one in properties.items() if "object" in one.get("type", ()))


def _may_space_keys(text: bytes) -> bool:
    """Is there white space before some colon? Then counting `":` may miss a key."""
    # `re` finds two bytes faster than `in`, but `in` finds one, and tabs are rare, much faster.
    if _SPACE_COLON(text):
        return True
    return any(byte in text and byte + b":" in text for byte in (b"\t", b"\r"))


def _keys(value: Any) -> int:
    """Number of keys at all depths."""
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _id_pattern(ids: Collection[str], alias: Alias | None) -> re.Pattern[bytes]:
    """What finds ids in text; to look for a few by name is faster than to see them all."""
    values = "|".join(map(re.escape, ids)) if len(ids) <= 50 else r'[^"\\]*'
    if alias is None:
        return re.compile(rf'"id"\s*:\s*"({values})"'.encode())
    theirs = [name for name, ours in alias.fields.items() if ours == "id"]
    theirs += [name.rpartition(".")[2] for name in theirs]
    names = "|".join(re.escape(json.dumps(field)) for field in ("id", *theirs))
    # In another dialect an id may be a number.
    return re.compile(rf'(?:{names})\s*:\s*(?:"({values})"|(\d+))'.encode())


def _has_id(text: bytes, position: int, name: str, alias: Alias | None) -> bool:
    """Is that the id of the record itself, not of something inside it or quoted by it?"""
    start = text.rfind(b"\n", 0, position) + 1
    end = text.find(b"\n", position)
    try:
        record = msgspec.json.decode(text[start : end if end >= 0 else len(text)])
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and translate(Kind.FINDING, record, alias).get("id") == name
