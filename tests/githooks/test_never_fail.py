"""Hooks that only add something let the commit, merge or rebase be, even where errata is broken."""

from __future__ import annotations

import importlib
import subprocess
from typing import Any

import pytest

CALLS = {
    "stamp": [".git/COMMIT_EDITMSG", "message"],
    "capture": [],
    "rewrite": ["amend"],
    "refresh": ["0"],
}


@pytest.mark.parametrize("name", CALLS)
def test_a_bug_of_ours_is_one_line_and_status_0(
    repo: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    # Enough to do that none of them ends before it asks git.
    repo.write("a.py", "size = 1\n")
    repo.commit("feat: size\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    repo.write("a.py", "size = 2\n")
    repo.commit("fix: wrong size")
    repo.write(".git/COMMIT_EDITMSG", "Two\n")

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    hook = importlib.import_module(f"errata.githooks.{name}")
    monkeypatch.setattr(subprocess, "run", broken)
    monkeypatch.setattr(subprocess, "Popen", broken)
    assert hook.main(CALLS[name]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"errata-{name}: ")
    assert "a bug" in line
