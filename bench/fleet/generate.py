"""Bundles of made-up repositories, as `errata export` would write them.

Sizes are skewed: a few repositories have most of the records. Three records in five name a session.
Half of the lessons of a repository are among those that all repositories draw from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from errata.fleet import export, keys, parquet
from errata.fleet.manifest import Manifest, TableFile
from errata.fleet.schema import FORMAT, TABLES, Table
from errata.records.instants import month_span
from errata.records.model import DAY, CorrectionType, Source

END = 1_767_225_600_000_000
"""The newest instant, 2026-01-01."""
_DAYS = 730
_MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
_SHARED = [f"shared-lesson-{number}" for number in range(2_000)]
_SHARED_KEYS = [keys.digest("facts", name) for name in _SHARED]
_AGENTS = ("api-dev", "web-dev", "sre", "claude", "codex")
_SOURCES = tuple(source.value for source in Source)
_KINDS = {
    Source.EXPLICIT: "correction",
    Source.IMPLICIT: "correction",
    Source.INCIDENT: "incident",
    Source.LEARNING: "learning",
}
_KIND_OF = tuple(_KINDS.get(source, "finding") for source in Source)
_TYPES = tuple(kind.value for kind in CorrectionType)
_FOLDERS = ("src/api", "src/web", "tests", "pkg/store", "")


def sizes(repositories: int, records: int, seed: int = 7) -> list[int]:
    """So many whole numbers with this sum: the sizes of repositories, skewed."""
    weights = np.random.default_rng(seed).lognormal(0, 1.6, repositories)
    counts = np.maximum(20, np.floor(weights / weights.sum() * records)).astype(int)
    counts[counts.argmax()] += records - counts.sum()
    return [int(count) for count in counts]


def write(folder: Path, counts: Sequence[int]) -> None:
    """Write a bundle for each size."""
    for number, count in enumerate(counts):
        bundle(folder / f"repo-{number:05}", f"repo-{number:05}", count, number)


def bundle(target: Path, name: str, count: int, seed: int) -> None:
    """Write one bundle with so many records."""
    random = np.random.default_rng(seed)
    lessons, titles = _names(random, name, count)
    columns = _records(random, name, count, lessons, titles)
    newest = int(columns["instant"][-1])
    tables = {
        "repositories": [[name], [newest], [count], [newest]],
        "records": [*columns.values()],
        "lessons": _lessons(random, name, columns, lessons, titles),
        "facts": [[name] * len(lessons), lessons, [f"f{k}" for k in lessons], titles],
        "chances": _chances(random, name, lessons),
        "outcomes": _outcomes(random, name, lessons[:20], titles[:20]),
        "promotions": [
            [name],
            [lessons[0]],
            [newest - 90 * DAY],
            ["promoted"],
            [0.8],
            [7],
            ["sre"],
        ],
    }
    digest = hashlib.sha256(f"{name} {count} {seed}".encode()).hexdigest()
    files, described = {}, {}
    for table in TABLES:
        path = f"{digest[:16]}/{table.name}.parquet"
        files[path] = parquet.encode_columns(table, tables[table.name])
        described[table.name] = _described(table, path, files[path], len(tables[table.name][0]))
    manifest = Manifest(
        format=FORMAT,
        repository=name,
        digest=digest,
        newest=newest,
        counted=newest,
        code=False,
        tables=described,
    )
    export.write(export.Bundle(manifest, files), target)


def _names(random: Any, name: str, count: int) -> tuple[list[str], list[str]]:
    """The keys and the names of the lessons of a repository with so many records."""
    shared = random.choice(len(_SHARED), size=min(5 + count // 100, 150), replace=False)
    keys_ = [_SHARED_KEYS[number] for number in shared]
    titles = [_SHARED[number] for number in shared]
    keys_ += [keys.digest(name, str(number)) for number in range(len(shared))]
    return keys_, titles + [f"{name}-lesson-{number}" for number in range(len(shared))]


def _described(table: Table, path: str, data: bytes, rows: int) -> TableFile:
    sha256 = hashlib.sha256(data).hexdigest()
    return TableFile(file=path, rows=rows, bytes=len(data), sha256=sha256, columns=table.names)


def _pick(random: Any, values: Sequence[str], count: int, at: Any = None) -> Any:
    chosen = random.integers(0, len(values), count) if at is None else at
    return np.array(values, dtype=object)[chosen]


def _records(
    random: Any, name: str, count: int, lessons: list[str], titles: list[str]
) -> dict[str, Any]:
    """The columns of the table of records."""
    # More lately, and in the order of the table.
    age = np.sort(random.beta(1, 1.6, count))[::-1] * _DAYS * DAY
    instants = (END - 1 - age).astype("int64")
    which = np.minimum(random.zipf(1.3, count) - 1, len(lessons) - 1)
    named = random.random(count) < 0.85
    source = random.integers(0, len(_SOURCES), count)
    is_correction = source < 2
    session = random.integers(1, max(2, count // 3), count) * 1_000_003
    agents = _pick(random, _AGENTS, count)
    return {
        "repository": np.full(count, name, dtype=object),
        "id": [f"{number:016x}" for number in random.integers(0, 2**62, count)],
        "instant": instants,
        "kind": _pick(random, _KIND_OF, count, source),
        "source": _pick(random, _SOURCES, count, source),
        "severity": _pick(random, ("blocking", "warning", "nit"), count),
        "lesson": np.where(named, _pick(random, lessons, count, which), ""),
        "pattern": np.where(named, _pick(random, titles, count, which), ""),
        "correction_type": np.where(is_correction, _pick(random, _TYPES, count), ""),
        "agent": agents,
        "named_agents": agents,
        "service": _pick(random, ("", name), count),
        "session": np.where(random.random(count) < 0.6, session, 0),
        "folder": _pick(random, _FOLDERS, count),
        "certainty": random.integers(3, 11, count),
    }


def _lessons(
    random: Any, name: str, columns: dict[str, Any], lessons: list[str], titles: list[str]
) -> list[Any]:
    count = len(lessons)
    quiet_from = month_span("2025-12")[1]
    promoted = np.where(random.random(count) < 0.3, END - 100 * DAY, 0)
    return [
        [name] * count,
        lessons,
        titles,
        [f"Do not do {title}." for title in titles],
        ["convention"] * count,
        random.integers(1, 5, count),
        [len(columns["instant"]) // count] * count,
        [quiet_from] * count,
        [1] * count,
        [0.7] * count,
        promoted,
        [0] * count,
    ]


def _chances(random: Any, name: str, lessons: list[str]) -> list[Any]:
    facts = ["", *(f"f{key}" for key in lessons)]
    rows = [(fact, month, *month_span(month)) for fact in facts for month in _MONTHS]
    fact, month, start, stop = zip(*rows, strict=True)
    chances = random.integers(1, 60, len(rows))
    return [[name] * len(rows), fact, month, start, stop, chances, chances // 10]


def _outcomes(random: Any, name: str, lessons: list[str], titles: list[str]) -> list[Any]:
    count = len(lessons)
    tallies: list[Any] = []
    for _ in range(6):
        chances = random.integers(20, 400, count)
        tallies += [chances, chances // 12, chances // 3, [1.2] * count]
    start = [END - 100 * DAY] * count
    return [[name] * count, lessons, titles, ["lesson"] * count, start, [0] * count, *tallies]
