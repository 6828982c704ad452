"""The state database, ``<git common dir>/errata/state.db``: schema, connections, damage.

One SQLite file for all worktrees of a repository. What belongs to one worktree names that
worktree's git directory.

- Rollback journal, not WAL: WAL needs shared memory, which network file systems lack, and every
  hook, being the only process that has the database open, would write a checkpoint anyway.
- ``synchronous`` stays FULL: a transaction costs about 1 ms, and power loss damages nothing.
- A writer waits for others for :data:`PATIENCE` seconds.
- What is deleted is overwritten, and the file shrinks: it held people's code.

A file that is not a usable database is renamed to ``state.db.damaged``, the error log says so, and
a new database takes its place. The error log itself is a text file, since it has to work then.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time

from errata.core.errors import ErrataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from errata.core.git import Repository

FILE_NAME = "state.db"
PATIENCE = 5.0
"""Seconds to wait for other processes; each transaction takes milliseconds."""

SCHEMA = """
-- Edits that agents' tools reported, until the file is committed. Contents are compressed by zlib,
-- `before` is NULL where it is not known or there was no file, `base` is an object id of the index,
-- and paths are bytes.
CREATE TABLE IF NOT EXISTS agent_edits (
    worktree TEXT NOT NULL,
    path BLOB NOT NULL,
    number INTEGER NOT NULL,
    agent TEXT NOT NULL,
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    time INTEGER NOT NULL,
    before BLOB,
    after BLOB NOT NULL,
    base TEXT,
    PRIMARY KEY (worktree, path, number)
);
-- The files that an agent edited last in a session, in the order of `rowid`.
CREATE TABLE IF NOT EXISTS agent_sessions (
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    path BLOB NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (tool, session, path)
);
-- What is known of a session, as 0 or 1: whether its events tell of commands, looking at its work
-- tree takes long, its agent is still to be given its runbook.
CREATE TABLE IF NOT EXISTS sessions (
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    time INTEGER NOT NULL,
    tells_of_commands INTEGER NOT NULL,
    is_slow INTEGER NOT NULL,
    awaits_runbook INTEGER NOT NULL,
    PRIMARY KEY (tool, session)
);
-- The commands that agents run now, and the sub-agents at work whose events do not name them (these
-- have kind "agent"). `commits` is 1 if the text of the command speaks of committing; `reflog` is
-- the size of HEAD's reflog before; `files` is 0 if the changed files are not known.
CREATE TABLE IF NOT EXISTS running_commands (
    number INTEGER PRIMARY KEY,
    worktree TEXT NOT NULL,
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    call TEXT NOT NULL,
    kind TEXT NOT NULL,
    agent TEXT NOT NULL,
    time INTEGER NOT NULL,
    commits INTEGER NOT NULL,
    reflog INTEGER NOT NULL,
    files INTEGER NOT NULL,
    UNIQUE (tool, session, call)
);
-- The files that differed from HEAD before a command, compressed as above; NULL for one whose
-- content is not kept.
CREATE TABLE IF NOT EXISTS files_before (
    number INTEGER NOT NULL,
    path BLOB NOT NULL,
    content BLOB,
    PRIMARY KEY (number, path)
);
-- Which agent read which runbook.
CREATE TABLE IF NOT EXISTS exposures (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    session TEXT NOT NULL,
    tool TEXT NOT NULL,
    agent TEXT NOT NULL,
    runbook TEXT NOT NULL
);
-- Hashes of the lines that an agent (or, with an empty name, a person) wrote in a mixed commit.
CREATE TABLE IF NOT EXISTS mixed_commits (
    commit_key TEXT NOT NULL,
    agent TEXT NOT NULL,
    tool TEXT NOT NULL,
    time INTEGER NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (commit_key, agent, tool)
);
-- What is still to be looked at: a commit, or the old and new commits of a rewrite in turn.
CREATE TABLE IF NOT EXISTS retry_queue (
    number INTEGER PRIMARY KEY,
    commits TEXT NOT NULL UNIQUE
);
-- The records that were last moved from the outbox into the log.
CREATE TABLE IF NOT EXISTS moved_records (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL
);
-- Which lesson an agent was given, and when; `reader` is one of the sub-agents of a session.
CREATE TABLE IF NOT EXISTS lesson_exposures (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    session TEXT NOT NULL,
    tool TEXT NOT NULL,
    reader TEXT NOT NULL,
    agent TEXT NOT NULL,
    lesson TEXT NOT NULL,
    UNIQUE (tool, session, reader, lesson)
);
"""
# Older files are imported, but not removed yet; they are gone; all tables of the schema are there.
_IMPORTED, _REMOVED, _VERSION = 1, 2, 3
# Errors of file systems without locks; there, the database is used without locking.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class StateError(ErrataError):
    """The state database cannot be read or written."""


@contextlib.contextmanager
def transaction(repo: Repository) -> Iterator[sqlite3.Connection]:
    """One transaction; it is rolled back if the block raises, or the process dies.

    Raises:
        StateError: the database cannot be opened or written, or another process keeps it.
        GitError: a link stands in the place of errata's folder.
    """
    path = _path(repo)
    with _explained(path), contextlib.closing(_open(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


def fetch(repo: Repository, query: str, *parameters: Any) -> list[Any]:
    """The rows of a query; none where there is no database. Raises as :func:`transaction`."""
    if not exists(repo):
        return []
    try:
        return _fetch(_path(repo), query, parameters)
    except StateError:
        # A read can be repeated, and the failure may be transient.
        return _fetch(_path(repo), query, parameters)


def _fetch(path: Path, query: str, parameters: tuple[Any, ...]) -> list[Any]:
    with _explained(path), contextlib.closing(_open(path)) as connection:
        return connection.execute(query, parameters).fetchall()


def exists(repo: Repository) -> bool:
    """Whether anything is kept for this repository."""
    if repo.common_dir is None:
        return False
    path = _path(repo)
    if path.exists() or path.is_symlink():
        return True
    from errata.state import old_files

    return old_files.exist(path.parent)


def _path(repo: Repository) -> Path:
    if repo.state_dir is None:
        raise StateError("not a git repository", "run `git init`")
    return repo.state_dir / FILE_NAME


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What SQLite and the system refuse, as one line; a file found to be damaged is renamed."""
    import sqlite3

    identity = _identity(path)
    try:
        yield
    except sqlite3.Error as error:
        if _is_damage(error):
            _set_aside(path, str(error), identity)
        raise StateError(f"{path}: {error}") from error
    except OSError as error:
        raise StateError(f"{error.filename or path}: {error.strerror}") from error


def _open(path: Path) -> sqlite3.Connection:
    import sqlite3

    _make_file(path)
    identity = _identity(path)
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        _set_aside(path, str(error), identity)
    _make_file(path)
    return _connect(path)


def _make_file(path: Path) -> None:
    """Make an empty file for its owner only, where there is none; SQLite would follow a link."""
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        _set_aside(path, "not a regular file", _identity(path))
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600, exist_ok=False)


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3

    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    options = "mode=rw&nolock=1" if _lacks_locks(path) else "mode=rw"
    uri = f"file:{name}?{options}"
    connection = sqlite3.connect(uri, PATIENCE, isolation_level=None, uri=True)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        version = _version(connection)
        if version > _VERSION:
            raise StateError(f"{path}: written by a newer version of errata", "update errata")
        if version < _VERSION:
            _set_up(connection, path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, folder: Path) -> None:
    """Make the tables, and move into them what an older version of errata kept in files.

    The files are removed once their content is committed; a process that is killed in between
    leaves a version that makes the next one remove them.
    """
    from errata.state import old_files

    connection.execute("PRAGMA auto_vacuum = FULL")
    connection.execute("BEGIN IMMEDIATE")
    version = _version(connection)
    for statement in SCHEMA.split(";\n"):
        connection.execute(statement)
    if version == 0:
        old_files.load(connection, folder)
    reached = _VERSION if version == _REMOVED else max(version, _IMPORTED)
    connection.execute(f"PRAGMA user_version = {reached}")
    connection.execute("COMMIT")
    if reached < _VERSION and old_files.remove(folder):
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _lacks_locks(path: Path) -> bool:
    import fcntl

    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _NO_LOCKS
    return False


def _is_damage(error: sqlite3.Error) -> bool:
    import sqlite3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands there."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return status.st_dev, status.st_ino
    return None


def _set_aside(path: Path, reason: str, damaged: tuple[int, int] | None) -> None:
    """Rename a damaged database, unless another process has done so and made a new one."""
    from errata.state import error_log

    if _identity(path) != damaged:
        return
    # The journal first: beside a new database it would be applied to that.
    for suffix in ("-journal", ""):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{path}.damaged{suffix}")  # noqa: PTH105
    message = f"could not be used ({reason}); renamed to {FILE_NAME}.damaged"
    error_log.append(path.parent, FILE_NAME, message, time.time_ns() // 1000)
