"""Edits that an agent's tool reported, stored until the file is committed.

Agents' tools report what they write (errata.agenthooks). Each file has an edit history: its
content before the agent edited it, and after. What changed between two edits, or between the last
one and the commit, is a person's work.
"""

from __future__ import annotations

import os
import zlib
from typing import NamedTuple

from errata.core.git import state_folder
from errata.state import database, markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    from errata.core.git import Repository

LIMIT = 1_000_000
"""Maximum size of a file in bytes; edits of larger files are not stored."""
_MAX_EDITS = 16
_DAY = 86_400_000_000


class Writer(NamedTuple):
    """The writer of an edit: the agent (its role, or else the tool), its tool and its session."""

    agent: str
    tool: str
    session: str = ""


class AgentEdit(NamedTuple):
    """One or more successive edits of a file by the same writer.

    Attributes:
        time: of the last write, microseconds UTC.
        before: the file before; None if it is not known, or there was none.
        after: the file after.
        base: the object id of the staged file at the first write; "" if git did not have the file,
            None if it is not known.
    """

    writer: Writer
    time: int
    before: bytes | None
    after: bytes
    base: str | None = None


EditHistory = tuple[AgentEdit, ...]


def add(
    repo: Repository,
    path: str,
    before: bytes | None,
    after: bytes,
    writer: Writer,
    now: int,
    base: str | None = None,
) -> None:
    """Add an edit to the history of a file.

    Args:
        path: relative to the top of the worktree, with '/'.
        before, after, base: see :class:`AgentEdit`.
        now: microseconds UTC.

    Raises:
        StateError, OSError: it cannot be kept.
    """
    if repo.git_dir is None or before == after:
        return
    # Raises if the folder of the marker is a symbolic link.
    state_folder(repo.git_dir)
    key = worktree_name(repo), path_bytes(path)
    with database.transaction(repo) as db:
        if not markers.is_set(repo.git_dir, markers.AGENT_EDITS):
            # Rows of a removed worktree whose git directory had the same name.
            db.execute("DELETE FROM agent_edits WHERE worktree = ?", key[:1])
        if len(after) > LIMIT or len(before or b"") > LIMIT or b"\0" in after[:8000]:
            # The history so far no longer says who wrote which line.
            _delete(db, key)
            return
        markers.put(repo.git_dir, markers.AGENT_EDITS)
        _append(db, key, AgentEdit(writer, now, before, after, base))


def _append(db: sqlite3.Connection, key: tuple[str, bytes], edit: AgentEdit) -> None:
    """Add an edit behind the last one, or extend that if nobody else edited in between."""
    history = _read(db, key, last_only=True)
    number = 0
    if history:
        ((number, previous),) = history.items()
        untouched = edit.before is None or edit.before == previous.after
        if edit.after == previous.after and (untouched or edit.before == previous.before):
            # The tool reported it twice.
            return
        same_base = edit.base == previous.base
        if (untouched and same_base and edit.writer == previous.writer) or number == _MAX_EDITS - 1:
            # Beyond the limit, what a person changed in between counts as the agent's.
            edit = edit._replace(before=previous.before, base=previous.base)
        else:
            number += 1
            edit = edit._replace(before=previous.after) if untouched else edit
    writer = edit.writer
    values = (*key, number, *writer, edit.time, pack(edit.before), pack(edit.after), edit.base)
    db.execute("INSERT OR REPLACE INTO agent_edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def edit_histories(repo: Repository, now: int, days: int) -> dict[str, EditHistory]:
    """The histories of this worktree's files, by path; those older than so many days are removed.

    Raises:
        StateError: they cannot be read.
    """
    if repo.git_dir is None or not markers.is_set(repo.git_dir, markers.AGENT_EDITS):
        return {}
    with database.transaction(repo) as db:
        db.execute(
            "DELETE FROM agent_edits WHERE (worktree, path) IN (SELECT worktree, path"
            " FROM agent_edits GROUP BY worktree, path HAVING max(time) < ?)",
            (now - days * _DAY,),
        )
        query = "SELECT DISTINCT path FROM agent_edits WHERE worktree = ? ORDER BY path"
        keys = [
            (worktree_name(repo), path) for (path,) in db.execute(query, (worktree_name(repo),))
        ]
        histories = {path_text(key[1]): tuple(_read(db, key).values()) for key in keys}
        for path in [path for path, history in histories.items() if not history]:
            # Damaged.
            _delete(db, (worktree_name(repo), path_bytes(path)))
            del histories[path]
    _remove_marker(repo)
    return histories


def writers(repo: Repository, tool: str, session: str) -> dict[str, set[str]]:
    """The agents that edited files of this worktree in a session, by path. Raises StateError."""
    if repo.git_dir is None or not markers.is_set(repo.git_dir, markers.AGENT_EDITS):
        return {}
    query = "SELECT path, agent FROM agent_edits WHERE worktree = ? AND tool = ? AND session = ?"
    names: dict[str, set[str]] = {}
    for path, agent in database.fetch(repo, query, worktree_name(repo), tool, session):
        names.setdefault(path_text(path), set()).add(agent)
    return names


def forget(repo: Repository, path: str) -> None:
    """Remove the history of a file that is committed, or gone. Raises StateError."""
    if repo.git_dir is None or not database.exists(repo):
        return
    with database.transaction(repo) as db:
        _delete(db, (worktree_name(repo), path_bytes(path)))
    _remove_marker(repo)


def _remove_marker(repo: Repository) -> None:
    """Remove the marker if there are no rows, while nobody can add one."""
    assert repo.git_dir is not None
    with database.transaction(repo) as db:
        query = "SELECT 1 FROM agent_edits WHERE worktree = ? LIMIT 1"
        if db.execute(query, (worktree_name(repo),)).fetchone() is None:
            markers.remove(repo.git_dir, markers.AGENT_EDITS)


def _delete(db: sqlite3.Connection, key: tuple[str, bytes]) -> None:
    db.execute("DELETE FROM agent_edits WHERE worktree = ? AND path = ?", key)


def _read(
    db: sqlite3.Connection, key: tuple[str, bytes], *, last_only: bool = False
) -> dict[int, AgentEdit]:
    """The edits of one file by number; empty if there are none, or one is damaged."""
    query = (
        "SELECT number, agent, tool, session, time, before, after, base FROM agent_edits"
        " WHERE worktree = ? AND path = ? ORDER BY number"
    )
    rows = db.execute(f"{query} DESC LIMIT 1" if last_only else query, key).fetchall()
    try:
        return {
            row[0]: AgentEdit(
                Writer(*row[1:4]), row[4], unpack(row[5]), unpack(row[6]) or b"", row[7]
            )
            for row in rows
        }
    except (ValueError, TypeError, zlib.error):
        return {}


def worktree_name(repo: Repository) -> str:
    """The worktree's git directory, seen from the common one."""
    assert repo.git_dir is not None and repo.common_dir is not None
    return os.path.relpath(os.path.realpath(repo.git_dir), os.path.realpath(repo.common_dir))


def path_bytes(path: str) -> bytes:
    """A path as it is kept."""
    return path.encode("utf-8", "surrogateescape")


def path_text(path: bytes) -> str:
    """A path that was kept."""
    return path.decode("utf-8", "surrogateescape")


def pack(data: bytes | None) -> bytes | None:
    """The content of a file as it is kept."""
    return None if data is None else zlib.compress(data, 1)


def unpack(packed: Any) -> bytes | None:
    """A content that was kept. Raises ValueError, zlib.error: it is damaged or too large."""
    if packed is None:
        return None
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, LIMIT + 1)
    if len(data) > LIMIT or not unpacker.eof:
        raise ValueError("too large, or cut off")
    return data
