"""A fingerprint of a correction: which of the agent's lines it touched.

The id of a correction is a digest of its entire content. It changes when a squash merge combines
several commits, and when a conflict changes the new lines of a copied commit. The removed lines
stay the same, so the fingerprint, a set of hashes of these lines, still identifies the correction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from errata.corrections.attribution.attributed_hunks import AttributedHunk

# A bottom-k sketch: the k smallest hashes represent all of them. The sketch of a union is a subset
# of the union of the sketches, so the corrections of the squashed commits cover that of the squash.
_K = 64


def fingerprint(agent: str, hunks: Iterable[AttributedHunk]) -> list[str]:
    """Eight hexadecimal digits for each line removed from, or inserted into, an agent's lines."""
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
    # All blank lines look alike; they identify a hunk only if it contains nothing else.
    return ((path, sign, text) for text in [t for t in texts if t] or texts)


def _hash(agent: str, path: bytes, sign: bytes, text: bytes) -> str:
    return hashlib.sha256(b"\0".join((agent.encode(), path, sign + text))).hexdigest()[:8]
