"""The commands that only show, when evolve has read the logs before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figure import Figure
from bench.measure import take_turns
from bench.place import scratch
from bench.rows import learned
from bench.setting import Setting

_COMMANDS = ("patterns", "trends", "corrections")
_GOAL = 200


def run(setting: Setting) -> Iterator[Figure]:
    """Each command, warm."""
    with scratch() as place:
        learned.prepare(place, setting)
        learned.cold(place)
        contestants = {name: partial(learned.errata, place, name) for name in _COMMANDS}
        samples = take_turns(
            {**contestants, "duckdb": partial(learned.duckdb, place)}, setting.runs
        )
    for name in _COMMANDS:
        yield Figure(
            f"errata {name} on {setting.records:,} records, warm",
            setting.median(samples[name]) * 1e3,
            "ms",
            _GOAL,
            "DuckDB reads and groups them",
            setting.median(samples["duckdb"]) * 1e3,
            absolute=True,
            note="whole process",
        )
