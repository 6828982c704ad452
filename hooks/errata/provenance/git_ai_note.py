"""Notes of git-ai (``refs/notes/ai``): who wrote which lines of a commit.

A note is a list of files with ``  KEY RANGES`` below each, a line ``---``, and JSON. See
docs/recorders.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from errata.provenance.identity import Provenance
from errata.provenance.recorded_lines import PERSON, RecordedLines, Span, recorded_agent

SOURCE = "git-ai note"
_VERSION = "authorship/3."
_MAX_RANGES = 100_000


def parse_note(note: bytes) -> RecordedLines | None:
    """The lines that a note attests; None if it is malformed or of an unknown version."""
    head, divider, tail = (b"\n" + note).partition(b"\n---\n")
    if not divider:
        return None
    try:
        metadata = json.loads(tail)
        if not str(metadata["schema_version"]).startswith(_VERSION):
            return None
        writers = _Writers(metadata)
        files: dict[bytes, list[Span]] = {}
        ranges = 0
        for path, key, text in _entries(head):
            spans = [Span(start, stop, writers[key]) for start, stop in _ranges(text)]
            files.setdefault(path, []).extend(spans)
            ranges += len(spans)
            if ranges > _MAX_RANGES:
                return None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return RecordedLines(SOURCE, files)


def _entries(head: bytes) -> Iterator[tuple[bytes, str, str]]:
    """Path, key and ranges of each attestation. Raises ValueError: malformed."""
    path = b""
    for line in head.split(b"\n"):
        if line.startswith(b"  "):
            key, _, ranges = line.strip().decode().partition(" ")
            if not path or not ranges:
                raise ValueError("an attestation without a file or lines")
            yield path, key, ranges
        elif line.strip():
            quoted = len(line) > 2 and line[:1] == line[-1:] == b'"'
            path = line[1:-1] if quoted else line


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start, stop = int(first), int(last if dash else first)
        if not 0 < start <= stop:
            raise ValueError(f"{part!r} is not a range of lines")
        yield start, stop


class _Writers:
    """The writer of each key; an agent that the metadata does not describe has no name."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._agents = {**metadata.get("prompts", {}), **metadata.get("sessions", {})}
        self._known: dict[str, Provenance] = {}

    def __getitem__(self, key: str) -> Provenance:
        identity = key.partition("::")[0]
        if identity.startswith("h_"):
            return PERSON
        if identity not in self._known:
            agent = self._agents.get(identity, {}).get("agent_id", {})
            fields = (str(agent.get(field) or "") for field in ("tool", "model", "id"))
            self._known[identity] = recorded_agent(*fields)
        return self._known[identity]
