"""What errata kept in files of their own before it had a database.

:func:`load` copies it into a new database and :func:`remove` removes the files, once that is
committed. Damaged files are skipped, and so are those of sessions: their names are digests of what
the table is keyed by, and a session does not last long.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from errata.core import safe_open
from errata.state import markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

# In errata's folder of the common git directory.
_NAMES = (
    *("authorship.jsonl", "deferred", "sessions", "sessions.lock", "moved.jsonl"),
    *("exposures.1.jsonl", "exposures.jsonl"),
)
_EXPOSURE = ("time", "session", "tool", "agent", "runbook")
_LIMIT = 32_000_000
"""Bytes of a file; what errata wrote is smaller."""
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def exist(folder: Path) -> bool:
    """Whether there are such files in errata's folder, or beside it."""
    return next(_paths(folder), None) is not None


def load(db: sqlite3.Connection, folder: Path) -> None:
    """Copy what they hold into a new database, and set its markers. Raises sqlite3.Error."""
    common_dir = folder.parent
    for git_dir in _git_dirs(common_dir):
        for path in _files(git_dir / "errata/written"):
            with contextlib.suppress(*_DAMAGE, OSError):
                _load_agent_edits(db, git_dir.relative_to(common_dir), path)
                markers.put(git_dir, markers.AGENT_EDITS)
    if _load_mixed_commits(db, folder / "authorship.jsonl"):
        markers.put(common_dir, markers.MIXED_COMMITS)
    for path in [*_files(folder / "deferred"), *_files(common_dir / "errata-deferred")]:
        if _load_retry_entry(db, path):
            markers.put(common_dir, markers.RETRY_QUEUE)
    for name in ("exposures.1.jsonl", "exposures.jsonl"):
        for value in _records(folder / name):
            with contextlib.suppress(*_DAMAGE):
                query = f"INSERT INTO exposures ({', '.join(_EXPOSURE)}) VALUES (?, ?, ?, ?, ?)"
                db.execute(query, [str(value[name]) for name in _EXPOSURE])
    for value in _records(folder / "moved.jsonl"):
        with contextlib.suppress(*_DAMAGE):
            row = str(value["id"]), json.dumps(value).encode() + b"\n"
            db.execute("INSERT OR IGNORE INTO moved_records (id, record) VALUES (?, ?)", row)


def remove(folder: Path) -> bool:
    """Remove the files; whether all of them are gone."""
    for path in list(_paths(folder)):
        if path.is_dir() and not path.is_symlink():
            # Takes longer to import than a call that finds nothing, as nearly every call does.
            import shutil

            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    return not exist(folder)


def _paths(folder: Path) -> Iterator[Path]:
    candidates = [folder / name for name in _NAMES] + [folder.parent / "errata-deferred"]
    candidates += [git_dir / "errata/written" for git_dir in _git_dirs(folder.parent)]
    return (path for path in candidates if path.exists() or path.is_symlink())


def _git_dirs(common_dir: Path) -> list[Path]:
    """The git directories of all worktrees."""
    git_dirs = [common_dir, *_files(common_dir / "worktrees")]
    return [git_dir for git_dir in git_dirs if not (git_dir / "errata").is_symlink()]


def _files(folder: Path) -> list[Path]:
    """The entries of a folder that is not a link, oldest first."""
    with contextlib.suppress(OSError):
        if not folder.is_symlink():
            return sorted(folder.iterdir(), key=lambda path: path.lstat().st_mtime_ns)
    return []


def _content(path: Path) -> bytes:
    """The bytes of a file; none if it cannot be read, or is too large."""
    with contextlib.suppress(OSError), open(path, "rb", opener=safe_open.open_nofollow) as file:
        data = file.read(_LIMIT + 1)
        return data if len(data) <= _LIMIT else b""
    return b""


def _records(path: Path) -> Iterator[Any]:
    for line in _content(path).splitlines():
        with contextlib.suppress(*_DAMAGE):
            yield json.loads(line)


def _load_agent_edits(db: sqlite3.Connection, worktree: Path, path: Path) -> None:
    value = json.loads(_content(path))
    name = str(value["path"]).encode("utf-8", "surrogateescape")
    rows = [
        (str(worktree), name, number, str(step["agent"]), str(step["tool"]), str(step["session"]),
         int(step["time"]), _decoded(step["before"]), _decoded(step["after"]), None)
        for number, step in enumerate(value["steps"])
    ]  # fmt: skip
    query = "INSERT OR IGNORE INTO agent_edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    db.executemany(query, [row for row in rows if row[-2] is not None])


def _decoded(text: str | None) -> bytes | None:
    import base64

    return None if text is None else base64.b64decode(text)


def _load_mixed_commits(db: sqlite3.Connection, path: Path) -> bool:
    lines: dict[tuple[str, str, str, int], set[str]] = {}
    for value in _records(path):
        with contextlib.suppress(*_DAMAGE):
            writer = str(value["agent"]), str(value["tool"])
            key = (str(value["commit"]), *writer, int(value["time"]))
            lines.setdefault(key, set()).update(map(str, value["lines"]))
    rows = [(*key, " ".join(sorted(hashes))) for key, hashes in lines.items()]
    db.executemany("INSERT OR IGNORE INTO mixed_commits VALUES (?, ?, ?, ?, ?)", rows)
    return bool(rows)


def _load_retry_entry(db: sqlite3.Connection, path: Path) -> bool:
    words = _content(path).decode("ascii", "replace").split()
    valid = bool(words) and all(word.isalnum() for word in words)
    if valid:
        db.execute("INSERT OR IGNORE INTO retry_queue (commits) VALUES (?)", (" ".join(words),))
    return valid
