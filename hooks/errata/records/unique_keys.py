"""Does a key occur twice in an object? JSON parsers keep one of the two and say nothing."""

from __future__ import annotations

import json
import re
from typing import Any

_SPACE_BEFORE_COLON = re.compile(rb" :").search


def duplicate_keys(text: bytes) -> list[str]:
    """Keys that occur twice in one object, at any depth.

    Raises:
        ValueError, RecursionError: not JSON that can be read.
    """
    duplicates: dict[str, None] = {}

    def collect(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                duplicates[key] = None
            seen.add(key)

    json.loads(text, object_pairs_hook=collect)
    return list(duplicates)


def are_unique(text: bytes) -> bool:
    """Whether no object repeats a key; False also for JSON that cannot be read."""
    try:
        return not duplicate_keys(text)
    except (ValueError, RecursionError):
        return False


def may_have_spaced_keys(text: bytes) -> bool:
    """Whether a key may be followed by white space, so that counting ``":`` could miss it."""
    # `re` finds two bytes faster than `in`; `in` finds one byte, and tabs are rare, much faster.
    if _SPACE_BEFORE_COLON(text):
        return True
    return any(space in text and space + b":" in text for space in (b"\t", b"\r"))
