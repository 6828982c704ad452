"""Check the lines of a log one by one: quick tests for good lines, a close look at the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from errata.core.config import Alias
from errata.records import explain_invalid, other_logs, schema, unique_keys
from errata.records.append_only import BLOCK_SIZE, Block
from errata.records.dialect import translate
from errata.records.instants import day
from errata.records.model import Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse a log.

    Attributes:
        line: line in the new content, from 1; 0 for the log as a whole.
        path: JSON path of the value (``$.severity``), or "" for the line as a whole.
        message: what is wrong, and what is allowed.
    """

    line: int
    path: str
    message: str

    def at(self, file: str) -> str:
        """``file:line: $.path: message``, without the parts that do not apply."""
        where = f"{file}:{self.line}" if self.line else file
        return ": ".join(part for part in (where, self.path, self.message) if part)


class LineChecker:
    """Checks block after block of a log.

    Attributes:
        problems: what is wrong with single lines.
        first_lines: each id -> the first line that has it.
        repeated_ids: (line, id) where an earlier line has that id.
    """

    def __init__(self, kind: str, alias: Alias | None, now: int, detail: int | None) -> None:
        self.problems: list[Problem] = []
        self.first_lines: dict[str, int] = {}
        self.repeated_ids: list[tuple[int, str]] = []
        self._kind, self._alias, self._now = kind, alias, now
        self._detail = detail
        self._refused = 0

    def check(self, block: Block) -> None:
        """Check some lines.

        This is the hot loop: a line that passes the quick test is good, any other is looked at
        closely, and may still be good.
        """
        if len(block.text) > BLOCK_SIZE and self._explain_all(block):
            return
        kind, alias = self._kind, self._alias
        decode, passes = msgspec.json.Decoder().decode, _quick_test(kind, day(self._now))
        has_unique_keys = _unique_keys_test(kind, block.text)
        for number, line in zip(block.numbers, block.lines, strict=True):
            try:
                raw = record = decode(line)
                if alias is not None and type(raw) is dict:
                    record = translate(Kind(kind), raw, alias)
                good = passes(record) and has_unique_keys(line, raw)
            except (ValueError, RecursionError):
                good = False
            if not good and self._explain(number, line):
                continue
            if "id" in record:
                self._note_id(number, record["id"])

    def _note_id(self, number: int, own_id: str | None) -> None:
        if own_id is not None and self.first_lines.setdefault(own_id, number) != number:
            self.repeated_ids.append((number, own_id))

    def _explain_all(self, block: Block) -> bool:
        """Explain a line that is probably too long: a block above the limit holds one line."""
        return all(self._explain(*pair) for pair in zip(block.numbers, block.lines, strict=True))

    def _explain(self, number: int, line: bytes) -> bool:
        """Look at the line closely and add what is wrong; False if nothing is."""
        brief = self._detail is not None and self._refused >= self._detail
        faults = explain_invalid.of_line(self._kind, line, self._alias, self._now, brief)
        self.problems += [Problem(number, path, message) for path, message in faults]
        self._refused += bool(faults)
        return bool(faults)


def _quick_test(kind: str, today: str) -> Callable[[Any], bool]:
    """A function that says whether a record is valid and its times are below ``today``.

    Dates of one shape sort as text does, and a time zone moves one by less than the day that a
    record may lie in the future: a text below today's date is not in the future.
    """
    is_valid = schema.checker(kind)
    if kind in other_logs.OTHER_LOGS:
        # They have few lines: each is looked at closely.
        return lambda _: False

    def passes(record: Any) -> bool:
        # Most records have no date: `in` is faster than `get` then.
        return (
            is_valid(record)
            and record.get("timestamp", "") < today
            and ("date" not in record or record["date"] < today)
        )

    return passes


def _lists_objects(field: Mapping[str, Any]) -> bool:
    return "object" in field.get("items", {}).get("type", ())


def _unique_keys_test(kind: str, text: bytes) -> Callable[[bytes, Any], bool]:
    """A function that says whether a line of ``text``, and its parsed form, have each key once.

    JSON writes ``":`` after each key. If the line has as many of these as the parsed record has
    keys, none occurs twice. (A text that contains ``":`` adds to the count, and so does a deeper
    object: then the two differ, and the keys are read to be sure.)
    """
    properties = schema.load(kind)["properties"]
    nested = tuple(name for name, field in properties.items() if "object" in field.get("type", ()))
    listed = tuple(name for name, field in properties.items() if _lists_objects(field))
    spaced = unique_keys.may_have_spaced_keys(text)

    def has_unique_keys(line: bytes, raw: Any) -> bool:
        keys = len(raw)
        for name in nested:
            if name in raw and type(value := raw[name]) is dict:
                keys += len(value)
        for name in listed:
            if name in raw and type(values := raw[name]) is list:
                keys += sum(map(len, values))
        return (not spaced and line.count(b'":') == keys) or unique_keys.are_unique(line)

    return has_unique_keys
