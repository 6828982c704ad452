"""Without data, every view suggests what to do next, and writes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errata.cli import main
from record_builders import AS_OF, FINDINGS, finding, lines, put, runbook, tree

Run = Callable[..., subprocess.CompletedProcess[str]]
AT = ("--as-of", AS_OF)
VIEWS = [
    ("evolve",),
    ("evolve", "--dry-run"),
    ("patterns",),
    ("patterns", "--all"),
    ("trends",),
    ("trends", "--alerts"),
    ("trends", "--compare"),
    ("corrections",),
    ("corrections", "--analyze"),
]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside of any repository."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("args", VIEWS, ids=" ".join)
def test_empty_repository(
    repo: Any, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    assert main(args) == 0
    out, err = capsys.readouterr()
    assert "`errata log" in out and "`errata backfill` finds" in out and err == ""
    assert [path for path in tree(repo.root) if not path.startswith(".git/")] == []


@pytest.mark.parametrize("view", ["evolve", "patterns", "trends", "corrections"])
def test_json_without_data(repo: Any, capsys: pytest.CaptureFixture[str], view: str) -> None:
    assert main([view, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    json.loads(out)
    assert err == ""
    assert repo.git("status", "--porcelain") == ""


def test_unknown_pattern(errata: Run) -> None:
    for command in ("patterns", "explain"):
        done = errata(command, "nothing-here")
        assert done.returncode == 2
        assert done.stderr.startswith("errata: no pattern named 'nothing-here'")


def test_a_name_where_nothing_is_logged(errata: Run) -> None:
    for command in ("patterns", "explain"):
        done = errata(command, "no-races")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "nothing is logged yet: `errata backfill` finds corrections" in done.stderr
    assert "`errata backfill` finds corrections" in errata("corrections", "--list").stdout


def test_context_says_on_a_terminal_only_that_there_is_nothing(repo: Any, errata: Run) -> None:
    assert errata("context").stdout == errata("context").stderr == ""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(repo.root)
        os.execv(sys.executable, [sys.executable, "-m", "errata", "context"])
    out = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while data := os.read(terminal, 4096):
            out += data
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)
    assert b"`errata backfill` finds corrections" in out


def test_logs_without_git(errata: Run, elsewhere: Path) -> None:
    put(elsewhere, FINDINGS, lines(*(finding(day, severity="blocking") for day in range(1, 6))))
    assert "missing-widget-check" in errata("patterns", *AT, cwd=elsewhere).stdout
    done = errata("evolve", *AT, cwd=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert (elsewhere / runbook()).exists()
    before = tree(elsewhere)
    assert errata("evolve", *AT, cwd=elsewhere).returncode == 0
    assert tree(elsewhere) == before


def test_subfolder(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, lines(finding(1)))
    below = repo.root / "a" / "b"
    below.mkdir(parents=True)
    assert "missing-widget-check" in errata("patterns", *AT, cwd=below).stdout


@pytest.mark.parametrize(
    "args", ["patterns --all", "patterns --all --json", "--help", "--version", "help patterns"]
)
def test_closed_pipe(repo: Any, args: str) -> None:
    put(repo.root, FINDINGS, lines(*(finding(1, f"name-{n}") for n in range(3000))))
    command = f"set -o pipefail; {sys.executable} -m errata {args} | head -c 1"
    shell = ["bash", "-c", command]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 1, "")


@pytest.mark.parametrize("args", ["patterns", "--help", "doctor --json", "nonsense"])
@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_closed_streams(repo: Any, args: str, closed: str) -> None:  # noqa: ARG001
    command = f"{sys.executable} -m errata {args} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == {"doctor --json": 1, "nonsense": 2}.get(args, 0)
    assert "Traceback" not in done.stderr
