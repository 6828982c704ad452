"""A repository that `errata init` set up with a framework, for the situations in tests/githooks."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import Story, script


def set_up(repo: Any, framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A story whose hooks the framework runs."""
    bin = Path(sys.executable).parent
    assert (bin / framework).exists(), f"{framework} comes with the extra `test`"
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    # Scripts of the frameworks find their programs there.
    monkeypatch.setenv("PATH", f"{bin}:/usr/local/bin:/usr/bin:/bin")
    story = Story(repo, hooks=False)
    command = [sys.executable, "-m", "errata", "init", "--manager", framework, "--yes"]
    subprocess.run(command, cwd=story.root, check=True, capture_output=True)
    assert b"errata-capture" in (story.root / ".pre-commit-config.yaml").read_bytes()
    story.commit("build: errata")
    assert story.clean()
    return story


def editors(tmp_path: Path) -> Callable[[str], str]:
    """Create editors for git from Python code."""
    numbers = itertools.count(1)

    def create(python: str) -> str:
        return script(tmp_path, f"editor{next(numbers)}.py", python)

    return create
