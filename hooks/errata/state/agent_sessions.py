"""The files that an agent edited last in a session, remembered while the session lasts."""

from __future__ import annotations

from errata.state import database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

MAX_FILES = 5
"""Files that are remembered of one session."""
_DAYS = 7
_DAY = 86_400_000_000


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


def forget(repo: Repository, tool: str, session: str) -> None:
    """Remove what is remembered of a session. Raises StateError."""
    if session:
        _delete(repo, "tool = ? AND session = ?", tool, session)


def sweep(repo: Repository, now: int) -> None:
    """Remove what is remembered of sessions that never ended. Raises StateError."""
    _delete(repo, "time < ?", now - _DAYS * _DAY)


def _delete(repo: Repository, condition: str, *parameters: object) -> None:
    """Delete rows. Where there are none, as usual, no other process is waited for."""
    if database.fetch(repo, f"SELECT 1 FROM agent_sessions WHERE {condition} LIMIT 1", *parameters):
        with database.transaction(repo) as db:
            db.execute(f"DELETE FROM agent_sessions WHERE {condition}", parameters)
