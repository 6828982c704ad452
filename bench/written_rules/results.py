"""The stored results: one line of JSON for each repository."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from errata.lessons.outcome_counts import OutcomeCounts

RESULTS = Path(__file__).parent / "results.jsonl"
_MAX_WORDS = 12


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the rules of one repository.

    Attributes:
        repository: owner and name.
        commit: that its history was read from.
        missing: how often commits were left out, because the clone lacks a file of one.
        agent_commits: agents' commits in that history.
        rules: how many there ever were.
        measurable: those of them of which a machine sees what they forbid.
        outcomes: ``FILE: name`` -> counts, of the rules that agents could have broken.
    """

    repository: str
    commit: str
    missing: int = 0
    agent_commits: int
    rules: int
    measurable: int
    outcomes: dict[str, OutcomeCounts] = {}


def shorten(text: str) -> str:
    """The first words of a rule: no more of another project's text is kept here."""
    words = text.split()
    return " ".join(words[:_MAX_WORDS]) + (" …" if len(words) > _MAX_WORDS else "")


def read(path: Path = RESULTS) -> list[Result]:
    """All results, in the order of the file."""
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Result) for line in path.read_bytes().splitlines()]


def write(results: Iterable[Result], path: Path = RESULTS) -> None:
    """Write results, sorted by repository."""
    ranked = sorted(results, key=lambda result: result.repository.lower())
    path.write_bytes(b"".join(msgspec.json.encode(result) + b"\n" for result in ranked))
