"""A fingerprint of a correction: which of the agent's lines it touched.

The id of a correction is a digest of its whole content. It changes when a squash merge makes one
commit of several, and when a conflict gives a copied commit other new lines. The removed lines stay
the same, so the fingerprint, a set of hashes of those, recognises the correction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from errata.corrections.attribution.attributed_hunks import AttributedHunk

# A bottom-k sketch: the k smallest hashes stand for all of them. The sketch of a union is a subset
# of the union of the sketches, so a squash is covered by what it squashed.
_K = 64


def fingerprint(agent: str, hunks: Iterable[AttributedHunk]) -> list[str]:
    """Eight hexadecimal digits for each agent's line that was removed, or inserted between."""
    hashes = {_hash(agent, *line) for hunk in hunks for line in _lines(hunk)}
    return sorted(hashes)[:_K]


def _lines(attributed: AttributedHunk) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(path, sign, text) of the lines that identify a hunk."""
    path, hunk = attributed.diff.old_path or b"", attributed.hunk
    if hunk.old:
        pairs = zip(hunk.old, attributed.owners, strict=False)
        sign, texts = b"-", [line.strip() for line, owner in pairs if owner is not None]
    else:
        sign, texts = b"+", [line.strip() for line in hunk.new]
    # Blank lines are all alike; they identify a hunk only if it has nothing else.
    return ((path, sign, text) for text in [t for t in texts if t] or texts)


def _hash(agent: str, path: bytes, sign: bytes, text: bytes) -> str:
    return hashlib.sha256(b"\0".join((agent.encode(), path, sign + text))).hexdigest()[:8]
