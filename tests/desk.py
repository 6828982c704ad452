"""A work tree where an agent's tool writes and reports it, and a person edits and commits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from capture_builders import install

from errata.core.config import load
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.state import agent_edits, database, markers, outbox
from errata.state.agent_edits import Writer

CODE = """\
def create(body):
    size = body["size"]
    name = body["name"]
    volume = Volume(name, size)
    return volume


def delete(body):
    volume = find(body["name"])
    volume.remove()
    return None
"""
API = Writer("api-dev", "claude-code", "s1")
UI = Writer("frontend-dev", "cursor", "s2")


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

    def agent_writes(
        self, path: str, text: str, writer: Writer = API, before: bytes | None = None
    ) -> None:
        file = self.root / path
        if before is None and file.exists():
            before = file.read_bytes()
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
        """The captured corrections."""
        return outbox.read(outbox.file_path(self.here()))

    def kept(self) -> list[bytes]:
        """The paths whose edits are kept; the marker says whether there are any."""
        rows = database.fetch(self.here(), "SELECT DISTINCT path FROM agent_edits")
        assert markers.is_set(self.root / ".git", markers.AGENT_EDITS) is bool(rows)
        return [path for (path,) in rows]


class HookedDesk(Desk):
    """A desk with the real hooks, and short names for what happens at it."""

    def __init__(self, repo: Any) -> None:
        super().__init__(repo)
        install(self.root)
        for name in ("prepare-commit-msg", "commit-msg"):
            install(self.root, **{name: "stamp"})

    def text(self, path: str = "api.py") -> str:
        return (self.root / path).read_text()

    def replace(self, old: str, new: str, path: str = "api.py") -> None:
        """Somebody changes a file, and no tool reports it."""
        assert old in self.text(path)
        self.repo.write(path, self.text(path).replace(old, new))

    def revise(self, old: str, new: str, path: str = "api.py", **kwargs: Any) -> None:
        """An agent's tool changes a file and reports it."""
        assert old in self.text(path)
        self.agent_writes(path, self.text(path).replace(old, new), **kwargs)

    def agent_commits(self, message: str = "feat: volumes") -> str:
        return self.commit(message, ERRATA_AGENT="api-dev")

    def git(self, *args: str, **env: str) -> str:
        self.tick += 60
        dates = {f"GIT_{who}_DATE": f"{self.tick} +0000" for who in ("AUTHOR", "COMMITTER")}
        return str(self.repo.git(*args, env={**dates, **env}))

    def trailer(self, revision: str = "HEAD") -> str:
        return str(self.repo.git("log", "-1", "--format=%(trailers:key=Corrects)", revision))

    def found_later(self) -> dict[str, list[str]]:
        """The corrections that backfill finds: their ids by commit."""
        repo = self.here()
        found: dict[str, list[str]] = {}
        # In copies of this process, as in a long history.
        commits = CommitRange.resolve(repo, [])
        for correction in Backfill(repo, load(self.root), commits, batch=1):
            found.setdefault(correction.person.sha, []).append(correction.id)
        return found
