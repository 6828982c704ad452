"""What the rows about evolve share: a repository with large logs, and DuckDB on the same files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench import generate, installed
from bench.measure import Sample, git, process
from bench.setting import Setting

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
_COLUMNS = {
    "finding": ("pattern", "severity"),
    "learning": ("name", "confidence"),
    "correction": ("pattern_inferred", "severity"),
}


def prepare(place: Path, setting: Setting) -> None:
    """A repository with the large logs in its work tree."""
    git(place, "init", "-q")
    (place / ".claude").mkdir()
    for path in setting.logs().values():
        shutil.copyfile(path, place / ".claude" / path.name)


def forget(place: Path) -> None:
    """Drop everything that evolve made."""
    for made in (".git/errata", ".claude/patterns", ".claude/skills"):
        shutil.rmtree(place / made, ignore_errors=True)


def errata(place: Path, *args: str) -> Sample:
    """Run an errata command there, as a whole process."""
    return process([installed.script("errata"), *args], place)


def cold(place: Path) -> Sample:
    """Evolve from nothing."""
    forget(place)
    return errata(place, "evolve")


def duckdb(place: Path) -> Sample:
    """DuckDB reads the same logs and groups by pattern and severity, as a whole process."""
    args: list[str] = []
    for kind, path in generate.paths(place / ".claude").items():
        args += [str(path), *_COLUMNS[kind]]
    return process(installed.code(_DUCK, *args), place)


def patterns(place: Path) -> Sequence[str]:
    """What evolve made; empty if it made nothing."""
    folder = place / ".claude/patterns"
    return sorted(path.name for path in folder.glob("*.json")) if folder.is_dir() else []
