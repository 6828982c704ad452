"""A work tree where an agent's tool writes and reports it, and a person edits and commits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from errata.core.git import Repository
from errata.state import agent_edits, database, markers
from errata.state.agent_edits import Writer

API = Writer("api-dev", "claude-code", "s1")
UI = Writer("frontend-dev", "cursor", "s2")
LOG = ".claude/user-corrections.jsonl"


class Desk:
    """A work tree where an agent's tool writes and a person edits; hooks are run by hand."""

    def __init__(self, repo: Any) -> None:
        self.repo = repo
        self.root: Path = repo.root
        self.tick = int(time.time()) - 3600
        repo.write(".gitignore", ".claude/\n")
        self.commit("base")

    def here(self) -> Repository:
        return Repository.discover(self.root)

    def agent_writes(self, path: str, text: str, writer: Writer = API) -> None:
        file = self.root / path
        before = file.read_bytes() if file.exists() else None
        self.repo.write(path, text)
        self.tick += 30
        now, base = self.tick * 1_000_000, self.repo.git("rev-parse", "-q", f":{path}", ok=False)
        base = base if base.isalnum() else ""
        agent_edits.add(self.here(), path, before, text.encode(), writer, now, base)

    def commit(self, message: str, *paths: str, **env: str) -> str:
        self.tick += 60
        dates = {f"GIT_{who}_DATE": f"{self.tick} +0000" for who in ("AUTHOR", "COMMITTER")}
        self.repo.git("add", "-A", *paths)
        self.repo.git("commit", "-qm", message, env={**dates, **env})
        return str(self.repo.git("rev-parse", "HEAD"))

    def capture(self, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "errata.githooks.capture"],
            cwd=self.root,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    def records(self) -> list[dict[str, Any]]:
        path = self.root / LOG
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def kept(self) -> list[bytes]:
        """The paths whose edits are kept; the marker says whether there are any."""
        rows = database.fetch(self.here(), "SELECT DISTINCT path FROM agent_edits")
        assert markers.is_set(self.root / ".git", markers.AGENT_EDITS) is bool(rows)
        return [path for (path,) in rows]
