"""Evolve after a few new records: its cost follows what is new."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from bench import generate
from bench.figure import Figure
from bench.measure import Sample, take_turns
from bench.place import scratch
from bench.rows import learned
from bench.setting import Setting

_NEW, _GOAL = 100, 300


def run(setting: Setting) -> Iterator[Figure]:
    """Each run appends new records first."""
    with scratch() as place:
        learned.prepare(place, setting)
        learned.cold(place)
        seeds = count(20)

        def ours() -> Sample:
            _append(place, setting.end, next(seeds))
            return learned.errata(place, "evolve")

        contestants = {"ours": ours, "duckdb": lambda: learned.duckdb(place)}
        samples = take_turns(contestants, max(setting.runs, 1))
    yield Figure(
        f"evolve, {_NEW} records after {setting.records:,}",
        setting.median(samples["ours"]) * 1e3,
        "ms",
        _GOAL,
        "DuckDB reads and groups all again",
        setting.median(samples["duckdb"]) * 1e3,
        absolute=True,
        note="whole process",
    )


def _append(place: Path, end: int, seed: int) -> None:
    log = generate.paths(place / ".claude")["finding"]
    with log.open("a", encoding="utf-8") as to:
        to.write(generate.findings(_NEW, end, seed))
