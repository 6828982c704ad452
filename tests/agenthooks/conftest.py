"""The hook as a tool runs it: a process of its own, JSON on standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.core.git import Repository
from errata.state import database

SCRIPT = str(Path(sys.executable).parent / "errata")
Hook = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository with a file, a runbook and one commit."""
    repo.write("src/a.py", "one\ntwo\nthree\n")
    repo.write(
        ".claude/skills/runbooks/api-dev/RUNBOOK.md",
        "# api-dev\n\n## Recent learnings\n\n- Check every size.\n",
    )
    repo.write(".gitignore", "secret.env\n")
    repo.commit("Begin")
    return repo


@pytest.fixture
def hook(project: Repo) -> Hook:
    """Run ``errata agent-hook`` with a payload (bytes, or what becomes JSON) in the repository."""

    def run(
        event: str, payload: Any = b"", *, tool: str = "", cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        sent = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return subprocess.run(
            [SCRIPT, "agent-hook", event, *(["--tool", tool] if tool else [])],
            input=sent,
            capture_output=True,
            check=False,
            cwd=cwd or project.root,
            env={**os.environ, **env},
            timeout=30,
        )

    return run


def silent(done: subprocess.CompletedProcess[bytes]) -> bool:
    """Whether a run left nothing that a harness could read."""
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def claude(root: Path, **fields: Any) -> dict[str, Any]:
    """An event of Claude Code."""
    return {
        "session_id": "0b6f1c9e-6a55-4c54-8c17-0d5d2a2f9f11",
        "transcript_path": f"{Path.home()}/.claude/projects/p/0b6f1c9e.jsonl",
        "cwd": str(root),
        "permission_mode": "default",
        **fields,
    }


def codex(root: Path, **fields: Any) -> dict[str, Any]:
    """An event of Codex."""
    return {
        "session_id": "019a2b3c-0000-7000-8000-000000000001",
        "transcript_path": f"{Path.home()}/.codex/sessions/2025/01/15/rollout-x.jsonl",
        "cwd": str(root),
        "model": "gpt-5-codex",
        "permission_mode": "default",
        **fields,
    }


def gemini(root: Path, **fields: Any) -> dict[str, Any]:
    """An event of Gemini CLI."""
    return {
        "session_id": "7d0b",
        "transcript_path": f"{Path.home()}/.gemini/tmp/x/chats/session-7d0b.json",
        "cwd": str(root),
        "timestamp": "2025-01-15T12:00:00.000Z",
        **fields,
    }


def cursor(root: Path, **fields: Any) -> dict[str, Any]:
    """An event of Cursor."""
    return {
        "conversation_id": "c-1",
        "generation_id": "g-1",
        "cursor_version": "2.0.77",
        "workspace_roots": [str(root)],
        "user_email": "ann@example.org",
        "transcript_path": None,
        **fields,
    }


def state(repo: Repo) -> Path:
    """Where errata keeps what is never committed."""
    return repo.root / ".git/errata"


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines; none if there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def exposures(root: Path) -> list[dict[str, str]]:
    """What is kept of which agent read which runbook, the first one first."""
    names = ("time", "session", "tool", "agent", "runbook")
    query = f"SELECT {', '.join(names)} FROM exposures ORDER BY number"
    rows = database.fetch(Repository.discover(root), query)
    return [dict(zip(names, row, strict=True)) for row in rows]


def sessions(root: Path) -> dict[str, list[str]]:
    """What is kept of sessions: the files that the agent edited, the last one first."""
    query = "SELECT session, path FROM agent_sessions ORDER BY rowid DESC"
    files: dict[str, list[str]] = {}
    for session, path in database.fetch(Repository.discover(root), query):
        files.setdefault(session, []).append(path.decode())
    return files
