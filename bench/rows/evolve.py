"""Evolve when nothing is known yet: every record is read, grouped, scored and promoted."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figure import Figure
from bench.measure import BenchError, peak, take_turns
from bench.place import scratch
from bench.rows import learned
from bench.setting import Setting

_PEAK = 500


def run(setting: Setting) -> Iterator[Figure]:
    """The command against DuckDB, and its memory."""
    with scratch() as place:
        learned.prepare(place, setting)
        samples = take_turns(
            {
                "ours": lambda: learned.cold(place),
                "duckdb": lambda: learned.duckdb(place),
                "floor": lambda: learned.floor(place),
            },
            setting.runs,
        )
        if not learned.patterns(place):
            raise BenchError("evolve made no patterns")
    ours = samples["ours"]
    what = f"evolve {setting.records:,} records, cold"
    yield Figure(
        what,
        setting.median(ours),
        "s",
        2,
        "DuckDB reads and groups them",
        setting.median(samples["duckdb"]),
        note="whole processes; DuckDB is told the columns and uses every core",
    )
    yield Figure(
        what,
        setting.median(ours),
        "s",
        None,
        "msgspec decodes the lines and counts them, no more",
        setting.median(samples["floor"]),
        note="the floor of a reader in Python: as many processes as cores",
    )
    duck = peak(samples["duckdb"])
    yield Figure(f"{what}: memory", peak(ours), "MB", _PEAK, "DuckDB", duck, absolute=True)
