"""The labelled messages, and the half to which each belongs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.score import Label

FOLDER = Path(__file__).parent
HALVES = ("tuning", "held-back")
AUTHORED = tuple(f"authored_{letter}" for letter in "abcdefghij")
SPLIT = ("adversarial", "real", "short")
"""Sets with a held-back half; the authored ones are all for tuning."""
HELD_BACK = ("verdicts",)
"""Sets that are held back as a whole."""


@dataclass(frozen=True, slots=True)
class Case:
    """One message with its label.

    Attributes:
        type: one of the correction types, or "" if it is none.
        source: ``authored``, or the repository and path of a real message.
        hard: the reader could not decide without the conversation.
        set: the name of its file; ``half`` is tuning or held-back.
    """

    text: str
    correction: bool
    type: str
    source: str
    hard: bool
    set: str
    half: str

    @property
    def label(self) -> Label:
        """The type of the correction; None if it is none."""
        return self.type if self.correction else None


def half(text: str, name: str) -> str:
    """The half of a message of a set; in a set with both, a hash of its text chooses."""
    if name in SPLIT:
        return HALVES[int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2]
    return HALVES[name in HELD_BACK]


def read(sets: Iterable[str] = (*AUTHORED, *SPLIT, *HELD_BACK)) -> list[Case]:
    """All messages of some sets, in the order of the files."""
    cases = []
    for name in sets:
        for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines():
            raw = json.loads(line)
            cases.append(
                Case(
                    raw["text"],
                    raw["label"] == "correction",
                    raw["type"],
                    raw["source"],
                    bool(raw.get("hard")),
                    name,
                    half(raw["text"], name),
                )
            )
    return cases


def tuning(cases: Iterable[Case]) -> list[Case]:
    """The messages that may be used for training."""
    return [case for case in cases if case.half == "tuning"]
