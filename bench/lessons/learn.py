"""Runs errata on a copy of a clone, as a user would, and reads what it has learnt."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errata.core.config import load
from errata.core.git import Repository
from errata.lessons.chances import Chances
from errata.lessons.load import load_corpus
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Lesson

LOG = Path(".claude/user-corrections.jsonl")


@dataclass(frozen=True, slots=True)
class Learnt:
    """A pattern that errata found.

    Attributes:
        commits: the people's commits of its members.
        lesson: what it teaches; None for a pattern with a recorded name.
    """

    name: str
    commits: tuple[str, ...]
    lesson: Lesson | None


def copy(clone: Path, folder: Path) -> Path:
    """A copy of a clone that shares its objects, without files."""
    place = folder / "copy"
    command = ["git", "clone", "--quiet", "--shared", "--no-checkout", str(clone), str(place)]
    subprocess.run(command, check=True)
    return place


def backfill(place: Path) -> list[dict[str, Any]]:
    """Log the corrections of a repository; returns their records in the order of time."""
    command = [sys.executable, "-m", "errata", "backfill"]
    subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
    return sorted(records(place), key=lambda record: (record["timestamp"], record["id"]))


def records(place: Path) -> list[dict[str, Any]]:
    """The records of the corrections log."""
    log = place / LOG
    return (
        [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    )


def write(place: Path, chosen: list[dict[str, Any]]) -> None:
    """Put records in the place of the corrections log."""
    (place / LOG).write_text("".join(f"{json.dumps(record)}\n" for record in chosen), "utf-8")


def learn(place: Path) -> list[Learnt]:
    """The patterns of a repository that have at least three members."""
    repo = Repository.discover(place)
    corpus = load_corpus(repo, load(repo.root), write=False)
    learnt = [
        Learnt(name, _commits(corpus, name), corpus.lessons.get(name))
        for name in corpus.occurrences.patterns
        if name
    ]
    return [pattern for pattern in learnt if len(pattern.commits) >= 3]


def captured(records: list[dict[str, Any]]) -> tuple[str, ...]:
    """The people's commits of the records."""
    return tuple({record["user_correction"]["commit"] for record in records})


def chances(place: Path) -> Chances:
    """What agents wrote in a repository, as the last backfill counted it."""
    repo = Repository.discover(place)
    return Chances.read(repo.root, load(repo.root))


def _commits(corpus: Corpus, name: str) -> tuple[str, ...]:
    places = corpus.occurrences.patterns[name].place
    lines = (json.loads(corpus.canonical_line(place)) for place in places)
    shas = (line.get("user_correction", {}).get("commit") for line in lines)
    return tuple(sorted({str(sha) for sha in shas if sha}))
