"""A sealed environment for every test, and builders of real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from qa import fork_server

_DATE = "2025-01-15T12:00:00 +0000"
# Variables that git, a hook manager, a CI system or a coding agent may have set.
CALLER_PREFIXES = (
    *("GIT_", "ERRATA_", "PRE_COMMIT", "AGENT", "AUGMENT", "CLAUDE", "CLINE"),
    *("CODEX", "COPILOT", "CURSOR", "GEMINI", "OPENCODE", "QWEN", "CI"),
)
_GITCONFIG = """\
[init]
	defaultBranch = main
[commit]
	gpgSign = false
[gc]
	auto = 0
[maintenance]
	auto = false
# fsync takes a quarter of the time of a commit, and no test needs its repository afterwards.
[core]
	fsync = none
"""

# No deadline: the time of an example depends on the machine.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For `make test-lowest`, which tests whether old versions of libraries work.
settings.register_profile(
    "few", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow]
)
# For `make test-all`: CI repeats the same examples, so that it fails only on what was changed.
settings.register_profile(
    "repeatable",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("shared")


@pytest.fixture(autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A HOME of its own, no system git configuration, no variables of callers, fixed dates."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        # The processes of pytest-xdist have a width.
        if name.startswith(CALLER_PREFIXES) or name in ("COLUMNS", "LINES", "FORCE_COLOR"):
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
    (home / ".gitconfig").write_text(_GITCONFIG)


class Repo:
    """A real git repository in a temporary directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *args: str, ok: bool = True, env: dict[str, str] | None = None) -> str:
        """Run git here; return standard output without the final newline."""
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
        """Write a file, and create its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def jsonl(self, path: str, *records: dict[str, Any]) -> Path:
        """Append records to a log."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
        return target

    def commit(self, message: str = "change", **env: str) -> str:
        """Stage everything, commit, and return the commit id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, env=env)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="session")
def empty_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository for tests to copy: faster than `git init` for each."""
    root = tmp_path_factory.mktemp("template") / "repo"
    # Created before any test is sealed, so the environment of the caller must not apply here.
    env = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True, env=env)
    return root


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_repository: Path) -> Repo:
    """An empty repository, as the current directory."""
    root = tmp_path / "repo"
    shutil.copytree(empty_repository, root)
    monkeypatch.chdir(root)
    return Repo(root)


@pytest.fixture
def errata(repo: Repo) -> Callable[..., subprocess.CompletedProcess[str]]:  # noqa: ARG001
    """Run ``errata ARGS`` as a process of its own in the repository."""

    def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return fork_server.run(args, cwd=cwd, env={**os.environ, **env})

    return run
