"""Mutations that know the structure of text: words, sequences of words, and JSON values.

Random bytes seldom get past a tokenizer; these mutations keep most of a seed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

_PIECE = re.compile(rb"\w+|\n+|[ \t]+|[^\w\s]|.", re.DOTALL)

NASTY = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\r", b"\r\n", b"\n", b"\t"),
    *("\u2028".encode(), "\u200b".encode(), "\u202e".encode(), "e\u0301".encode(), b"\x85"),
    *("\U000e0041".encode(), "\U0001f469\u200d\U0001f4bb".encode(), "İ".encode(), "ß".encode()),
    *(b"\\", b"\\u0000", b"\\ud800", b"\x1b[31m", b"\x1b]8;;", b"'", b'"', b"`", b"*", b"<!--"),
    *(b"-1", b"0", b"1e400", b"18446744073709551616", b"9" * 400, b"NaN", b"-0.0", b"%s", b"{}"),
    *(b"../../etc/passwd", b"--output=x", b"a" * 300, b"\xe3\x80\x80", "\u0663".encode()),
)
"""Inputs that often break programs."""

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.0, 0.1, -0.0, 1e308, 10**30, 10**400, 2**63, "", " ", "a"),
    *("\ud800", "\0", "2025-01-15", "2025-01-15T14:30:00Z", "2025-01-15T14:30:00+05:30"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2025-02-30", "1736951400"),
    *("x" * 300, "a-b", "A_b c", [], {}, [[]], {"": ""}, ["api-dev"], "api-dev", "high", "nit"),
    *("\u2028\u202e\u200b", "e\u0301", "../x", "src/a.py:12", 1736951400, 1736951400123, "٣"),
)


def words(data: bytes, random: Random, vocabulary: Sequence[bytes] = ()) -> bytes:
    """The input with some pieces removed, repeated, moved or replaced."""
    parts = _PIECE.findall(data)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        _change(parts, random, vocabulary)
    return b"".join(parts)


def _change(parts: list[bytes], random: Random, vocabulary: Sequence[bytes]) -> None:
    at = random.randrange(len(parts) + 1)
    end = min(len(parts), at + random.choice((1, 1, 2, 5, 12)))
    kind = random.randrange(7)
    if kind == 0:
        del parts[at:end]
    elif kind == 1:
        parts[at:at] = parts[at:end] * random.choice((1, 1, 2, 20))
    elif kind == 2:
        to = random.randrange(len(parts) + 1)
        moved = parts[at:end]
        del parts[at:end]
        parts[to:to] = moved
    elif kind == 3:
        parts[at:end] = [random.choice(NASTY)]
    elif kind == 4:
        parts.insert(at, random.choice(NASTY) * random.choice((1, 1, 3, 40)))
    else:
        piece = random.choice(vocabulary or NASTY)
        parts[at : at if kind == 5 else end] = [piece]


def values(data: bytes, random: Random) -> bytes:
    """Change a value in one JSON line; treat any other input like :func:`words`."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except (ValueError, RecursionError):
        return words(data, random)
    lines[at] = json.dumps(_changed(value, random)).encode("utf-8", "surrogatepass")
    if random.randrange(8) == 0:
        lines.insert(random.randrange(len(lines)), random.choice(lines))
    return b"\n".join(lines)


def _changed(value: Any, random: Random) -> Any:
    if isinstance(value, dict) and value and random.randrange(4):
        key = random.choice(list(value))
        kind = random.randrange(6)
        if kind == 0:
            return {name: item for name, item in value.items() if name != key}
        if kind == 1:
            return {**value, str(random.choice(_VALUES)): value[key]}
        return {**value, key: _changed(value[key], random)}
    if isinstance(value, list) and value and random.randrange(4):
        at = random.randrange(len(value))
        return [*value[:at], _changed(value[at], random), *value[at + random.randrange(2) :]]
    if isinstance(value, str) and value and random.randrange(2):
        changed = words(value.encode("utf-8", "replace"), random)
        return changed.decode("utf-8", "replace")
    wrapped = random.randrange(12)
    return [value] if wrapped == 0 else {"a": value} if wrapped == 1 else random.choice(_VALUES)
