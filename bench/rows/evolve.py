"""Evolve when nothing is known yet: every record is read, grouped, scored and promoted."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figure import Figure
from bench.measure import BenchError, Sample, peak, take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_GOAL, _PEAK = 1.5, 500


def run(settings: Settings) -> Iterator[Figure]:
    """The command against DuckDB; its memory, and its time on logs of two sizes."""
    typical, large = settings.typical_records, settings.records
    yield _figure(settings, typical, _measure(settings, typical), _GOAL)
    samples = _measure(settings, large)
    growth = _figure(settings, large, samples, None)
    yield growth
    yield Figure(
        growth.claim,
        growth.ours,
        "s",
        None,
        "msgspec decodes the lines and counts them, no more",
        settings.median(samples["floor"]),
        note="the floor of a reader in Python: as many processes as cores",
    )
    duck = peak(samples["duckdb"])
    memory = peak(samples["ours"])
    yield Figure(f"{growth.claim}: memory", memory, "MB", _PEAK, "DuckDB", duck, absolute=True)


def _measure(settings: Settings, records: int) -> dict[str, list[Sample]]:
    with scratch_dir() as root:
        evolve_runs.prepare(root, settings, records)
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
    return samples


def _figure(
    settings: Settings, records: int, samples: dict[str, list[Sample]], goal: float | None
) -> Figure:
    return Figure(
        f"evolve {records:,} records, cold",
        settings.median(samples["ours"]),
        "s",
        goal,
        "DuckDB reads and groups them",
        settings.median(samples["duckdb"]),
        absolute=True,
        note="whole processes; DuckDB is told the columns and uses every core",
    )
