"""What is remembered of a session while it lasts: the paths that its agent wrote last.

One small file for each session in ``<git dir>/errata/sessions``, named by a digest.
"""

from __future__ import annotations

import contextlib
import json
import os

from errata.core import atomic
from errata.core.safe_open import open_nofollow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

_PATIENCE = 2.0
_FILES = 5
_DAYS = 7
_DAY = 86_400_000_000


def add_file(repo: Repository, tool: str, session: str, path: str) -> None:
    """Note that the agent wrote this path, relative to the top of its work tree."""
    file = _file(repo, tool, session)
    if not file:
        return
    os.makedirs(_folder(repo), exist_ok=True)
    # Beside the folder, which is swept: a lock that is held must stay the one that is found.
    with atomic.exclusive_lock(f"{_folder(repo)}.lock", _PATIENCE):
        paths = [path, *(old for old in recent_files(repo, tool, session) if old != path)][:_FILES]
        data = json.dumps({"files": paths}).encode()
        atomic.write(file, data, durable=False, private=True)


def recent_files(repo: Repository, tool: str, session: str) -> list[str]:
    """The paths that the session's agent wrote, the last one first."""
    file = _file(repo, tool, session)
    try:
        with open(file, "rb", opener=open_nofollow) as open_file:
            return _paths(open_file.read())
    except OSError:
        return []


def forget(repo: Repository, tool: str, session: str) -> None:
    """The session is over."""
    if file := _file(repo, tool, session):
        with contextlib.suppress(OSError):
            os.unlink(file)


def sweep(repo: Repository, now: int) -> None:
    """Remove what sessions left that never ended."""
    with contextlib.suppress(OSError), os.scandir(_folder(repo)) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime * 1e6 < now - _DAYS * _DAY:
                os.unlink(entry.path)


def _folder(repo: Repository) -> str:
    from errata.core.git import state_folder

    return str(state_folder(repo.common_dir, "sessions")) if repo.common_dir else ""


def _file(repo: Repository, tool: str, session: str) -> str:
    """The session's file; "" if the event names no session."""
    if not session:
        return ""
    import hashlib

    name = hashlib.sha256(f"{tool}\0{session}".encode()).hexdigest()[:32]
    return f"{_folder(repo)}/{name}.json"


def _paths(raw: bytes) -> list[str]:
    # A file that was cut off or tampered with is as good as none.
    try:
        value = json.loads(raw)["files"]
        return [path for path in value if isinstance(path, str)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
