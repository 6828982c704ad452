"""The Corrects trailer, through real commits and the real hook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

AGENT = "Add loader\n\nCo-Authored-By: Claude Opus 4 <noreply@anthropic.com>"
CODE = "".join(f"line_{n} = compute({n})\n" for n in range(12))


@pytest.fixture
def stamped(repo: Any) -> Any:
    """A repository with the stamp at both stages, and one commit by an agent."""
    repo.write("a.py", CODE)
    repo.commit(AGENT)
    for hook in ("prepare-commit-msg", "commit-msg"):
        path = repo.root / ".git" / "hooks" / hook
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errata.githooks.stamp "$@"\n')
        path.chmod(0o755)
    return repo


def message(repo: Any) -> str:
    return str(repo.git("log", "-1", "--format=%B"))


def fix(repo: Any) -> None:
    repo.write("a.py", CODE.replace("compute(3)", "compute(33)").replace("compute(4)", "compute()"))
    repo.git("add", "-A")


def test_a_fix_gets_the_trailer(stamped: Any) -> None:
    agent = stamped.git("rev-parse", "HEAD")
    fix(stamped)
    stamped.git("commit", "-qm", "fix: wrong arguments")
    assert message(stamped).rstrip() == (
        f'fix: wrong arguments\n\nCorrects: {agent[:12]} ("Add loader")'
    )


def test_commit_of_a_path_gets_the_trailer(stamped: Any) -> None:
    (stamped.root / "a.py").write_text(CODE.replace("compute(3)", "compute(33)"))
    stamped.git("commit", "-qm", "fix: wrong argument", "--", "a.py")
    assert "Corrects:" in message(stamped)


def test_a_message_from_the_editor_counts(
    stamped: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "fix: wrong arguments" > "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("GIT_EDITOR", str(editor))
    fix(stamped)
    stamped.git("commit", "-q")
    assert message(stamped).count("Corrects:") == 1


def test_new_code_gets_no_trailer(stamped: Any) -> None:
    stamped.write("b.py", "x = 1\n")
    stamped.git("add", "-A")
    stamped.git("commit", "-qm", "fix: wrong arguments")
    assert message(stamped).rstrip() == "fix: wrong arguments"


def test_an_agents_own_fix_gets_the_agent_trailer(
    stamped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERRATA_AGENT", "api-dev")
    fix(stamped)
    stamped.git("commit", "-qm", "fix: wrong arguments")
    assert "Corrects:" not in message(stamped)
    assert "Agent: api-dev" in message(stamped)


def test_no_trailer_if_capture_is_disabled(stamped: Any) -> None:
    stamped.write("errata.toml", "[capture]\nenabled = false\n")
    fix(stamped)
    stamped.git("commit", "-qm", "fix: wrong arguments")
    assert "Corrects:" not in message(stamped)


def test_no_trailer_beyond_the_window(stamped: Any) -> None:
    fix(stamped)
    late = "2025-03-15T12:00:00 +0000"
    stamped.git(
        "commit",
        "-qm",
        "fix: wrong arguments",
        env={"GIT_AUTHOR_DATE": late, "GIT_COMMITTER_DATE": late},
    )
    assert "Corrects:" not in message(stamped)
