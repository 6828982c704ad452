"""Explains an invalid line. Slow and thorough: only for lines that fail the quick tests."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec

from errata.core.config import Alias
from errata.records import instants, schema
from errata.records.append_only import MAX_LINE
from errata.records.dialect import translate
from errata.records.model import FUTURE_TOLERANCE, Kind
from errata.records.other_logs import faults_of
from errata.records.unique_keys import duplicate_keys

Fault = tuple[str, str]
"""JSON path of a value, or "" for the entire line; the problem and what is allowed."""

_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_BOM = b"\xef\xbb\xbf"
_TOO_DEEP = "nested too deeply to be read"


class _NotJsonError(Exception):
    """A word such as NaN, which Python reads as a number and JSON does not allow."""


def of_line(
    kind: str, line: bytes, alias: Alias | None, now: int, brief: bool = False
) -> list[Fault]:
    """Every fault of one line of a log; ``brief``: only one, without details."""
    text = line.rstrip(b"\r")
    if fault := _text_fault(text):
        return [("", fault)]
    try:
        value = msgspec.json.decode(text)
        duplicates = duplicate_keys(text)
    except RecursionError:
        return [("", _TOO_DEEP)]
    except ValueError as error:
        return [("", _not_json(text, error))]
    if isinstance(value, dict) and alias is not None:
        value = translate(Kind(kind), value, alias)
    faults = [
        ("$", f"duplicate key {schema.show(key)}; a key may occur once") for key in duplicates
    ]
    if not schema.is_valid(kind, value):
        invalid = [("$", f"not a valid {kind}")]
        return faults + (invalid if brief else schema.explain(kind, value) or invalid)
    return faults or future(value, now) or faults_of(kind, value)


def future(record: dict[str, Any], now: int) -> list[Fault]:
    """The times of a record, valid by its schema, that are more than a day after ``now``."""
    return [
        (f"$.{name}", f"{schema.show(text)} is in the future; allowed: at most a day after now")
        for name in ("timestamp", "date")
        if isinstance(text := record.get(name), str)
        and instants.parse(text) > now + FUTURE_TOLERANCE
    ]


def _text_fault(text: bytes) -> str:
    """What is wrong with the line as text, before it is read as JSON; "" if nothing."""
    if len(text) > MAX_LINE:
        return f"the line is {len(text):,} bytes long; allowed: at most {MAX_LINE:,}"
    if not text.strip():
        return "blank line; remove it"
    if text.startswith(_MARKERS):
        return "conflict marker; keep the lines of both sides and remove the markers"
    if text.startswith(_BOM):
        return "byte order mark; save the file as UTF-8 without one"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{text[error.start]:02x} at column {error.start + 1}"
    return ""


def _not_json(text: bytes, error: ValueError) -> str:
    def refuse(word: str) -> NoReturn:
        raise _NotJsonError(word)

    try:
        json.loads(text, parse_constant=refuse)
    except _NotJsonError as word:
        return f"not JSON: {word} is not a JSON number; use null or leave the field out"
    except RecursionError:
        return _TOO_DEEP
    except ValueError:
        reason = str(error).removeprefix("JSON is malformed: ")
        if "truncated" in reason:
            reason = "the line ends too early"
        return f"not JSON: {reason}; a line is one whole JSON object"
    # The json module accepts what UTF-8 or a double cannot hold.
    if isinstance(error, msgspec.ValidationError):
        return f"not JSON: {str(error)[0].lower()}{str(error)[1:]}"
    return "not JSON: half a surrogate pair (\\ud800 to \\udfff) in a text"
