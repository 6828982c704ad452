"""Sessions of agents' tools: what is known of each, and the files that the agent edited last.

A session that ends may be resumed under the same id, so what is known of it is kept for some days.
"""

from __future__ import annotations

from typing import NamedTuple

from errata.state import database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

MAX_FILES = 5
"""Files that are remembered of one session."""
_DAYS = 7
_DAY = 86_400_000_000


class Session(NamedTuple):
    """What is known of a session.

    Attributes:
        tells_of_commands: whether its events tell of every command that the agent runs.
        is_slow: whether asking git for the state of its work tree takes long.
        awaits_runbook: whether its agent is still to be given its runbook.
    """

    tells_of_commands: bool = False
    is_slow: bool = False
    awaits_runbook: bool = False


def put(repo: Repository, tool: str, session: str, known: Session, now: int) -> None:
    """Remember what is known of a session; without an id, nothing is.

    Args:
        now: microseconds UTC.

    Raises:
        StateError: it cannot be kept.
    """
    if not session:
        return
    with database.transaction(repo) as db:
        row = (tool, session, now, *known)
        db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)


def find(repo: Repository, tool: str, session: str) -> Session | None:
    """What is known of a session, or None. Raises StateError: it cannot be read."""
    if not session:
        return None
    columns = "tells_of_commands, is_slow, awaits_runbook"
    query = f"SELECT {columns} FROM sessions WHERE tool = ? AND session = ?"
    rows = database.fetch(repo, query, tool, session)
    return Session(*map(bool, rows[0])) if rows else None


def is_slow(repo: Repository, now: int) -> bool:
    """Whether in some session of the last day git took long to tell the state of the work tree."""
    query = "SELECT 1 FROM sessions WHERE is_slow AND time > ? LIMIT 1"
    return bool(database.fetch(repo, query, now - _DAY))


def add_file(repo: Repository, tool: str, session: str, path: str, now: int) -> None:
    """Remember that the agent edited a file; without a session's id, nothing is.

    Args:
        path: relative to the top of the worktree.
        now: microseconds UTC.

    Raises:
        StateError: it cannot be kept.
    """
    if not session:
        return
    name = path.encode("utf-8", "surrogateescape")
    with database.transaction(repo) as db:
        row = tool, session, name, now
        db.execute("INSERT OR REPLACE INTO agent_sessions VALUES (?, ?, ?, ?)", row)
        db.execute(
            "DELETE FROM agent_sessions WHERE rowid IN (SELECT rowid FROM agent_sessions"
            " WHERE tool = ? AND session = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
            (tool, session, MAX_FILES),
        )


def recent_files(repo: Repository, tool: str, session: str) -> list[str]:
    """The files that the session's agent edited, the last one first; none if they are unknown."""
    query = "SELECT path FROM agent_sessions WHERE tool = ? AND session = ? ORDER BY rowid DESC"
    try:
        rows = database.fetch(repo, query, tool, session) if session else []
    except database.StateError:
        return []
    return [path.decode("utf-8", "surrogateescape") for (path,) in rows if isinstance(path, bytes)]


def sweep(repo: Repository, now: int) -> None:
    """Remove what is remembered of sessions of long ago. Raises StateError."""
    for table in ("agent_sessions", "sessions"):
        _delete(repo, table, now - _DAYS * _DAY)


def _delete(repo: Repository, table: str, before: int) -> None:
    """Delete old rows. Where there are none, as usual, no other process is waited for."""
    if database.fetch(repo, f"SELECT 1 FROM {table} WHERE time < ? LIMIT 1", before):
        with database.transaction(repo) as db:
            db.execute(f"DELETE FROM {table} WHERE time < ?", (before,))
