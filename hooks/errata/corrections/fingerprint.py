"""What of an agent's work a correction touched, so that it is known again in another shape.

A squash merge makes one commit of several, and a conflict gives a copied commit other new lines:
the id of the correction, which is its whole content, changes. What it did away with does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from errata.corrections.attribution.attributed_hunks import AttributedHunk

# The smallest so many hashes stand for all: those of a union are always among those of its parts,
# so that the marks of a squash are covered by the marks of what it squashed.
_KEPT = 64


def fingerprint(agent: str, touches: Iterable[AttributedHunk]) -> list[str]:
    """Eight hexadecimal digits for each of the agent's lines removed, or line put between them."""
    return sorted({_mark(agent, *line) for touch in touches for line in _lines(touch)})[:_KEPT]


def _lines(touch: AttributedHunk) -> Iterator[tuple[bytes, bytes, bytes]]:
    path = touch.diff.old_path or b""
    if touch.hunk.old:
        gone = zip(touch.hunk.old, touch.owners, strict=False)
        lines = [(b"-", line.strip()) for line, owner in gone if owner is not None]
    else:
        lines = [(b"+", line.strip()) for line in touch.hunk.new]
    # Empty lines are all alike; they tell only where there is nothing else.
    told = [line for line in lines if line[1]] or lines
    return ((path, sign, text) for sign, text in told)


def _mark(agent: str, path: bytes, sign: bytes, text: bytes) -> str:
    return hashlib.sha256(b"\0".join((agent.encode(), path, sign + text))).hexdigest()[:8]
