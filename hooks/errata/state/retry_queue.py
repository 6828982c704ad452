"""Commits and rewrites whose capture could not be finished: left for the next run.

One small file each, so that nothing is lost when two run at once or one is killed: it goes away
once what it asks for is done, and doing that twice does no harm.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core import atomic, safe_open
from errata.core.errors import GitError
from errata.core.git import Repository, state_folder

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RetryEntry:
    """What is left to do: look at one commit, or follow one rewrite.

    Attributes:
        file: where it is written down.
        sha: the commit, or "".
        pairs: (old, new) commits of a rewrite, or none.
    """

    file: Path
    sha: str
    pairs: Pairs


def add_commit(repo: Repository, sha: str) -> None:
    """Leave a commit for the next run. Raises OSError: it cannot be written down anywhere."""
    _leave(repo, sha, sha)


def add_rewrite(repo: Repository, pairs: Sequence[tuple[str, str]]) -> None:
    """Leave a rewrite for the next run. Raises OSError: it cannot be written down anywhere."""
    text = "\n".join(f"{old} {new}" for old, new in pairs)
    _leave(repo, "rewrite-" + hashlib.sha256(text.encode()).hexdigest()[:20], text)


def entries(repo: Repository) -> list[RetryEntry]:
    """What was left, oldest first."""
    files = [file for folder in _folders(repo) for file in _files(folder)]
    for folder in _folders(repo) if not files else ():
        _tidy(folder)
    return [found for _, file in sorted(files) if (found := _read(file))]


def remove(repo: Repository, one: RetryEntry) -> None:
    """It is done."""
    with contextlib.suppress(OSError):
        one.file.unlink()
    for folder in _folders(repo):
        _tidy(folder)


def _folders(repo: Repository) -> list[Path]:
    # The second is for when our own folder in the git directory cannot be used.
    if repo.common_dir is None:
        return []
    found = []
    with contextlib.suppress(GitError):
        found.append(state_folder(repo.common_dir, "deferred"))
    spare = repo.common_dir / "errata-deferred"
    return found if spare.is_symlink() else [*found, spare]


def _leave(repo: Repository, name: str, text: str) -> None:
    trouble: OSError | None = None
    for folder in _folders(repo):
        try:
            atomic.write(folder / name, f"{text}\n".encode())
            return
        except OSError as error:
            trouble = error
            _tidy(folder)
    if trouble is not None:
        raise trouble


def _tidy(folder: Path) -> None:
    """Remove a folder that nothing is in; its being there tells a hook that there is work."""
    atomic.sweep(folder)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _files(folder: Path) -> list[tuple[int, Path]]:
    found = []
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if not file.name.startswith("."):
                found.append((file.stat().st_mtime_ns, file))
    return found


def _read(file: Path) -> RetryEntry | None:
    try:
        with open(file, opener=safe_open.open_nofollow) as lines:
            rows = [line.split() for line in lines.read().splitlines()]
    except (OSError, UnicodeDecodeError):
        return None
    if any(not word.isalnum() for row in rows for word in row):
        return None
    pairs = [(row[0], row[1]) for row in rows if len(row) == 2]
    single = next((row[0] for row in rows if len(row) == 1), "")
    return RetryEntry(file, single, pairs) if pairs or single else None
