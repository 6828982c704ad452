"""Check the lines of a log one by one: quick tests for good lines, a close look at the others."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from errata.core.config import Alias
from errata.records import explain_invalid, schema, unique_keys
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

    def __init__(self, kind: Kind, alias: Alias | None, now: int, detail: int | None) -> None:
        self.problems: list[Problem] = []
        self.first_lines: dict[str, int] = {}
        self.repeated_ids: list[tuple[int, str]] = []
        self._kind, self._alias, self._now = kind, alias, now
        self._detail = detail
        self._refused = 0

    def check(self, block: Block) -> None:
        """Check some lines.

        This is the hot loop: a line that passes the quick tests is good, any other is looked at
        closely, and may still be good. The tests:

        - Times. Dates of one shape sort as text does, and a time zone moves one by less than the
          day that a record may lie in the future: a text below today's date is not in the future.
        - Unique keys. JSON writes ``":`` after each key. If the line has as many of these as the
          parsed record has keys, none occurs twice. (A text that contains ``":`` adds to the count,
          and so does a deeper object: then the two differ, and the keys are read to be sure.)
        """
        if len(block.text) > BLOCK_SIZE and self._explain_all(block):
            return
        decode, is_valid, first_lines = (
            msgspec.json.Decoder().decode,
            schema.checker(self._kind),
            self.first_lines,
        )
        kind, alias, today = self._kind, self._alias, day(self._now)
        nested = _object_fields(kind)
        spaced = unique_keys.may_have_spaced_keys(block.text)
        for number, line in zip(block.numbers, block.lines, strict=True):
            try:
                raw = record = decode(line)
                if alias is not None and type(raw) is dict:
                    record = translate(kind, raw, alias)
                # Most records lack most fields: `in` is faster than `get` then.
                good = (
                    is_valid(record)
                    and record.get("timestamp", "") < today
                    and ("date" not in record or record["date"] < today)
                )
                if good:
                    keys = len(raw)
                    for name in nested:
                        if name in raw and type(value := raw[name]) is dict:
                            keys += len(value)
                    counted = not spaced and line.count(b'":') == keys
                    good = counted or unique_keys.are_unique(line)
            except (ValueError, RecursionError):
                good = False
            if not good and self._explain(number, line):
                continue
            own_id = record["id"] if "id" in record else None  # noqa: SIM401
            if own_id is not None and first_lines.setdefault(own_id, number) != number:
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


def _object_fields(kind: Kind) -> tuple[str, ...]:
    """The fields of a kind that hold an object, by its schema."""
    properties = schema.load(kind)["properties"]
    return tuple(name for name, one in properties.items() if "object" in one.get("type", ()))
