"""The labelled messages, and which of them nobody may look at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
HALVES = ("tuning", "held-back")
AUTHORED = tuple(f"authored_{letter}" for letter in "abcdefgh")
SPLIT = ("adversarial", "real")
"""Sets with a held-back half; the authored ones are all for tuning."""


@dataclass(frozen=True, slots=True)
class Case:
    """One message with its label.

    Attributes:
        type: one of the correction types, or "" if it is none.
        source: ``authored``, or repository and path that a real message comes from.
        hard: the reader could not tell without the conversation.
        set: the file it stands in; ``half`` is tuning or held-back.
    """

    text: str
    correction: bool
    type: str
    source: str
    hard: bool
    set: str
    half: str


def half(text: str) -> str:
    """The half of a message, by a hash of its text, so that nobody chooses."""
    return HALVES[int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2]


def read(sets: Iterable[str] = (*AUTHORED, *SPLIT)) -> list[Case]:
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
                    half(raw["text"]) if name in SPLIT else "tuning",
                )
            )
    return cases


def tuning(cases: Iterable[Case]) -> list[Case]:
    """The messages that weights may be made from."""
    return [case for case in cases if case.half == "tuning"]
