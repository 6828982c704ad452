"""The commands that agents run now, as their tools report before and after each.

A commit that is made while a command runs is the agent's that runs it. The work tree before the
command is kept until it ends, to see what it changed.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from errata.state import database
from errata.state.agent_edits import pack, path_bytes, path_text, unpack, worktree_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from errata.core.git import Repository

COMMAND, BACKGROUND, DELEGATE = "command", "background", "agent"
_MAY_COMMIT = 300_000_000
"""Microseconds in which a background command that does not speak of committing may still commit: a
release does, a server that runs all day does not."""
_DAY = 86_400_000_000
_DAYS = 1
"""A command whose end was never reported is forgotten after a day."""


class Running(NamedTuple):
    """A command, or a sub-agent, at work.

    Attributes:
        kind: COMMAND, BACKGROUND (the agent does not wait for it) or DELEGATE.
        agent: who runs it; of a DELEGATE, the sub-agent.
        time: of its start, microseconds UTC.
        commits: whether its text speaks of committing.
        reflog: the size of the reflog of HEAD before it, in bytes.
        files: path -> content of the files that differed from HEAD before it (None: the content is
            not kept); None if they are not known.
    """

    kind: str
    agent: str
    time: int
    commits: bool = False
    reflog: int = 0
    files: Mapping[str, bytes | None] | None = None


def add(repo: Repository, tool: str, session: str, call: str, running: Running) -> None:
    """Remember a command that starts. Raises StateError: it cannot be kept."""
    with database.transaction(repo) as db:
        old = "DELETE FROM running_commands WHERE time < ? OR (tool, session, call) = (?, ?, ?)"
        db.execute(old, (running.time - _DAYS * _DAY, tool, session, call))
        numbers = "SELECT number FROM running_commands"
        db.execute(f"DELETE FROM files_before WHERE number NOT IN ({numbers})")
        row = (worktree_name(repo), tool, session, call, *running[:5], running.files is not None)
        columns = "worktree, tool, session, call, kind, agent, time, commits, reflog, files"
        query = f"INSERT INTO running_commands ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        number = db.execute(query, row).lastrowid
        files = (running.files or {}).items()
        db.executemany(
            "INSERT INTO files_before VALUES (?, ?, ?)",
            [(number, path_bytes(path), pack(content)) for path, content in files],
        )


def go_on(repo: Repository, tool: str, session: str, call: str) -> None:
    """Note that a command goes on in the background. Raises StateError."""
    with database.transaction(repo) as db:
        query = "UPDATE running_commands SET kind = ? WHERE (tool, session, call) = (?, ?, ?)"
        db.execute(query, (BACKGROUND, tool, session, call))


def may_commit(running: Running, now: int) -> bool:
    """Whether a commit that is being made now may be this command's."""
    if running.kind == BACKGROUND:
        return running.commits or now - running.time < _MAY_COMMIT
    return running.kind == COMMAND


def finish(repo: Repository, tool: str, session: str, call: str) -> Running | None:
    """Forget a command that has ended in this worktree; returns it if its start was told.

    Raises:
        StateError: it cannot be read or removed.
    """
    query = (
        "SELECT number, kind, agent, time, commits, reflog, files, worktree FROM running_commands"
        " WHERE (tool, session, call) = (?, ?, ?)"
    )
    rows = database.fetch(repo, query, tool, session, call)
    if not rows:
        return None
    number, kind, agent, time, commits, reflog, has_files, worktree = rows[0]
    with database.transaction(repo) as db:
        read = "SELECT path, content FROM files_before WHERE number = ?"
        files = {path_text(path): _content(packed) for path, packed in db.execute(read, (number,))}
        db.execute("DELETE FROM running_commands WHERE number = ?", (number,))
        db.execute("DELETE FROM files_before WHERE number = ?", (number,))
    if worktree != worktree_name(repo):
        # The command began in another work tree, of which it tells nothing here.
        return Running(kind, agent, time)
    return Running(kind, agent, time, bool(commits), reflog, files if has_files else None)


def of_session(repo: Repository, tool: str, session: str) -> dict[str, Running]:
    """What runs now in a session, by call, the last first, without files. Raises StateError."""
    query = (
        "SELECT call, kind, agent, time, commits, reflog FROM running_commands"
        " WHERE tool = ? AND session = ? ORDER BY number DESC"
    )
    return {row[0]: Running(*row[1:]) for row in database.fetch(repo, query, tool, session)}


def sessions(repo: Repository, tool: str) -> set[str]:
    """The sessions of a tool in which a command runs in this worktree. Raises StateError."""
    query = "SELECT DISTINCT session FROM running_commands WHERE (tool, worktree) = (?, ?)"
    return {session for (session,) in database.fetch(repo, query, tool, worktree_name(repo))}


def forget_session(repo: Repository, tool: str, session: str) -> None:
    """Forget all commands of a session that has ended. Raises StateError."""
    if of_session(repo, tool, session):
        with database.transaction(repo) as db:
            where = "WHERE tool = ? AND session = ?"
            numbers = f"SELECT number FROM running_commands {where}"
            db.execute(f"DELETE FROM files_before WHERE number IN ({numbers})", (tool, session))
            db.execute(f"DELETE FROM running_commands {where}", (tool, session))


def _content(packed: bytes | None) -> bytes | None:
    """The content of a file; None if it is not kept, or is damaged."""
    try:
        return unpack(packed)
    except (ValueError, TypeError, zlib.error):
        return None
