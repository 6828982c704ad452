"""What is remembered of a session while it lasts: the paths that its agent wrote last.

One small file for each session in ``<git dir>/errata/sessions``, named by a digest.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.agenthooks.event import Event
    from errata.git import Repository

_FILES = 5
_DAYS = 7
_DAY = 86_400_000_000


def wrote(repo: Repository, event: Event, path: str) -> None:
    """Note that the agent wrote this path, relative to the top of its work tree."""
    file = _file(repo, event)
    if not file:
        return
    os.makedirs(os.path.dirname(file), exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with open(descriptor, "r+b") as open_file:
        fcntl.flock(open_file, fcntl.LOCK_EX)
        paths = [path, *(old for old in _paths(open_file.read()) if old != path)][:_FILES]
        open_file.seek(0)
        open_file.truncate()
        open_file.write(json.dumps({"files": paths}).encode())


def files(repo: Repository, event: Event) -> list[str]:
    """The paths that the session's agent wrote, the last one first."""
    file = _file(repo, event)
    try:
        with open(file, "rb") as open_file:
            return _paths(open_file.read())
    except OSError:
        return []


def forget(repo: Repository, event: Event) -> None:
    """The session is over."""
    if file := _file(repo, event):
        with contextlib.suppress(OSError):
            os.unlink(file)


def sweep(repo: Repository, now: int) -> None:
    """Remove what sessions left that never ended."""
    with contextlib.suppress(OSError), os.scandir(_folder(repo)) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime * 1e6 < now - _DAYS * _DAY:
                os.unlink(entry.path)


def _folder(repo: Repository) -> str:
    return f"{repo.state_dir}/sessions"


def _file(repo: Repository, event: Event) -> str:
    """The session's file; "" if the event names no session."""
    session = event.text("session")
    if not session:
        return ""
    import hashlib

    name = hashlib.sha256(f"{event.tool}\0{session}".encode()).hexdigest()[:32]
    return f"{_folder(repo)}/{name}.json"


def _paths(raw: bytes) -> list[str]:
    # A file that was cut off or tampered with is as good as none.
    try:
        value = json.loads(raw)["files"]
        return [path for path in value if isinstance(path, str)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
