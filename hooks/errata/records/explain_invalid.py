"""What exactly is wrong with one bad line. Slow and thorough: only lines that failed come here."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec

from errata.core.config import Alias
from errata.records import instants, schema
from errata.records.append_only import MAX_LINE
from errata.records.dialect import translate
from errata.records.model import FUTURE_TOLERANCE, Kind
from errata.records.unique_keys import duplicate_keys

Fault = tuple[str, str]
"""JSON path of a value, or "" for the line as such; what is wrong and what is allowed."""

_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_BOM = b"\xef\xbb\xbf"
_DEEP = "nested too deeply to be read"


class _NotJsonError(Exception):
    """A word that Python reads as a number and JSON does not know."""


def of_line(
    kind: Kind, line: bytes, alias: Alias | None, now: int, brief: bool = False
) -> list[Fault]:
    """Every fault of one line of a log; empty if it has none. ``brief``: say only that it has."""
    text = line.rstrip(b"\r")
    shape = _shape(text)
    if shape:
        return [("", shape)]
    try:
        value = msgspec.json.decode(text)
        doubled = duplicate_keys(text)
    except RecursionError:
        return [("", _DEEP)]
    except ValueError as error:
        return [("", _not_json(text, error))]
    if isinstance(value, dict):
        value = translate(kind, value, alias)
    found = [("$", f"duplicate key {schema.show(key)}; a key may occur once") for key in doubled]
    if not schema.is_valid(kind, value):
        unsaid = [("$", f"not a valid {kind}")]
        return found + (unsaid if brief else schema.explain(kind, value) or unsaid)
    return found or future(value, now)


def future(record: dict[str, Any], now: int) -> list[Fault]:
    """Those times of a record, valid by its schema, that lie more than a day after ``now``."""
    return [
        (f"$.{name}", f"{schema.show(text)} is in the future; allowed: at most a day after now")
        for name in ("timestamp", "date")
        if isinstance(text := record.get(name), str)
        and instants.parse(text) > now + FUTURE_TOLERANCE
    ]


def _shape(text: bytes) -> str:
    """What can be said of the line before it is read as JSON; "" if nothing."""
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
        return _DEEP
    except ValueError:
        reason = str(error).removeprefix("JSON is malformed: ")
        if "truncated" in reason:
            reason = "the line ends too early"
        return f"not JSON: {reason}; a line is one whole JSON object"
    # Python's reader is the milder one: it lets through what UTF-8 or a double cannot hold.
    if isinstance(error, msgspec.ValidationError):
        return f"not JSON: {str(error)[0].lower()}{str(error)[1:]}"
    return "not JSON: half a surrogate pair (\\ud800 to \\udfff) stands alone in a text"
