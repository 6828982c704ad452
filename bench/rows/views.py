"""The commands that only show, after evolve has read the logs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figure import Figure
from bench.measure import Sample, take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_COMMANDS = ("patterns", "trends", "corrections")
_GOAL = 200


def run(settings: Settings) -> Iterator[Figure]:
    """Each command on cached data of two sizes."""
    for records, goal in ((settings.typical_records, _GOAL), (settings.records, None)):
        samples = _measure(settings, records)
        for name in _COMMANDS:
            yield Figure(
                f"errata {name} on {records:,} records, warm",
                settings.median(samples[name]) * 1e3,
                "ms",
                goal,
                "DuckDB reads and groups them",
                settings.median(samples["duckdb"]) * 1e3,
                absolute=True,
                note="whole process",
            )


def _measure(settings: Settings, records: int) -> dict[str, list[Sample]]:
    with scratch_dir() as root:
        evolve_runs.prepare(root, settings, records)
        evolve_runs.cold(root)
        contestants = {name: partial(evolve_runs.errata, root, name) for name in _COMMANDS}
        return take_turns(
            {**contestants, "duckdb": partial(evolve_runs.duckdb, root)}, settings.runs
        )
