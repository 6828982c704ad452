"""From bundles to a fleet: through the cache on DuckDB, at once on Spark."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from errata.core.errors import ErrataError
from errata.core.near_names import did_you_mean
from errata.fleet import bundle_check, keys, partials
from errata.fleet import expressions as ex
from errata.fleet.engine import Engine
from errata.fleet.fleet import WINDOW_DAYS, Fleet, Tables
from errata.fleet.sources import Bundle
from errata.records.model import DAY, FUTURE_TOLERANCE


@dataclass(frozen=True)
class Options:
    """How to look at a fleet.

    Attributes:
        clock: the current instant; records more than a day after it are left out.
        days: length of a window.
        service: only this repository, or the records of this service; "" for all.
        cache: the folder for the partials.
    """

    clock: int
    cache: Path
    days: int = WINDOW_DAYS
    service: str = ""

    def with_cache(self, cache: Path) -> Options:
        """The same with another folder for the partials."""
        return replace(self, cache=cache)

    @property
    def span(self) -> int:
        """How far back recent records reach, in microseconds."""
        return 2 * self.days * DAY

    @property
    def limit(self) -> int:
        """The newest instant that counts."""
        return self.clock + FUTURE_TOLERANCE


@contextlib.contextmanager
def open_fleet(
    engine: Engine, bundles: Sequence[Bundle], options: Options
) -> Iterator[tuple[Fleet, list[str]]]:
    """The fleet of some bundles, and a line for each that is damaged.

    Raises:
        ErrataError: no repository has a record, or none is named so.
    """
    with contextlib.ExitStack() as stack:
        if engine.is_duckdb:
            folder = stack.enter_context(partials.locked(options.cache))
            updated = partials.update(engine, bundles, folder, options.span, options.limit)
            used, problems = updated.used, updated.problems
            tables = {name: engine.read([path]) for name, path in updated.files.items()}
        else:
            used, problems = bundle_check.sound(bundles)
            tables = _tables(engine, used, options) if used else {}
        if not used:
            raise ErrataError("; ".join(["no repository can be read", *problems[:1]]))
        records = ex.until(engine.read([b.file("records") for b in used]), options.limit)
        now = _now(engine, used, records, options.limit)
        names = tuple(bundle.manifest.repository for bundle in used)
        _check_service(engine, Tables(records=records, **tables), options.service, names)
        selected = _select(Tables(records=records, **tables), options, names)
        yield Fleet(engine, selected, now, names, options.days), problems


def _tables(engine: Engine, bundles: Sequence[Bundle], options: Options) -> dict[str, Any]:
    records = engine.read([bundle.file("records") for bundle in bundles])
    partial_tables = partials.of_records(ex.until(records, options.limit), options.span)
    cached = {name: expression.cache() for name, expression in partial_tables.items()}
    copied = {
        name: engine.read([bundle.file(name) for bundle in bundles]) for name in partials.COPIED
    }
    return cached | copied


def _now(engine: Engine, bundles: Sequence[Bundle], records: Any, limit: int) -> int:
    newest = [bundle.manifest.newest for bundle in bundles]
    if any(instant > limit for instant in newest):
        newest = [row["newest"] or 0 for row in engine.rows(ex.newest(records))]
    if not (now := max(newest, default=0)):
        raise ErrataError("no repository has a record", "`errata init` says how records are made")
    return now


def _select(tables: Tables, options: Options, names: Sequence[str]) -> Tables:
    service = options.service
    changed: dict[str, Any] = {}
    if service:
        records = ex.of_service(tables.records, service)
        changed = {"records": records, **partials.of_records(records, options.span)}
    totals = changed.get("totals", tables.totals)
    changed["lessons"] = ex.seen(tables.lessons, totals)
    changed["facts"] = ex.seen(tables.facts, totals)
    if _is_repository(service, names):
        for name in ("outcomes", "promotions"):
            changed[name] = ex.of_repository(getattr(tables, name), service)
    return Tables(**{**vars(tables), **changed})


def _is_repository(service: str, names: Sequence[str]) -> bool:
    return any(name == service or name.endswith(f"/{service}") for name in names)


def _check_service(engine: Engine, tables: Tables, service: str, names: Sequence[str]) -> None:
    """Raises ErrataError: it is neither a repository nor what records name."""
    if not service or _is_repository(service, names):
        return
    services = {row["value"] for row in engine.rows(ex.services(tables.named))}
    if service not in services:
        known = {name for name in services if not name.startswith(keys.OPAQUE)} | {*names}
        hint = did_you_mean(service, known, "`errata fleet corrections` lists the repositories")
        raise ErrataError(f"no repository or service is named {service!r}", hint)
