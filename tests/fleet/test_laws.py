"""A fleet says of each repository what errata says there, however the sources come."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.core.config import Config
from errata.fleet import keys, views
from errata.fleet.engine import Engine, open_engine
from errata.fleet.figures import Figures
from errata.lessons.chances import Chances
from errata.outcomes.outcome import Outcome, finite, ranked
from errata.patterns import registry
from errata.patterns.analysis import Pattern
from errata.records.model import CorrectionType
from fleet_builders import (
    CHANCES,
    Logs,
    bundle_of,
    fleet_of,
    logs,
    outcome_counts,
    outcomes_line,
    single,
    write_logs,
)
from record_builders import FINDINGS, finding

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


def _judged(outcome: Outcome) -> dict[str, Any]:
    effect, reading = outcome.effect, outcome.reading
    limits = effect.ratio, effect.ratio_low, finite(effect.ratio_high)
    read = reading and (reading.ratio, reading.ratio_low, finite(reading.ratio_high))
    return {"verdict": outcome.verdict.value, "limits": limits, "reading": read}


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    def limits(of: dict[str, Any]) -> tuple[Any, ...]:
        return of["ratio"], of["ratio_low"], of["ratio_high"]

    reading = limits(entry["reading"]) if entry["reading"] else None
    return {"verdict": entry["verdict"], "limits": limits(entry), "reading": reading}


@settings(max_examples=3)
@given(counts=st.lists(outcome_counts, min_size=6, max_size=6))
def test_an_outcome_of_one_repository_is_that_of_errata_outcome(
    engine: Engine, counts: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made: list[Logs] = [
            {
                FINDINGS: [finding(1, f"r{n}-seen")],
                CHANCES: [outcomes_line({f"r{n}-{m}": one for m, one in enumerate(half)})],
            }
            for n, half in enumerate((counts[:3], counts[3:]))
        ]
        roots, bundles = _bundles(Path(folder), made)
        expected: dict[str, Outcome] = {}
        for root in roots:
            for outcome in ranked(Chances.read(root, Config()).outcomes):
                is_rule = outcome.counts.source == "rule"
                name = f"rule-{keys.digest(outcome.name)[:8]}" if is_rule else outcome.name
                expected[name] = outcome
        assert len(expected) == len(counts)
        with fleet_of(*bundles, cache=Path(folder, "cache"), engine=engine) as fleet:
            entries = views.outcome(fleet)["lessons"]
        assert {e["pattern"]: _said(e) for e in entries} == {
            name: _judged(outcome) for name, outcome in expected.items()
        }
