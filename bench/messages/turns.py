"""Real turns: a prompt with the end of the agent's turn before it, as two readers labelled them.

``turns/turns.jsonl`` holds no text: where a turn stands, its labels, and the names of its features.
``python -m bench.messages rebuild FOLDER`` makes the features anew from clones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.messages import train
from bench.score import Label
from errata.messages import conversation
from errata.messages.conversation import Described, Weights

FILE = Path(__file__).parent / "turns" / "turns.jsonl"
HALVES = ("training", "held-back")
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """One turn.

    Attributes:
        repo: owner/name; each owner is in one half.
        by_words: the verdict of errata by the words alone, or None if it judges no such prompt: a
            prompt in another language, or without words.
        described: None with by_words.
        raw: the line of the file.
    """

    repo: str
    half: str
    sample: str
    correction: bool
    type: str
    by_words: bool
    described: Described | None
    raw: Mapping[str, Any]

    @property
    def label(self) -> Label:
        """The type of the correction; None if it is none."""
        return self.type if self.correction else None


def read() -> list[Case]:
    """All turns, in the order of the file."""
    return [_case(json.loads(line)) for line in FILE.read_text("utf-8").splitlines()]


def _case(raw: Mapping[str, Any]) -> Case:
    described = Described(tuple(raw["agent"]), tuple(raw["prompt"])) if raw["prompt"] else None
    return Case(
        raw["repo"],
        raw["half"],
        raw["sample"],
        raw["label"] == "correction",
        raw["type"],
        raw["by_words"],
        described,
        raw,
    )
