"""What makes two records the same one: their own ``id``, or else the hash of their canonical JSON.

:func:`decode` is the project's only JSON parser. It reads a number by its value and not by its
spelling, so that whatever is decoded here has one canonical form.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from typing import TYPE_CHECKING

from errata.core.errors import RecordError

if TYPE_CHECKING:
    import msgspec

# Python's own limit for reading an integer's digits, which the parser enforces on plain integers.
_MAX_DIGITS = 4300


def decode(line: bytes) -> object:
    """One JSON value; whole numbers become int however they are spelled (``1.0``, ``1e0``).

    Surrounding JSON whitespace, CRLF included, is ignored. Of a repeated key the last one stays.

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
    """Canonical JSON: keys sorted, no spaces, UTF-8, one form per number, text left as it is.

    ``value`` is made of what JSON has: str-keyed mappings, lists, str, int, float, bool, None.

    Raises:
        RecordError: it holds something else (NaN, a lone surrogate, a key that is not text, ...).
    """
    try:
        return _encode(_stable(value))
    except RecursionError as error:
        raise RecordError("cannot be written as JSON: nested too deeply") from error


def encode(value: object) -> bytes:
    """Compact JSON, keys in their own order; a value is spelled as the canonical form spells it.

    Raises:
        RecordError: as :func:`canonical`.
    """
    # What hooks write is plain, and Python's own encoder is imported in a tenth of the time.
    if plain(value):
        import json

        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError as error:
            raise RecordError(f"cannot be written as JSON: {error.reason}") from error
    # Refuses what the plain encoder would turn into null (NaN) or fail on (lone surrogates).
    canonical(value)
    import msgspec

    return msgspec.json.encode(value)


def plain(value: object) -> bool:
    """Whether Python's own encoder writes a value as the project's does."""
    return _plain(value, 20)


def _plain(value: object, depth: int) -> bool:
    """Whether both encoders write a value alike: no type but JSON's, no number with an exponent."""
    kind = type(value)
    if kind is dict:
        assert isinstance(value, dict)
        keys = all(type(key) is str for key in value)
        return keys and depth > 0 and all(_plain(item, depth - 1) for item in value.values())
    if kind is list:
        assert isinstance(value, list)
        return depth > 0 and all(_plain(item, depth - 1) for item in value)
    if isinstance(value, float):
        return kind is float and math.isfinite(value) and "e" not in repr(value)
    if isinstance(value, int):
        return kind is bool or (kind is int and -(2**63) <= value < 2**63)
    return value is None or kind is str


def content_id(line: bytes) -> str:
    """The identity of the record on one line of a log.

    Its own ``id`` if that is a non-empty string; else ``sha256:`` and the first 32 hexadecimal
    digits of the hash of its canonical JSON. Whitespace, key order, line ending, escapes and the
    spelling of numbers never change it.

    Raises:
        RecordError: the line is not JSON.
    """
    return _identity(decode(line))


def record_id(record: object) -> str:
    """As :func:`content_id`, for a record that is already decoded, or not yet written.

    Raises:
        RecordError: it cannot be written as JSON.
    """
    try:
        return _identity(_stable(record))
    except RecursionError as error:
        raise RecordError("cannot be written as JSON: nested too deeply") from error


def _identity(value: object) -> str:
    if isinstance(value, dict):
        own = value.get("id")
        if isinstance(own, str) and own:
            return own
    return "sha256:" + hashlib.sha256(_encode(value)).hexdigest()[:32]


def _encode(value: object) -> bytes:
    import msgspec

    try:
        return _encoder().encode(value)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise RecordError(f"cannot be written as JSON: {error}") from error


def _stable(value: object) -> object:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RecordError(f"cannot be written as JSON: {value} is not a JSON number")
        return _number(repr(value))
    if isinstance(value, dict):
        return {key: _stable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_stable(item) for item in value]
    return value


def _number(text: str) -> int | float:
    """A number by its value: exact int if it is whole, else the nearest double.

    The integer test is made on the decimal text, not on the double: 1e23 is a whole number, and the
    double nearest to it is another one.
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
