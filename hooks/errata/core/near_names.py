"""Names that somebody may have meant: for commands, options, patterns and ids."""

from __future__ import annotations

from collections.abc import Iterable

_LEAST, _WITHIN = 0.6, 0.1
"""The least similarity, and how much less than the best one it may be."""


def near(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names most like this one, best first; names that contain it come before the others."""
    # Only a mistake pays for this import.
    from difflib import SequenceMatcher

    wanted, candidates = name.lower(), sorted(set(names))
    matcher = SequenceMatcher(None, b=wanted)
    ratios = {}
    for candidate in candidates:
        matcher.set_seq1(candidate.lower())
        # Bounds first: there may be thousands of names.
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= _LEAST:
            ratios[candidate] = matcher.ratio()
    least = max(_LEAST, max(ratios.values(), default=0) - _WITHIN)
    similar = sorted((c for c in ratios if ratios[c] >= least), key=lambda c: -ratios[c])
    part = wanted.strip("-")
    containing = [c for c in candidates if part in c.lower()] if len(part) > 2 else []
    return [*dict.fromkeys((*sorted(containing, key=lambda c: (c != name, len(c))), *similar))][
        :most
    ]


def did_you_mean(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """``did you mean 'a' or 'b'?``; ``otherwise`` if no name is near."""
    return ask(map(repr, near(name, names))) or otherwise


def ask(meant: Iterable[str]) -> str:
    """``did you mean a, b or c?``; "" without any."""
    *first, last = [*meant] or [""]
    if not last:
        return ""
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"
