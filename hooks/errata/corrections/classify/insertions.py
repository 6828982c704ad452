"""Where tokens were inserted between others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from errata.corrections.attribution.diff import common_prefix

_MAX_PAIRS = 100_000
"""Of equal tokens in both versions: the time that difflib takes grows with their number."""


def insertions(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The half-open ranges of ``new`` that ``old`` lacks.

    Returns:
        None of them if anything was removed, too, or finding out would take long.
    """
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if not before:
        return [(head, head + len(after))] if after else []
    counts = Counter(after)
    pairs = sum(count * counts[token] for token, count in Counter(before).items())
    if not Counter(before) <= counts or pairs > _MAX_PAIRS:
        return []
    import difflib

    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    opcodes = [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    if any(tag != "insert" for tag, *_ in opcodes):
        return []
    return [(head + start, head + stop) for _, _, _, start, stop in opcodes]
