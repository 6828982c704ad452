"""The labelled cases, and the part to which each belongs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LABELS = Path(__file__).with_name("labels.jsonl")
PARTS = ("tuning", "held-back")
CERTAINTIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader said.

    Attributes:
        corrective: whether the person corrects the agent.
        type: one of the correction types; None if not corrective.
        certainty: high, medium or low.
        reason: one sentence.
    """

    corrective: bool
    type: str | None
    certainty: str
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A person's commit that touches an agent's lines, as its readers see it.

    Attributes:
        repo: ``owner/name``.
        agent_commit, person_commit: full ids.
        files: where the person touched the agent's lines.
        readings: of two readers, and of a third where these disagree.
    """

    repo: str
    agent_commit: str
    person_commit: str
    files: tuple[str, ...]
    readings: tuple[Reading, ...]

    @property
    def key(self) -> str:
        """Names the case."""
        return f"{self.repo} {self.person_commit} {self.agent_commit}"

    @property
    def corrective(self) -> bool:
        """What most readers say."""
        return 2 * sum(reading.corrective for reading in self.readings) > len(self.readings)

    @property
    def type(self) -> str | None:
        """The type that most readers name, or the first of those who call it corrective."""
        types = [reading.type for reading in self.readings if reading.type]
        if not self.corrective:
            return None
        return max(types, key=lambda name: (types.count(name), -types.index(name)))

    @property
    def certain(self) -> bool:
        """Whether the first two readers agree, and neither is unsure."""
        first, second = self.readings[:2]
        agree = first.corrective == second.corrective
        return agree and "low" not in (first.certainty, second.certainty)

    @property
    def part(self) -> str:
        """``tuning``, whose cases may be read while rules change, or ``held-back``."""
        return part_of(self.repo)


# Nearly all of the cases that rules were tuned on for the first version are theirs.
TUNED = ("Aider-AI/aider", "BeehiveInnovations/zen-mcp-server", "getsentry/sentry-mcp", "tobi/qmd")


def part_of(repo: str) -> str:
    """The part of a repository's cases: a third of the repositories is held back, by a hash."""
    if repo in TUNED:
        return PARTS[0]
    return PARTS[int(hashlib.sha256(repo.encode()).hexdigest(), 16) % 3 == 0]


def read(path: Path = LABELS) -> list[Case]:
    """All cases, in the order of the file."""
    return [_case(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _case(raw: Mapping[str, Any]) -> Case:
    readings = tuple(Reading(**reading) for reading in raw["readings"])
    return Case(**{**raw, "files": tuple(raw["files"]), "readings": readings})


def write(cases: Iterable[Case], path: Path = LABELS) -> None:
    """Write the cases, sorted."""
    ordered = sorted(cases, key=lambda case: (case.repo.lower(), case.person_commit))
    lines = [json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in ordered]
    path.write_text("".join(lines), "utf-8")


def agreement(cases: Sequence[Case]) -> tuple[float, float]:
    """How often the first two readers say the same, and Cohen's kappa of that."""
    pairs = [(c.readings[0].corrective, c.readings[1].corrective) for c in cases]
    same = sum(a == b for a, b in pairs) / len(pairs)
    first, second = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    chance = first * second + (1 - first) * (1 - second)
    return same, (same - chance) / (1 - chance)
