"""Roles of agents: defined in a file, seen in a session, or named by a commit."""

from __future__ import annotations

import os
from pathlib import Path

from errata.core import git
from errata.core.git import Repository
from errata.state import exposures

_FOLDERS = (".claude/agents", ".github/agents", ".cursor/agents", ".codex/agents")
_COMMITS = 2_000


def is_role(repo: Repository, name: str) -> bool:
    """Whether an agent by that name is defined, was seen in a session, or signed a commit.

    Raises:
        StateError: what was seen in sessions cannot be read.
    """
    if os.environ.get("ERRATA_AGENT") == name or name in exposures.agents(repo):
        return True
    homes = (repo.root, Path(os.path.expanduser("~")))  # noqa: PTH111
    folders = [home / folder for home in homes for folder in _FOLDERS]
    if any((folder / f"{name}{end}").is_file() for folder in folders for end in (".md", ".toml")):
        return True
    args = ("log", f"-{_COMMITS}", "--format=%(trailers:key=Agent,valueonly)", "HEAD", "--")
    status, out = git.run_status(*args, cwd=repo.root)
    return status == 0 and name in out.decode("utf-8", "replace").split()
