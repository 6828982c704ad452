"""The expressions on Spark, unchanged: the same rows as on DuckDB, and the same views."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from errata.fleet import report
from errata.fleet.engine import Engine, open_engine
from fleet_builders import CHANCES, bundle_of, counted, fleet_of, grouped, noise, plain, write_logs
from record_builders import CORRECTIONS, FINDINGS, PROMOTIONS, ago, correction, finding

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    pytest.importorskip("pyspark")
    with open_engine("local[2]") as engine:
        yield engine


def _outcome(number: int) -> dict[str, object]:
    sides = {
        side: {"chances": 90 + number, "repeated": repeated, "clusters": 40, "design_effect": 1.3}
        for side, repeated in (("before", 20), ("after", 6), ("read", 2), ("unread", 4))
    }
    return {"since": ago(30), **sides}


@pytest.mark.parametrize("service", ["", "billing"])
def test_both_engines_say_the_same(spark: Engine, tmp_path: Path, service: str) -> None:
    bundles = tmp_path / "bundles"
    for number, name in enumerate(("a", "b", "c")):
        seen = [40 - number, 41, 42, 50, 55, 45, 61, *([1, 2] if number else [])]
        event = {
            "date": ago(30),
            "event": "promoted",
            "pattern": "do-not-call-log-x",
            "agents": ["sre"],
            "confidence": 0.8,
            "occurrences": 7,
            "entry_type": "tip",
        }
        logs = {
            CORRECTIONS: [
                *grouped(name, seen, "call-removed log.x"),
                *noise(name),
                correction(number, "no-print", session_id="s"),
                correction(number, "no-print", session_id="s", agent="sre"),
            ],
            FINDINGS: [finding(n, "slow", service="billing") for n in range(number + 1)],
            CHANCES: [
                counted("x", {"2025-01": 20, "2025-02": 30}, ago(number))
                | {"outcomes": {"do-not-call-log-x": _outcome(number)}}
            ],
            PROMOTIONS: [event] if number == 1 else [],
        }
        bundle_of(write_logs(tmp_path / name, logs), bundles / name)
    with fleet_of(bundles, cache=tmp_path / "1", service=service) as fleet:
        expected = plain(report.collect(fleet, 30))
    assert "no-print" in expected or service
    assert '"verdict": "works"' in expected
    with fleet_of(bundles, cache=tmp_path / "2", engine=spark, service=service) as fleet:
        assert plain(report.collect(fleet, 30)) == expected
