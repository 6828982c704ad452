"""A repository that `errata init` set up under a framework: for situations of tests/githooks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import Story, script


def set_up(repo: Any, framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A story whose hooks are those that the framework runs."""
    bin = Path(sys.executable).parent
    assert (bin / framework).exists(), f"{framework} comes with the extra `test`"
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    # The frameworks' own scripts look for them there.
    monkeypatch.setenv("PATH", f"{bin}:/usr/local/bin:/usr/bin:/bin")
    made = Story(repo, hooks=False)
    command = [sys.executable, "-m", "errata", "init", "--manager", framework, "--yes"]
    subprocess.run(command, cwd=made.root, check=True, capture_output=True)
    assert b"errata-capture" in (made.root / ".pre-commit-config.yaml").read_bytes()
    made.commit("build: errata")
    assert made.clean()
    return made


def editors(tmp_path: Path) -> Callable[[str], str]:
    """Programs for git to edit with, made of Python."""
    made: list[str] = []

    def make(python: str) -> str:
        made.append(python)
        return script(tmp_path, f"editor{len(made)}.py", python)

    return make
