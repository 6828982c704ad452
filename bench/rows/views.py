"""The commands that only show, when evolve has read the logs before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figure import Figure
from bench.measure import take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_COMMANDS = ("patterns", "trends", "corrections")
_GOAL = 200


def run(settings: Settings) -> Iterator[Figure]:
    """Each command, warm."""
    with scratch_dir() as root:
        evolve_runs.prepare(root, settings)
        evolve_runs.cold(root)
        contestants = {name: partial(evolve_runs.errata, root, name) for name in _COMMANDS}
        samples = take_turns(
            {**contestants, "duckdb": partial(evolve_runs.duckdb, root)}, settings.runs
        )
    for name in _COMMANDS:
        yield Figure(
            f"errata {name} on {settings.records:,} records, warm",
            settings.median(samples[name]) * 1e3,
            "ms",
            _GOAL,
            "DuckDB reads and groups them",
            settings.median(samples["duckdb"]) * 1e3,
            absolute=True,
            note="whole process",
        )
