"""What the rows about evolve share: a repository with large logs, and DuckDB on the same files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench import generate, installed
from bench.measure import Sample, git, process
from bench.settings import Settings

# Told the columns, so that it reads no others and need not guess types: its fastest way.
_DUCK = """
import sys, duckdb
parts = []
for path, name, severity in zip(sys.argv[1::3], sys.argv[2::3], sys.argv[3::3]):
    columns = f"columns={{{name}:'VARCHAR', {severity}:'VARCHAR', timestamp:'TIMESTAMPTZ'}}"
    table = f"read_json('{path}', format='newline_delimited', {columns})"
    parts.append(f"select {name} as pattern, {severity} as severity, timestamp from {table}")
rows = duckdb.sql(
    "select pattern, severity, count(*), min(timestamp), max(timestamp) "
    f"from ({' union all '.join(parts)}) group by 1, 2"
).fetchall()
assert sum(row[2] for row in rows) > 0
"""
# What nobody who reads JSON lines in Python can leave out: each line becomes an object with the few
# fields that are used, by the fastest decoder there is, and is counted; one process for each core.
_FLOOR = """
import datetime, multiprocessing, operator, os, sys, collections, msgspec
def work(job):
    path, start, stop, name, severity = job
    fields = [(name, str | None, None), (severity, str | None, None)]
    fields += [(f, str | None, None) for f in ("agent", "file", "description", "insight")]
    fields += [("timestamp", datetime.datetime | None, None)]
    decode = msgspec.json.Decoder(msgspec.defstruct("R", fields, gc=False)).decode
    with open(path, "rb") as file:
        file.seek(start)
        lines = file.read(stop - start).splitlines()
    return collections.Counter(map(operator.attrgetter(name, severity), map(decode, lines)))
def cuts(path, parts):
    size, found = os.path.getsize(path), [0]
    with open(path, "rb") as file:
        for part in range(1, parts):
            file.seek(size * part // parts)
            file.readline()
            found.append(file.tell())
    return list(zip(found, [*found[1:], size]))
cores, jobs = len(os.sched_getaffinity(0)), []
for path, name, severity in zip(sys.argv[1::3], sys.argv[2::3], sys.argv[3::3]):
    jobs += [(path, start, stop, name, severity) for start, stop in cuts(path, 4 * cores)]
with multiprocessing.get_context("fork").Pool(cores) as pool:
    total = sum(pool.map(work, jobs, chunksize=1), collections.Counter())
assert total.total() > 0
"""
_COLUMNS = {
    "finding": ("pattern", "severity"),
    "learning": ("name", "confidence"),
    "correction": ("pattern_inferred", "severity"),
}


def prepare(root: Path, settings: Settings, records: int) -> None:
    """A repository with the large logs in its work tree."""
    git(root, "init", "-q")
    (root / ".claude").mkdir()
    for path in settings.logs(records).values():
        shutil.copyfile(path, root / ".claude" / path.name)


def forget(root: Path) -> None:
    """Drop everything that evolve made."""
    for made in (".git/errata", ".claude/patterns", ".claude/skills"):
        shutil.rmtree(root / made, ignore_errors=True)


def errata(root: Path, *args: str) -> Sample:
    """Run an errata command there, as a whole process."""
    return process([installed.script("errata"), *args], root)


def cold(root: Path) -> Sample:
    """Evolve from nothing."""
    forget(root)
    return errata(root, "evolve")


def duckdb(root: Path) -> Sample:
    """DuckDB reads the same logs and groups by pattern and severity, as a whole process."""
    return process(installed.code(_DUCK, *_files(root)), root)


def floor(root: Path) -> Sample:
    """msgspec decodes the same logs, which are counted by pattern and severity, and no more."""
    return process(installed.code(_FLOOR, *_files(root)), root)


def _files(root: Path) -> list[str]:
    args: list[str] = []
    for kind, path in generate.paths(root / ".claude").items():
        args += [str(path), *_COLUMNS[kind]]
    return args


def patterns(root: Path) -> Sequence[str]:
    """What evolve made; empty if it made nothing."""
    folder = root / ".claude/patterns"
    return sorted(path.name for path in folder.glob("*.json")) if folder.is_dir() else []
