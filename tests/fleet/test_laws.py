"""A fleet says of each repository what errata says there, however the sources come."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.fleet import views
from errata.fleet.engine import Engine, open_engine
from errata.fleet.figures import Figures
from errata.patterns import registry
from errata.patterns.analysis import Pattern
from errata.records.model import CorrectionType
from fleet_builders import Logs, bundle_of, fleet_of, logs, single, write_logs

_FIGURES = (
    *("name", "category", "severity", "count", "sessions", "window_count", "previous_count"),
    *("first_seen", "last_seen", "trend", "confidence", "agents", "services"),
    *("sources", "severities"),
)
"""What a fleet and one repository both say of a pattern."""
repositories = st.integers(1, 6).flatmap(
    lambda count: st.tuples(*(logs(f"r{number}") for number in range(count)))
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine("duckdb") as opened:
        yield opened


def _bundles(base: Path, made: Sequence[Logs]) -> tuple[list[Path], list[Path]]:
    roots = [write_logs(base / f"r{n}", one) for n, one in enumerate(made)]
    return roots, [bundle_of(root, base / "bundles" / root.name) for root in roots]


def _of(pattern: Pattern) -> dict[str, Any]:
    entry = registry.entry(pattern, "tracked", [])
    return {name: entry[name] for name in _FIGURES}


def _unrounded(pattern: Pattern | Figures) -> tuple[float, float | None, bool]:
    alarming = pattern.alarming if isinstance(pattern, Pattern) else pattern.is_alarming
    return pattern.confidence.value, pattern.missed, alarming


@settings(max_examples=4)
@given(made=repositories)
def test_every_repository_has_the_figures_that_it_has_alone(
    engine: Engine, made: tuple[Logs, ...]
) -> None:
    # Each repository has patterns of its own, so that one fleet compares all of them.
    with tempfile.TemporaryDirectory() as folder:
        roots, bundles = _bundles(Path(folder), made)
        with fleet_of(*bundles, cache=Path(folder, "cache"), engine=engine) as fleet:
            alone = [single(root, fleet.now) for root in roots]
            expected = {n: p for one in alone for n, p in one.patterns.items() if p.count}
            assert {f.name for f in fleet.figures.values()} == {*expected}
            for figures in fleet.figures.values():
                pattern = expected[figures.name]
                said = {name: views.pattern(figures)[name] for name in _FIGURES}
                assert said == _of(pattern)
                assert _unrounded(figures) == _unrounded(pattern)
            assert fleet.unnamed == sum(one.unnamed.count for one in alone if one.unnamed)


@settings(max_examples=2)
@given(made=logs("one"), service=st.sampled_from(["", "billing"]), days=st.sampled_from([30, 7]))
def test_one_repository_has_the_trends_and_corrections_that_it_has_alone(
    engine: Engine, made: Logs, service: str, days: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (root,), (bundle,) = _bundles(Path(folder), [made])
        whole = single(root)
        if service and not any(service in p.counts.services for p in whole.all()):
            return
        options: dict[str, Any] = {"service": service, "days": days}
        with fleet_of(bundle, cache=Path(folder, "cache"), engine=engine, **options) as fleet:
            alone = single(root, whole.windows.now, service, days)
            trends = registry.trends_json(alone)
            said = views.trends(fleet)
            assert (said["as_of"], said["summary"]) == (trends["as_of"], trends["summary"])
            counts = ("pattern", "trend", "previous_count", "current_count")
            for part in ("trends", "alerts"):
                keyed = [{k: entry[k] for k in counts} for entry in said[part]]
                assert keyed == [{k: entry[k] for k in counts} for entry in trends[part]]
            types = {kind.value: 0 for kind in CorrectionType}
            for pattern in alone.all():
                for kind, count in pattern.counts.correction_types.items():
                    types[kind.value] += count
            corrections = views.corrections(fleet, None)
            assert corrections["by_type"] == {kind: n for kind, n in types.items() if n}
