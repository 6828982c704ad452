"""Agent Trace records (``.agent-trace/traces.jsonl``): which lines of which files an AI wrote.

A record names a revision. The specification counts lines at that revision; tools that record each
edit at once name the commit that the edit was based on. See docs/recorders.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from errata.core import safe_open
from errata.provenance.identity import Provenance
from errata.provenance.recorded_lines import PERSON, RecordedLines, Span, recorded_agent

SOURCE = "agent-trace record"
MAX_SIZE = 64 << 20
"""Bytes that are read of the file."""
_MAX_SPANS = 200_000


class AgentTraces:
    """The records of one file.

    Attributes:
        malformed: how many lines could not be read.
    """

    def __init__(self) -> None:
        self.malformed = 0
        self._by_revision: dict[str, dict[bytes, list[Span]]] = {}

    @classmethod
    def read(cls, path: Path) -> AgentTraces:
        """The records of a file; none if it cannot be read."""
        try:
            with open(path, "rb", opener=safe_open.open_regular) as file:
                return cls.parse(file.read(MAX_SIZE))
        except OSError:
            return cls()

    @classmethod
    def parse(cls, text: bytes) -> AgentTraces:
        """The records of a text, one on each line."""
        traces = cls()
        spans = 0
        for line in filter(bytes.strip, text.split(b"\n")):
            try:
                revision, files = _parse(json.loads(line))
            except (
                LookupError,
                TypeError,
                ValueError,
                AttributeError,
                OverflowError,
                RecursionError,
            ):
                traces.malformed += 1
                continue
            for name, span in files:
                traces._by_revision.setdefault(revision, {}).setdefault(name, []).append(span)
            spans += len(files)
            if spans > _MAX_SPANS:
                break
        return traces

    def __bool__(self) -> bool:
        return bool(self._by_revision)

    def of_commit(self, sha: str, parents: tuple[str, ...]) -> RecordedLines | None:
        """What is recorded about a commit: at itself, or else on top of its first parent."""
        if sha in self._by_revision:
            return RecordedLines(SOURCE, self._by_revision[sha])
        if parents and parents[0] in self._by_revision:
            return RecordedLines(SOURCE, self._by_revision[parents[0]], exact=False)
        return None


def _parse(record: Mapping[str, Any]) -> tuple[str, list[tuple[bytes, Span]]]:
    """The revision of a record, and its files' lines. Raises many: malformed."""
    if not str(record["version"]).startswith(("0.", "1.")):
        raise ValueError("an unknown version")
    vcs = record["vcs"]
    if vcs["type"] != "git":
        raise ValueError("not git's")
    tool = str((record.get("tool") or {}).get("name") or "")
    return vcs["revision"].lower(), [
        (file["path"].encode(), span)
        for file in record["files"]
        for conversation in file["conversations"]
        for span in _spans(conversation, tool)
    ]


def _spans(conversation: Mapping[str, Any], tool: str) -> Iterator[Span]:
    for lines in conversation["ranges"]:
        contributor = lines.get("contributor") or conversation.get("contributor") or {}
        writer = _writer(contributor, tool)
        start, stop = int(lines["start_line"]), int(lines["end_line"])
        if writer is not None and 0 < start <= stop:
            yield Span(start, stop, writer)


def _writer(contributor: Mapping[str, Any], tool: str) -> Provenance | None:
    """An agent or a person; None for what both wrote, or nobody knows."""
    kind = contributor.get("type")
    if kind == "human":
        return PERSON
    if kind != "ai":
        return None
    model = str(contributor.get("model_id") or "")
    return recorded_agent("" if tool == "unknown" else tool, model.rpartition("/")[2])
