"""Lessons that readers found in real histories, and what readers say of errata's patterns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HALVES = ("tuning", "held-back")


@dataclass(frozen=True, slots=True)
class ReadLesson:
    """A lesson that a reader found by hand, before errata looked.

    Attributes:
        repo: ``owner/name``.
        id: unique within its repository.
        lesson: one sentence in the reader's words.
        commits: people's commits that it would have spared, at least 12 digits of each id.
        half: "tuning", or "held-back": nobody looks at errata's errors there case by case.
    """

    repo: str
    id: str
    lesson: str
    commits: tuple[str, ...]
    half: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What two readers, who do not know how errata works, say of a pattern that it found.

    Attributes:
        repo: ``owner/name``.
        pattern: its name.
        right: whether its members share a lesson, by each reader.
        followable: whether a stranger could follow the instruction, by each reader.
    """

    repo: str
    pattern: str
    right: tuple[bool, ...]
    followable: tuple[bool, ...]


def read_lessons(path: Path = FOLDER / "lessons.jsonl") -> list[ReadLesson]:
    """All lessons, in the order of the file."""
    return [ReadLesson(**{**row, "commits": tuple(row["commits"])}) for row in _rows(path)]


def read_judgements(path: Path = FOLDER / "judgements.jsonl") -> dict[tuple[str, str], Judgement]:
    """All judgements, by repository and pattern."""
    rows = [
        Judgement(row["repo"], row["pattern"], tuple(row["right"]), tuple(row["followable"]))
        for row in _rows(path)
    ]
    return {(row.repo, row.pattern): row for row in rows}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)
