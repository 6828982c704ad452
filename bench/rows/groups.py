"""Lessons from corrections: all records grouped anew, and after a few new ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from bench import described, installed
from bench.figure import Figure
from bench.measure import Sample, git, process, take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_RECORDS, _NEW = 10_000, 10
_COLD, _WARM = 5, 300
_LOG = ".claude/user-corrections.jsonl"
# What nobody can leave out: each line becomes an object with the fields that are grouped.
_FLOOR = """
import sys, collections, msgspec
fields = [("edits", tuple[str, ...]), ("timestamp", str), ("area", dict), ("user_correction", dict)]
decode = msgspec.json.Decoder(msgspec.defstruct("R", fields, gc=False)).decode
counts = collections.Counter()
with open(sys.argv[1], "rb") as file:
    for line in file:
        counts.update(decode(line).edits)
assert counts
"""


def run(settings: Settings) -> Iterator[Figure]:
    """The command against a reader that only counts facts."""
    with scratch_dir() as root:
        git(root, "init", "-q")
        (root / ".claude").mkdir()
        log = root / _LOG
        log.write_text(described.corrections(_RECORDS, settings.end, seed=1), "utf-8")
        floor = installed.code(_FLOOR, str(log))
        seeds = count(2)

        def warm() -> Sample:
            _append(log, settings.end, next(seeds))
            return evolve_runs.errata(root, "evolve")

        contestants = {
            "cold": lambda: evolve_runs.cold(root),
            "warm": warm,
            "floor": lambda: process(floor, root),
        }
        samples = take_turns(contestants, max(settings.runs, 1))
    for name, claim, unit, goal in (
        ("cold", f"lessons of {_RECORDS:,} corrections, cold", "s", _COLD),
        ("warm", f"lessons, {_NEW} corrections after {_RECORDS:,}", "ms", _WARM),
    ):
        scale = 1e3 if unit == "ms" else 1
        yield Figure(
            claim,
            settings.median(samples[name]) * scale,
            "ms" if unit == "ms" else "s",
            goal,
            "msgspec decodes the lines and counts their facts",
            settings.median(samples["floor"]) * scale,
            absolute=True,
            note="a whole `errata evolve`",
        )


def _append(log: Path, end: int, seed: int) -> None:
    with log.open("a", encoding="utf-8") as to:
        to.write(described.corrections(_NEW, end, seed))
