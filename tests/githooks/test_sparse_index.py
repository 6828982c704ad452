"""No hook makes git expand a sparse index, which would cost as much as a full one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, fixed, limit

HOOKS = {
    "pre-commit": ("validate_logs", "check_runbooks", "check_skills", "check_lessons"),
    "prepare-commit-msg": ("stamp",),
    "commit-msg": ("stamp", "check_trailers"),
    "post-commit": ("capture",),
}


@pytest.fixture
def sparse(repo: Any) -> Any:
    """A sparse checkout of one folder, with the hooks installed."""
    for name in ("in", "out", "out/below"):
        repo.write(f"{name}/file", "x\n")
    repo.write(".gitattributes", "*.pb.py linguist-generated\n")
    repo.commit("begin")
    repo.git("config", "index.sparse", "true")
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    for hook, modules in HOOKS.items():
        lines = [f'"{sys.executable}" -m errata.githooks.{module} "$@"' for module in modules]
        path = repo.write(f".git/hooks/{hook}", "\n".join(["#!/bin/sh", "set -e", *lines, ""]))
        path.chmod(0o755)
    return repo


def expanding(trace: Path) -> list[str]:
    """Our git commands that expanded the index; ``git commit --only`` itself does."""
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    commands = {e["sid"]: " ".join(e["argv"]) for e in events if e["event"] == "start"}
    expanded = [commands[e["sid"]] for e in events if e.get("label") == "ensure_full_index"]
    return [command for command in expanded if "core.fsmonitor=false" in command]


@pytest.mark.parametrize("command", [["-m"], ["-am"], ["--only", "in/api.py", "-m"]])
def test_a_commit_expands_nothing(sparse: Any, tmp_path: Path, command: list[str]) -> None:
    sparse.write("in/api.py", CODE)
    sparse.git("add", "in/api.py")
    sparse.git("commit", "-qm", "feat: handlers", "-m", CLAUDE)
    sparse.write("in/api.py", CODE.replace(limit(1), fixed(1)).replace(limit(2), fixed(2)))
    if command[0] == "-m":
        sparse.git("add", "in/api.py")
    trace = tmp_path / "trace"
    env = {"GIT_TRACE2_EVENT": str(trace)}
    sparse.git("commit", "-q", *command, "fix: the limits are wrong", env=env)
    assert "Corrects: " in sparse.git("log", "-1", "--format=%B")
    assert (sparse.root / ".git/errata/outbox.jsonl").read_text().count('"id":"cor-') == 1
    assert expanding(trace) == []
    assert "out/" in sparse.git("ls-files", "--sparse").splitlines()


def test_events_of_an_agent_expand_nothing(sparse: Any, tmp_path: Path) -> None:
    path = sparse.write("in/api.py", CODE)
    sparse.write(".claude/skills/api/SKILL.md", "---\nname: api\ndescription: API\n---\n")
    event = {"session_id": "s", "cwd": str(sparse.root), "tool_name": "Write"}
    written = {"tool_input": {"file_path": str(path), "content": CODE}}
    trace = tmp_path / "trace"
    for name, more in (("PostToolUse", written), ("SessionStart", {})):
        subprocess.run(
            [sys.executable, "-m", "errata", "agent-hook", "--tool", "claude-code", name],
            input=json.dumps(event | more).encode(),
            env={**os.environ, "GIT_TRACE2_EVENT": str(trace)},
            cwd=sparse.root,
            check=True,
        )
    assert (sparse.root / ".git/errata/state.db").exists()
    assert expanding(trace) == []
