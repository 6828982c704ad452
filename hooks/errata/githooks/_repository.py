"""The repository whose hook runs, without starting git."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository


def repository() -> Repository:
    """The repository: git runs its hooks at the top of the work tree, and names its directory."""
    from pathlib import Path

    from errata.core.git import Repository
    from errata.corrections import git_state

    root = Path.cwd()
    git_dir = os.environ.get("GIT_DIR", ".git")
    if not os.path.isdir(git_dir):  # noqa: PTH112
        # The file ".git" of a linked work tree, where git did not name its directory.
        return Repository.discover()
    return Repository(root, root / git_dir, root / git_state.common_dir(git_dir))
