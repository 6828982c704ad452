"""The labelled cases, and the half to which each belongs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path

LABELS = Path(__file__).with_name("labels.jsonl")
HALVES = ("tuning", "held-back")
CERTAINTIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Case:
    """A person's commit that touches an agent's lines, with a reader's labels.

    Attributes:
        repo: ``owner/name``.
        agent_commit, person_commit: full ids.
        files: where the person touched the agent's lines.
        corrective: whether the person corrects the agent.
        type: one of the correction types; None if not corrective.
        pattern: a short name of what went wrong, or None.
        certainty: the reader's certainty: high, medium or low.
        reason: one sentence by the reader.
        half: "tuning", whose cases may be read while rules are changed, or "held-back".
    """

    repo: str
    agent_commit: str
    person_commit: str
    files: tuple[str, ...]
    corrective: bool
    type: str | None
    pattern: str | None
    certainty: str
    reason: str
    half: str


def half_of(repo: str, person_commit: str) -> str:
    """The half of a case of the first two sets, chosen by a hash. The third set is all tuning."""
    digest = hashlib.sha256((repo + person_commit).encode()).hexdigest()
    return HALVES[int(digest, 16) % 2]


def read(path: Path = LABELS) -> list[Case]:
    """All cases, in the order of the file."""
    names = [field.name for field in fields(Case)]
    cases = []
    for line in path.read_text("utf-8").splitlines():
        raw = json.loads(line)
        cases.append(Case(**{**{name: raw[name] for name in names}, "files": tuple(raw["files"])}))
    return cases
