"""Commits and rewrites whose capture could not be finished: left for the next run.

An entry is removed once it is done, and doing it twice does no harm. Where the database cannot be
used, entries are lines of a spare file beside errata's folder until it can.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core import atomic, safe_open
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.state import database, markers

_INSERT = "INSERT OR IGNORE INTO retry_queue (commits) VALUES (?)"
# SHA-1 and SHA-256 in hexadecimal.
_SHA_LENGTHS = (40, 64)


@dataclass(frozen=True, slots=True)
class RetryEntry:
    """What is left to do: look at one commit, or follow one rewrite.

    Attributes:
        commits: as it is kept: the commit, or the old and new commits of a rewrite in turn.
    """

    commits: str

    @property
    def sha(self) -> str:
        """The commit to look at, or ""."""
        return self.commits if " " not in self.commits else ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(old, new) commits of a rewrite, or none."""
        shas = self.commits.split()
        return list(zip(shas[::2], shas[1::2], strict=False))

    @property
    def label(self) -> str:
        """What it is about, for messages."""
        return self.sha[:12] or f"rewrite of {self.commits[:12]}"


def add_commit(repo: Repository, sha: str) -> None:
    """Leave a commit for the next run. Raises OSError: it cannot be kept anywhere."""
    _add(repo, sha)


def add_rewrite(repo: Repository, pairs: Sequence[tuple[str, str]]) -> None:
    """Leave a rewrite for the next run. Raises OSError: it cannot be kept anywhere."""
    _add(repo, " ".join(f"{old} {new}" for old, new in pairs))


def entries(repo: Repository) -> list[RetryEntry]:
    """What was left, oldest first. Raises StateError: it cannot be read."""
    if repo.common_dir is None or not markers.has_retry_entries(repo.common_dir):
        return []
    with database.transaction(repo) as db:
        spare = repo.common_dir / markers.RETRY_SPARE
        if spare.is_file() and not spare.is_symlink():
            lines = spare.read_text("ascii", "replace").splitlines()
            db.executemany(_INSERT, [(line,) for line in lines if _is_whole(line)])
        rows = db.execute("SELECT commits FROM retry_queue ORDER BY number").fetchall()
        if rows:
            markers.put(repo.common_dir, markers.RETRY_QUEUE)
    spare.unlink(missing_ok=True)
    if not rows:
        _remove_marker(repo)
    return [RetryEntry(commits) for (commits,) in rows]


def remove(repo: Repository, entry: RetryEntry) -> None:
    """Remove an entry that is done. Raises StateError: it cannot be removed."""
    with database.transaction(repo) as db:
        db.execute("DELETE FROM retry_queue WHERE commits = ?", (entry.commits,))
    _remove_marker(repo)


def _add(repo: Repository, commits: str) -> None:
    assert repo.common_dir is not None
    try:
        with database.transaction(repo) as db:
            db.execute(_INSERT, (commits,))
            markers.put(repo.common_dir, markers.RETRY_QUEUE)
    except ErrataError:
        _append_to_spare(repo.common_dir / markers.RETRY_SPARE, commits)


def _is_whole(line: str) -> bool:
    """Whether a line is an entry; a process that was killed may have written a part of one."""
    shas = line.split(" ")
    is_commit_or_pairs = len(shas) == 1 or len(shas) % 2 == 0
    return is_commit_or_pairs and all(len(sha) in _SHA_LENGTHS and sha.isalnum() for sha in shas)


def _append_to_spare(path: Path, line: str) -> None:
    with open(path, "a+b", buffering=0, opener=safe_open.open_nofollow) as file:
        descriptor, size = file.fileno(), file.tell()
        is_unfinished = size and os.pread(descriptor, 1, size - 1) != b"\n"
        atomic.append(descriptor, (b"\n" if is_unfinished else b"") + f"{line}\n".encode())
        os.fsync(descriptor)


def _remove_marker(repo: Repository) -> None:
    """Remove the marker if the queue is empty, while nobody can add to it."""
    assert repo.common_dir is not None
    with database.transaction(repo) as db:
        if db.execute("SELECT 1 FROM retry_queue LIMIT 1").fetchone() is None:
            markers.remove(repo.common_dir, markers.RETRY_QUEUE)
