"""Everything works without a usable HOME: containers, CI, service accounts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import Repo
from manager_builders import BIN
from matrix import few

# "file": nothing can be created in it, also not by root.
HOMES = {"unset": None, "empty": "", "missing": "/proc/no-such-home", "file": "/dev/null"}


ROWS = [(home, manager) for home in HOMES for manager in ("pre-commit", "prek", "plain")]


@pytest.mark.parametrize(("home", "manager"), few(ROWS, "file-pre-commit", "unset-plain"))
def test_without_a_home(repo: Repo, tmp_path: Path, home: str, manager: str) -> None:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        env.pop(name, None)
    if (value := HOMES[home]) is not None:
        env["HOME"] = value

    def run(*words: str, **more: str) -> str:
        done = subprocess.run(
            words, env={**env, **more}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("errata", "init", "--manager", manager, "--agent", "claude-code", "--agent", "codex")
    assert run("errata", "doctor") == "healthy\n"
    repo.write("api.py", "def create(): ...\n")
    run("git", "add", "-A")
    # At a commit, pre-commit and prek themselves need a folder for their cache.
    cache = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PREK_HOME": str(tmp_path / "cache")}
    run("git", "commit", "-qm", "feat: volumes", ERRATA_AGENT="api-dev", **cache)
    assert repo.git("log", "-1", "--format=%(trailers:key=Agent,valueonly)").strip() == "api-dev"
    run("errata", "agent-hook", "--tool", "claude-code", "SessionStart")
    run("errata", "evolve")
    run("errata", "uninstall", "--yes")
