"""Evolve when nothing is known yet: every record is read, grouped, scored and promoted."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figure import Figure
from bench.measure import BenchError, peak, take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_PEAK = 500


def run(settings: Settings) -> Iterator[Figure]:
    """The command against DuckDB, and its memory."""
    with scratch_dir() as root:
        evolve_runs.prepare(root, settings)
        samples = take_turns(
            {
                "ours": lambda: evolve_runs.cold(root),
                "duckdb": lambda: evolve_runs.duckdb(root),
                "floor": lambda: evolve_runs.floor(root),
            },
            settings.runs,
        )
        if not evolve_runs.patterns(root):
            raise BenchError("evolve made no patterns")
    ours = samples["ours"]
    what = f"evolve {settings.records:,} records, cold"
    yield Figure(
        what,
        settings.median(ours),
        "s",
        2,
        "DuckDB reads and groups them",
        settings.median(samples["duckdb"]),
        note="whole processes; DuckDB is told the columns and uses every core",
    )
    yield Figure(
        what,
        settings.median(ours),
        "s",
        None,
        "msgspec decodes the lines and counts them, no more",
        settings.median(samples["floor"]),
        note="the floor of a reader in Python: as many processes as cores",
    )
    duck = peak(samples["duckdb"])
    yield Figure(f"{what}: memory", peak(ours), "MB", _PEAK, "DuckDB", duck, absolute=True)
