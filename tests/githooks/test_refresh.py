"""errata-refresh as git calls it after a merge."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from record_builders import CORRECTIONS, FINDINGS, correction, finding, lines, put, runbook

NAME = "missing-widget-check"


def strong(*days: float, name: str = NAME) -> list[dict[str, Any]]:
    return [finding(day, name, severity="blocking") for day in days]


@pytest.fixture
def hooked(repo: Any) -> Any:
    """A repository with the hook, a log, and a branch `side` that will bring more."""
    hook = put(
        repo.root,
        ".git/hooks/post-merge",
        f'#!/bin/sh\nexec {sys.executable} -m errata.githooks.refresh "$@"\n'.encode(),
    )
    hook.chmod(0o755)
    put(repo.root, ".gitattributes", b"*.jsonl merge=union\n")
    repo.jsonl(FINDINGS, *strong(20))
    repo.commit("base")
    repo.git("switch", "-q", "-c", "side")
    return repo


def merge(repo: Any, *args: str) -> subprocess.CompletedProcess[str]:
    """Merge `side` into `main`."""
    return subprocess.run(
        ["git", "merge", "-q", "--no-edit", *args, "side"],
        cwd=repo.root,
        capture_output=True,
        text=True,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("how", ["--ff", "--no-ff", "--squash"])
def test_a_merge_that_brings_records(hooked: Any, how: str) -> None:
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    assert f"errata: {runbook()}: +{NAME}\n" in said(merge(hooked, how))
    assert NAME in (hooked.root / runbook()).read_text()


def test_a_merge_of_both_sides(hooked: Any) -> None:
    hooked.jsonl(FINDINGS, *strong(1, 2))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    hooked.jsonl(FINDINGS, *strong(3, 4))
    hooked.commit("ours")
    assert said(merge(hooked)).endswith(f"errata: {runbook()}: +{NAME}\n")
    # What is there already is not said again.
    hooked.commit("runbook")
    hooked.git("switch", "-q", "side")
    put(hooked.root, "other.txt", b"x")
    hooked.commit("more")
    hooked.git("switch", "-q", "main")
    assert said(merge(hooked)) == ""


def test_a_merge_without_logs_is_silent(hooked: Any) -> None:
    put(hooked.root, "code.py", b"x = 1\n")
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    # Not even when there is something in the tree that no merge brought.
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    assert said(merge(hooked)) == ""
    assert not (hooked.root / runbook()).exists()
    assert not (hooked.root / ".git/errata").exists()


def test_only_reporting(hooked: Any) -> None:
    put(hooked.root, "errata.toml", b'[runbook]\nrefresh = "report"\n')
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    line = f"errata: {runbook()} is behind its logs: +{NAME}; run `errata evolve`\n"
    assert said(merge(hooked)) == line
    assert not (hooked.root / runbook()).exists()
    assert hooked.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (runbook(), b"# Mine\n\n<!-- errata:begin sha256=0 -->\n"),
        ("errata.toml", b"nonsense = 1\n"),
        (".claude/patterns", b"in the way"),
        (".git/errata", b"in the way"),
    ],
)
def test_errors_never_fail_the_merge(hooked: Any, path: str, content: bytes) -> None:
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    theirs = hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    put(hooked.root, path, content)
    done = merge(hooked)
    (line,) = said(done).splitlines()
    assert line.startswith("errata-refresh: ") and "Traceback" not in line
    assert hooked.git("rev-parse", "HEAD") == theirs
    assert (hooked.root / path).read_bytes() == content


def test_a_bad_line_that_a_merge_brings(hooked: Any) -> None:
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4), finding(1, severity="P1"))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    assert said(merge(hooked)) == f"errata: {runbook()}: +{NAME}\n"


def test_outbox_is_flushed_after_a_merge(hooked: Any) -> None:
    put(hooked.root, "code.py", b"x = 1\n")
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    rows = [correction(day, id=f"c-{day}") for day in (1, 2, 3)]
    put(hooked.root, ".git/errata/outbox.jsonl", lines(*rows))
    shown = said(merge(hooked))
    assert shown.startswith(f"errata: corrections moved to {CORRECTIONS}: 3\n")
    moved = (hooked.root / CORRECTIONS).read_text().splitlines()
    assert [json.loads(line) for line in moved] == rows
    assert not (hooked.root / ".git/errata/outbox.jsonl").read_bytes()


def test_outside_a_repository(tmp_path: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "errata.githooks.refresh", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
