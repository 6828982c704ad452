"""The harness detects the defects of naive parsers and reports them by its status."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from qa.fuzz import registry
from qa.fuzz.guard import Guard, checked

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("control-traceback", b"size=x", "exception"),
        ("control-hang", b"x" * 60, "hang"),
        ("control-memory", b"size=250", "memory"),
    ],
)
def test_each_kind_of_finding_is_detected(name: str, data: bytes, kind: str) -> None:
    run = registry.load(name).run
    assert checked(run, b"size=1") is None
    finding = checked(run, data)
    assert finding is not None
    assert finding.kind == kind


def test_parser_cannot_swallow_a_hang() -> None:
    def swallows(_data: bytes) -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:
                continue

    with Guard(swallows, seconds=0.3) as guard:
        finding = guard.check(b"")
    assert finding is not None
    assert finding.kind == "hang"


def _fuzz(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    places = [f"--state={folder / 'state'}", f"--found={folder / 'found'}"]
    return subprocess.run(
        [sys.executable, "-m", "qa.fuzz", *places, "--jobs=1", *args],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_with_a_finding_saves_it_and_fails(tmp_path: Path) -> None:
    done = _fuzz(tmp_path, "--blind", "--inputs=3000", "control-traceback")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("fuzz: 3,000 inputs, 1 parsers, 1 failures")
    (found,) = (tmp_path / "found" / "control-traceback").iterdir()
    finding = checked(registry.load("control-traceback").run, found.read_bytes())
    assert finding is not None
    assert "ValueError" in finding.where


def test_run_without_findings_succeeds(tmp_path: Path) -> None:
    done = _fuzz(tmp_path, "--blind", "--inputs=300", "record", "blocks")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "fuzz: 600 inputs, 2 parsers, 0 failures\n"


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris, of the extra `fuzz`, is not installed: it has wheels for few platforms",
)
def test_coverage_guides_to_inputs_beyond_the_seeds(tmp_path: Path) -> None:
    done = _fuzz(tmp_path, "--inputs=5000", "control-traceback")
    assert done.returncode == 1, done.stderr
    assert "ValueError" in done.stderr
