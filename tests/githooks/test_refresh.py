"""errata-refresh as git calls it after a merge."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from errata.runbooks.digest import of_bytes
from errata.runbooks.document import begin_marker
from record_builders import FINDINGS, correction, finding, lines, put, runbook

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


@pytest.mark.parametrize("refresh", ["auto", "context"])
def test_a_merge_refreshes_exports(hooked: Any, refresh: str) -> None:
    """Those that there are, and only where the hook may write."""
    put(hooked.root, "errata.toml", f'[runbook]\nrefresh = "{refresh}"\n'.encode())
    empty = begin_marker(b"").encode() + b"\n<!-- errata:end -->\n"
    path = put(hooked.root, "AGENTS.md", b"# Ours\n\n" + empty)
    hooked.commit("an export")
    hooked.git("branch", "-q", "-f", "main")
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    line = f"errata: AGENTS.md: +{NAME}\n"
    assert (line in said(merge(hooked))) is (refresh == "auto")
    assert (NAME in path.read_text()) is (refresh == "auto")
    assert not (hooked.root / ".cursor").exists()


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


def test_captured_corrections_wait_for_a_person(hooked: Any) -> None:
    """The hook neither moves them nor lets a runbook rest on them: nobody else has them."""
    put(hooked.root, "code.py", b"x = 1\n")
    hooked.jsonl(FINDINGS, finding(1, severity="nit", pattern="other-pattern"))
    hooked.commit("theirs")
    hooked.git("switch", "-q", "main")
    rows = [correction(day, id=f"c-{day}", severity="high") for day in (1, 2, 3, 4)]
    put(hooked.root, ".git/errata/outbox.jsonl", lines(*rows))
    assert said(merge(hooked)) == ""
    assert (hooked.root / ".git/errata/outbox.jsonl").read_bytes() == lines(*rows)
    assert hooked.git("status", "--porcelain") == ""


# A pull


@pytest.fixture
def clone(hooked: Any, tmp_path: Path) -> Any:
    """A clone of ``main`` with the hook, whose origin holds more records than it does."""
    hooked.git("switch", "-q", "main")
    other = type(hooked)(tmp_path / "clone")
    hooked.git("clone", "-q", str(hooked.root), str(other.root))
    hook = ".git/hooks/post-merge"
    put(other.root, hook, (hooked.root / hook).read_bytes()).chmod(0o755)
    hooked.jsonl(FINDINGS, *strong(1, 2, 3, 4))
    hooked.commit("theirs")
    return other


MERGE_OF_UPSTREAM = ["fetch -q", "merge -q --no-edit origin/main"]


@pytest.mark.parametrize(
    ("mode", "commands", "written"),
    [
        ("auto", ["pull -q"], False),
        ("auto", ["pull -q --no-ff --no-rebase --no-edit"], False),
        ("auto", ["pull -q --rebase"], False),
        ("auto", ["fetch -q", "merge -q"], False),
        ("auto", MERGE_OF_UPSTREAM, False),
        ("auto", ["fetch -q", "merge -q FETCH_HEAD"], False),
        ("auto", ["fetch -q", "branch -q theirs origin/main", "merge -q theirs"], True),
        ("auto", ["fetch -q", "switch -q --no-track -c own", "merge -q origin/main"], True),
        ("write", ["pull -q"], True),
        ("context", ["fetch -q", "branch -q theirs origin/main", "merge -q theirs"], False),
    ],
)
def test_a_merge_writes_and_a_pull_keeps(
    clone: Any, mode: str, commands: list[str], written: bool
) -> None:
    if mode != "auto":
        put(clone.root, "errata.toml", f'[runbook]\nrefresh = "{mode}"\n'.encode())
        put(clone.root, ".git/info/exclude", b"errata.toml\n")
    output = "".join(said(git(clone, *command.split())) for command in commands)
    assert output.count("\n") == 1 and output.startswith(f"errata: {runbook()}: +{NAME}")
    assert ("git directory" in output) is not written
    assert (clone.root / runbook()).exists() is written
    assert bool(clone.git("status", "--porcelain")) is written
    assert NAME in said(errata(clone, "context", "--agent", "api-dev"))


def test_a_merge_by_an_agent_keeps(clone: Any) -> None:
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "theirs", "origin/main")
    said(git(clone, "merge", "-q", "theirs", CLAUDECODE="1"))
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize("options", ["--rebase", "--rebase --autostash"])
def test_a_pull_that_replays_commits(clone: Any, options: str) -> None:
    """Git runs post-rewrite then, not post-merge."""
    hook = f'#!/bin/sh\nexec {sys.executable} -m errata.githooks.rewrite "$@"\n'.encode()
    put(clone.root, ".git/hooks/post-rewrite", hook).chmod(0o755)
    put(clone.root, "own.py", b"x = 1\n")
    clone.commit("own work")
    put(clone.root, "own.py", b"x = 2\n" if "autostash" in options else b"x = 1\n")
    before = clone.git("status", "--porcelain")
    output = said(git(clone, *f"pull -q {options}".split()))
    assert f"errata: {runbook()}: +{NAME} (kept in the git directory" in output
    assert clone.git("status", "--porcelain") == before
    assert NAME in said(errata(clone, "context", "--agent", "api-dev"))


def test_pulls_are_never_refused(hooked: Any, clone: Any) -> None:
    """What the hook keeps gives way to the runbook of a colleague who evolved."""
    assert "kept in the git directory" in said(git(clone, "pull", "-q"))
    put(hooked.root, "other.txt", b"x")
    hooked.jsonl(FINDINGS, finding(0, severity="nit", pattern="other-pattern"))
    hooked.commit("one more record that changes no runbook")
    assert said(git(clone, "pull", "-q")) == ""
    hooked.jsonl(FINDINGS, *strong(0.5, 0.6, 0.7, 0.8, name="a-second-pattern"))
    said(errata(hooked, "evolve"))
    hooked.commit("chore: evolve")
    assert said(git(clone, "pull", "-q")) == ""
    assert clone.git("status", "--porcelain") == ""
    assert not list((clone.root / ".git/errata/runbooks").iterdir())
    assert "a-second-pattern" in said(errata(clone, "context", "--agent", "api-dev"))


def test_what_agents_get_of_a_kept_section(clone: Any) -> None:
    said(git(clone, "pull", "-q"))
    path = clone.root / runbook()
    # A person's own text stays, and counts at once.
    put(clone.root, runbook(), b"# api-dev runbook\n\n## Patterns\n\nUse tabs here.\n")
    text = said(errata(clone, "context", "--agent", "api-dev"))
    assert NAME in text and "Use tabs here." in text and ".git/errata/runbooks/api-dev." in text
    env = {"ERRATA_AGENT": "api-dev", "ERRATA_SESSION": "s1"}
    put(clone.root, ".git/m", b"feat: x\n")
    stamp = [sys.executable, "-m", "errata.githooks.stamp", ".git/m", "message"]
    subprocess.run(stamp, cwd=clone.root, env={**os.environ, **env}, check=True)
    said(errata(clone, "evolve"))
    assert f"Runbook: api-dev@{of_bytes(path.read_bytes())}" in (clone.root / ".git/m").read_text()
    assert not list((clone.root / ".git/errata/runbooks").iterdir())
    # A section that is kept for another block does not count.
    put(clone.root, ".git/errata/runbooks/api-dev.0123456789abcdef.md", b"### no-such-lesson\n")
    assert "no-such-lesson" not in said(errata(clone, "context", "--agent", "api-dev"))


def git(repo: Any, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run(["git", *args], repo, **env)


def errata(repo: Any, *args: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "errata", *args], repo)


def run(words: list[str], repo: Any, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=repo.root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )


def test_outside_a_repository(tmp_path: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "errata.githooks.refresh", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
