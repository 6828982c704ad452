"""A sealed environment for every test, and small builders of real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tests import forks

_DATE = "2025-01-15T12:00:00 +0000"
# Prefixes of what git, a framework or a coding agent may have set around the test run.
_CALLERS = (
    *("GIT_", "ERRATA_", "PRE_COMMIT", "AGENT", "AUGMENT", "CLAUDE", "CLINE"),
    *("CODEX", "COPILOT", "CURSOR", "GEMINI", "OPENCODE", "QWEN"),
)

# How long an example takes is the machine's affair, not the law's.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make test-lowest`: what a law says is looked at elsewhere, whether libraries answer is here.
settings.register_profile(
    "few", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared")


@pytest.fixture(autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own HOME, no system git configuration, none of the caller's variables, fixed dates."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_CALLERS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann Author")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ann@example.org")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Ann Author")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ann@example.org")
    monkeypatch.setenv("GIT_AUTHOR_DATE", _DATE)
    monkeypatch.setenv("GIT_COMMITTER_DATE", _DATE)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = main\n[commit]\n\tgpgSign = false\n"
        # A quarter of what a commit costs, and a repository of a test does not outlive it.
        "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[core]\n\tfsync = none\n"
    )


class Repo:
    """A real git repository in a temporary directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *args: str, ok: bool = True, env: dict[str, str] | None = None) -> str:
        """Run git here; standard output without the last newline."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        if ok and done.returncode:
            raise AssertionError(f"git {args}: {done.stdout}{done.stderr}")
        return done.stdout.rstrip("\n")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file, making its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def jsonl(self, path: str, *records: dict[str, Any]) -> Path:
        """Append records, one line each."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
        return target

    def commit(self, message: str = "change", **env: str) -> str:
        """Stage everything, commit, and return the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, env=env)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repo]:
    """An empty repository, as the current directory."""
    root = tmp_path / "repo"
    root.mkdir()
    monkeypatch.chdir(root)
    made = Repo(root)
    made.git("init", "-q")
    yield made


@pytest.fixture
def errata(repo: Repo) -> Callable[..., subprocess.CompletedProcess[str]]:  # noqa: ARG001
    """Run ``errata ARGS`` as a process of its own in the repository."""

    def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return forks.run(args, cwd=cwd, env={**os.environ, **env})

    return run
