"""Evolve after a few new records: its cost follows what is new."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from bench import generate, installed
from bench.figure import Figure
from bench.measure import Sample, process, take_turns
from bench.rows import evolve_runs
from bench.settings import Settings
from bench.workspace import scratch_dir

_NEW, _GOAL = 100, 300
# The least that a trusted cache and evolve's output take: check that the logs did not change, parse
# the runbooks as Markdown, write the registry as JSON.
_FLOOR = """
import concurrent.futures, glob, hashlib, os, sys
import click, markdown_it, msgspec
def digest(job):
    path, start = job
    with open(path, "rb") as file:
        file.seek(start)
        return hashlib.sha256(file.read(1 << 22)).digest()
jobs = [(path, at) for path in sys.argv[1:] for at in range(0, os.path.getsize(path), 1 << 22)]
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    assert len(list(pool.map(digest, jobs))) == len(jobs)
for path in glob.glob(".claude/skills/runbooks/*/RUNBOOK.md"):
    with open(path, encoding="utf-8") as file:
        assert markdown_it.MarkdownIt().parse(file.read())
with open(".claude/patterns/patterns.json", "rb") as file:
    assert msgspec.json.format(msgspec.json.encode(msgspec.json.decode(file.read())), indent=1)
"""


def run(settings: Settings) -> Iterator[Figure]:
    """Logs of two sizes; each run appends new records first."""
    for records, goal in ((settings.typical_records, _GOAL), (settings.records, None)):
        samples = _measure(settings, records)
        ours = settings.median(samples["ours"]) * 1e3
        yield Figure(
            f"evolve, {_NEW} records after {records:,}",
            ours,
            "ms",
            goal,
            "DuckDB reads and groups all again",
            settings.median(samples["duckdb"]) * 1e3,
            absolute=True,
            note="whole process",
        )
        yield Figure(
            f"evolve, {_NEW} records after {records:,}, against what it cannot do without",
            ours,
            "ms",
            None,
            "SHA-256 of the logs, the runbooks as Markdown, the registry as JSON",
            settings.median(samples["floor"]) * 1e3,
            note="nothing is counted, scored, routed or rendered",
        )


def _measure(settings: Settings, records: int) -> dict[str, list[Sample]]:
    with scratch_dir() as root:
        evolve_runs.prepare(root, settings, records)
        evolve_runs.cold(root)
        seeds = count(20)

        def ours() -> Sample:
            _append(root, settings.end, next(seeds))
            return evolve_runs.errata(root, "evolve")

        logs = map(str, generate.paths(root / ".claude").values())
        floor = installed.code(_FLOOR, *logs)
        contestants = {
            "ours": ours,
            "duckdb": lambda: evolve_runs.duckdb(root),
            "floor": lambda: process(floor, root),
        }
        return take_turns(contestants, max(settings.runs, 1))


def _append(root: Path, end: int, seed: int) -> None:
    log = generate.paths(root / ".claude")["finding"]
    with log.open("a", encoding="utf-8") as to:
        to.write(generate.findings(_NEW, end, seed))
