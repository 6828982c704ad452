"""Empty files that say what the state database holds.

A hook that has nothing to do looks at these, and pays neither for `import sqlite3` nor for opening
the database. A marker is set in the transaction that adds the first row, and removed in one that
finds no row, so a marker is never missing where there are rows; one without rows costs a look.

Nothing is imported here: every commit loads this module.
"""

from __future__ import annotations

import os

AGENT_EDITS = "errata/agent-edits"
"""In the git directory of a worktree: its agents edited files that are not committed yet."""
SQUASH = "errata/squash"
"""In the git directory of a worktree: the commit that is being made is a squash merge."""
RETRY_QUEUE = "errata/retry-queue"
"""In the common git directory: commits or rewrites have to be looked at again."""
RETRY_SPARE = "errata-retry-queue"
"""In the common git directory: entries of the retry queue from when errata's folder was unusable;
a file of lines."""
MIXED_COMMITS = "errata/mixed-commits"
"""In the common git directory: there are mixed commits; its time is when the last was added."""

# What errata kept these in before it had a database, until that is imported.
_BEFORE = {
    AGENT_EDITS: "errata/written",
    RETRY_QUEUE: "errata/deferred",
    MIXED_COMMITS: "errata/authorship.jsonl",
}


def is_set(git_dir: str | os.PathLike[str], marker: str) -> bool:
    """Whether the database may hold such rows."""
    return changed(git_dir, marker) is not None


def changed(git_dir: str | os.PathLike[str], marker: str) -> float | None:
    """When the marker was last set, in seconds since 1970; None if it is not set."""
    for name in filter(None, (marker, _BEFORE.get(marker))):
        try:
            return os.lstat(f"{os.fspath(git_dir)}/{name}").st_mtime
        except OSError:
            continue
    return None


def has_retry_entries(common_dir: str | os.PathLike[str]) -> bool:
    """Whether the retry queue, or its spare file, may hold anything."""
    spare = f"{os.fspath(common_dir)}/{RETRY_SPARE}"
    return is_set(common_dir, RETRY_QUEUE) or os.path.lexists(spare)


def put(git_dir: str | os.PathLike[str], marker: str) -> None:
    """Set a marker, with the time of now. Raises OSError: it cannot be made, or is a link."""
    path = f"{os.fspath(git_dir)}/{marker}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.utime(descriptor)
    finally:
        os.close(descriptor)


def remove(git_dir: str | os.PathLike[str], marker: str) -> None:
    """Remove a marker, if it is set. Raises OSError: it cannot be removed."""
    try:
        os.unlink(f"{os.fspath(git_dir)}/{marker}")
    except FileNotFoundError:
        return
