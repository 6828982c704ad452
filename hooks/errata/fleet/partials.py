"""The partials of a fleet, kept in a cache: a nightly run reads only the bundles that changed.

The cache of a fleet is a folder with ``index.json``, which names a folder with one Parquet file for
each table. The index takes its place last. Deleting the cache loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from errata import __version__
from errata.core import atomic, safe_open
from errata.fleet import bundle_check, keys
from errata.fleet import expressions as ex
from errata.fleet.engine import Engine
from errata.fleet.schema import FORMAT, table
from errata.fleet.sources import Bundle

PARTIALS = ("totals", "shares", "named", "recent")
COPIED = ("repositories", "lessons", "facts", "chances", "outcomes", "promotions")
KEPT = (*PARTIALS, *COPIED)
"""The tables of the cache."""
_INDEX = "index.json"
_BATCH = 1_000_000
"""Records of the bundles that are read at a time: what bounds the memory."""
_FLEETS = "fleets"
_MOST_FLEETS = 8
_FLEET = re.compile(r"[0-9a-f]{16}\Z")


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache holds: the digest of the bundle of each repository, and the folder."""

    folder: str
    digests: dict[str, str]


def cache_of(cache: Path, sources: Sequence[str], span: int) -> Path:
    """The folder for the partials of a fleet that these arguments name."""
    basis = (str(FORMAT), __version__, str(span), *sorted(map(os.path.abspath, sources)))
    return cache / _FLEETS / keys.digest(*basis)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """The folder, which no other process uses meanwhile; another one if some process does."""
    with contextlib.ExitStack() as stack:
        try:
            atomic.make_folder(folder, durable=False)
            stack.enter_context(atomic.exclusive_lock(folder / "lock", 2))
        except OSError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="errata-fleet-")))
        yield folder


@dataclass(frozen=True)
class Updated:
    """What an update did.

    Attributes:
        files: of the tables of the cache, by name.
        used: the bundles that the tables are about.
        problems: a line for each bundle that is damaged.
        read: how many bundles were read.
    """

    files: dict[str, Path]
    used: list[Bundle]
    problems: list[str]
    read: int


def update(
    engine: Engine, bundles: Sequence[Bundle], folder: Path, span: int, limit: int
) -> Updated:
    """Bring the cache in a folder up to date with bundles.

    Args:
        span: how far back the recent records reach, in microseconds.
        limit: records after it are in the future, and left out.
    """
    known = _load(folder)
    before = known.digests if known else {}
    stamps = {bundle.manifest.repository: _stamp(bundle, limit) for bundle in bundles}
    gone = sorted(name for name, stamp in before.items() if stamps.get(name) != stamp)
    changed = [
        b for b in bundles if before.get(b.manifest.repository) != stamps[b.manifest.repository]
    ]
    if known and not changed and not gone:
        return Updated(_files(folder / known.folder), [*bundles], [], 0)
    good, problems = bundle_check.sound(changed)
    damaged = {bundle.source for bundle in changed} - {bundle.source for bundle in good}
    used = [bundle for bundle in bundles if bundle.source not in damaged]
    if not used:
        return Updated({}, [], problems, 0)
    old = folder / known.folder if known and len(gone) < len(before) else None
    name = _write(engine, folder, old, gone, good, span, limit)
    digests = {b.manifest.repository: stamps[b.manifest.repository] for b in used}
    index = msgspec.json.encode(Index(folder=name, digests=digests), order="sorted")
    atomic.write(folder / _INDEX, index, durable=False)
    _sweep(folder, name)
    return Updated(_files(folder / name), used, problems, len(good))


def _write(
    engine: Engine,
    folder: Path,
    old: Path | None,
    gone: list[str],
    good: list[Bundle],
    span: int,
    limit: int,
) -> str:
    """Write the tables into a new folder; returns its name."""
    name = os.urandom(8).hex()
    fresh = folder / f"{name}.new"
    atomic.make_folder(fresh, durable=False)
    parts = []
    for number, batch in enumerate(_batches(good)):
        parts.append(fresh / str(number))
        _compute(engine, batch, parts[-1], span, limit)
    _merge(engine, old, gone, parts, fresh)
    for part in parts:
        shutil.rmtree(part)
    fresh.rename(folder / name)
    return name


def _stamp(bundle: Bundle, limit: int) -> str:
    """What tells whether a bundle changed. Of one with records in the future, the time tells."""
    is_future = bundle.manifest.newest > limit
    return f"{bundle.manifest.digest}@{limit}" if is_future else bundle.manifest.digest


def _load(folder: Path) -> Index | None:
    try:
        index = msgspec.json.decode(safe_open.read_settings(folder / _INDEX), type=Index)
    except (OSError, ValueError):
        return None
    is_whole = all(path.is_file() for path in _files(folder / index.folder).values())
    return index if is_whole else None


def _files(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.parquet" for name in KEPT}


def _sweep(folder: Path, keep: str) -> None:
    """Remove what older runs, and killed ones, left."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != keep:
            shutil.rmtree(path, ignore_errors=True)
    if folder.parent.name != _FLEETS:
        return
    with contextlib.suppress(FileNotFoundError):  # Another process removes them, too.
        # Somebody may keep other things in a folder of this name.
        fleets = [path for path in folder.parent.iterdir() if _FLEET.match(path.name)]
        fleets.sort(key=lambda path: path.lstat().st_mtime)
        for old in fleets[:-_MOST_FLEETS]:
            shutil.rmtree(old, ignore_errors=True)


def _batches(bundles: Sequence[Bundle]) -> Iterator[list[Bundle]]:
    batch: list[Bundle] = []
    size = 0
    for bundle in bundles:
        if batch and size + bundle.manifest.records > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(bundle)
        size += bundle.manifest.records
    if batch:
        yield batch


def _compute(engine: Engine, batch: list[Bundle], part: Path, span: int, limit: int) -> None:
    """Write the tables of a batch."""
    atomic.make_folder(part, durable=False)
    records = ex.until(engine.read([bundle.file("records") for bundle in batch]), limit)
    for name, expression in of_records(records, span).items():
        engine.write(expression, part / f"{name}.parquet")
    for name in COPIED:
        rows = engine.read([bundle.file(name) for bundle in batch])
        engine.write(rows.select(*table(name).names), part / f"{name}.parquet")


def of_records(records: Any, span: int) -> dict[str, Any]:
    """The expressions of the partials, by name."""
    return {
        "totals": ex.totals(records),
        "shares": ex.shares(records),
        "named": ex.named(records),
        "recent": ex.recent(records, span),
    }


def _merge(
    engine: Engine, old: Path | None, gone: list[str], parts: list[Path], fresh: Path
) -> None:
    """Write each table of the cache: what is kept of the old one, and the new parts."""
    for name in KEPT:
        if not old and len(parts) == 1:
            (parts[0] / f"{name}.parquet").rename(fresh / f"{name}.parquet")
            continue
        tables = [engine.read([part / f"{name}.parquet" for part in parts])] if parts else []
        if old:
            rows = engine.read([old / f"{name}.parquet"])
            tables.append(rows.filter(~rows.repository.isin(gone)) if gone else rows)
        merged = tables[0].union(tables[1]) if len(tables) > 1 else tables[0]
        engine.write(merged, fresh / f"{name}.parquet")
