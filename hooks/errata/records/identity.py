"""The identity of a record: its ``id``, or else the hash of its canonical JSON.

:func:`decode` reads numbers by value, not by spelling, so that each value has one canonical form.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from typing import TYPE_CHECKING

from errata.core.errors import RecordError

if TYPE_CHECKING:
    import msgspec

# Python's limit on the digits of an integer, which the parser enforces for plain integers.
_MAX_DIGITS = 4300


def decode(line: bytes) -> object:
    """Decode one JSON value; whole numbers become int in any spelling (``1.0``, ``1e0``).

    Surrounding whitespace, including CRLF, is ignored. If a key is repeated, the last value wins.

    Raises:
        RecordError: not JSON, not UTF-8, a number out of range, or nested too deeply.
    """
    import msgspec

    try:
        return _decoder().decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RecordError(f"not valid JSON: {error}") from error
    except RecursionError as error:
        raise RecordError("not readable as JSON: nested too deeply") from error


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, one form per number, text unchanged.

    ``value`` consists of JSON types: mappings with str keys, lists, str, int, float, bool, None.

    Raises:
        RecordError: it contains anything else (NaN, a lone surrogate, a key that is not text, ...).
    """
    return _encode(_with_canonical_numbers(value))


def encode(value: object) -> bytes:
    """Compact JSON with keys in their order; values are written as in the canonical form.

    Raises:
        RecordError: as :func:`canonical`.
    """
    # The records of hooks are plain, and importing json takes a tenth of the time of msgspec.
    if is_plain(value):
        import json

        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError as error:
            raise RecordError(f"cannot be written as JSON: {error.reason}") from error
    # Raises where msgspec would write null (NaN) or fail (lone surrogates).
    canonical(value)
    import msgspec

    return msgspec.json.encode(value)


def is_plain(value: object) -> bool:
    """Whether json and msgspec encode the value identically."""
    return _is_plain(value, 20)


def _is_plain(value: object, depth: int) -> bool:
    """Whether it has only exact JSON types, no number with an exponent, and at most this depth."""
    kind = type(value)
    if kind is dict:
        assert isinstance(value, dict)
        keys = all(type(key) is str for key in value)
        return keys and depth > 0 and all(_is_plain(item, depth - 1) for item in value.values())
    if kind is list:
        assert isinstance(value, list)
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value)
    if isinstance(value, float):
        return kind is float and math.isfinite(value) and "e" not in repr(value)
    if isinstance(value, int):
        return kind is bool or (kind is int and -(2**63) <= value < 2**63)
    return value is None or kind is str


def line_id(line: bytes) -> str:
    """The identity of the record on one line of a log.

    Its own ``id`` if that is a non-empty string; else ``sha256:`` and the first 32 hexadecimal
    digits of the hash of its canonical JSON. Whitespace, key order, line endings, escapes and the
    spelling of numbers do not change it.

    Raises:
        RecordError: the line is not JSON.
    """
    return _identity(decode(line))


def record_id(record: object) -> str:
    """As :func:`line_id`, for a record that is decoded or not written yet.

    Raises:
        RecordError: it cannot be written as JSON.
    """
    return _identity(_with_canonical_numbers(record))


def _identity(value: object) -> str:
    if isinstance(value, dict):
        record_id = value.get("id")
        if isinstance(record_id, str) and record_id:
            return record_id
    return "sha256:" + hashlib.sha256(_encode(value)).hexdigest()[:32]


def _encode(value: object) -> bytes:
    import msgspec

    try:
        return _encoder().encode(value)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise RecordError(f"cannot be written as JSON: {error}") from error


def _with_canonical_numbers(value: object) -> object:
    try:
        return _normalise_numbers(value)
    except RecursionError as error:
        raise RecordError("cannot be written as JSON: nested too deeply") from error


def _normalise_numbers(value: object) -> object:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RecordError(f"cannot be written as JSON: {value} is not a JSON number")
        return _number(repr(value))
    if isinstance(value, dict):
        return {key: _normalise_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normalise_numbers(item) for item in value]
    return value


def _number(text: str) -> int | float:
    """The value of a number: an exact int if it is whole, else the nearest double.

    Whether it is whole is decided by the decimal text, not by the double: 1e23 is whole, and the
    nearest double is another number.
    """
    from decimal import Decimal, InvalidOperation

    nearest = float(text)
    if not nearest:
        return 0
    if math.isfinite(nearest) and not nearest.is_integer():
        return nearest
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError("Number out of range") from None
    whole = exact == exact.to_integral_value()
    if exact.adjusted() >= _MAX_DIGITS or not (whole or math.isfinite(nearest)):
        raise ValueError("Number out of range")
    return int(exact) if whole else int(nearest)


@cache
def _decoder() -> msgspec.json.Decoder[object]:
    import msgspec

    return msgspec.json.Decoder(float_hook=_number)


@cache
def _encoder() -> msgspec.json.Encoder:
    import msgspec

    return msgspec.json.Encoder(order="deterministic")
