"""The short form of `make stress`, and proof that it detects lost and duplicate records."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from qa.stress import scenarios

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["writers", "evolves", "worktrees", "stopped"])
def test_scenario_finds_no_failure(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qa.stress", "--short", "--only", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" 0 failures\n")


def test_lost_and_duplicate_records_are_detected() -> None:
    counts = Counter(["a", "b", "b", "d"])
    assert list(scenarios.miscounts("log", counts, {"a", "b", "c"})) == [
        "log: lost: ['c'] (1)",
        "log: nobody wrote: ['d'] (1)",
        "log: twice: ['b'] (1)",
    ]


def test_torn_and_merged_lines_are_detected(tmp_path: Path) -> None:
    for text in ('{"id": 1}\n{"id"', '{"id": 1}{"id": 2}\n'):
        (tmp_path / "log").write_text(text)
        with pytest.raises((AssertionError, ValueError)):
            scenarios.read_log(tmp_path / "log")
