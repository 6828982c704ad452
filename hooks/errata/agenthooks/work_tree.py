"""The files of a work tree that differ from HEAD, before and after a command of an agent."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

LIMIT = 1_000_000
"""Maximum size of a file in bytes."""
_MAX_FILES = 200
_MAX_KEPT = 2_000_000
_STATUS = (
    *(
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        "--no-ahead-behind",
    ),
    *("--ignore-submodules=all",),
)
_REGULAR = (b"100644", b"100755")
_TICK = 20_000


class Changed(NamedTuple):
    """A file that differs from HEAD.

    Attributes:
        head: the object id of the file in HEAD; "" if it has none.
        staged: that of the staged file; "" if there is none.
        is_staged: whether the staged file is the one of the work tree.
    """

    head: str = ""
    staged: str = ""
    is_staged: bool = False


def changed_files(repo: Repository) -> dict[str, Changed] | None:
    """The files that differ from HEAD, without ignored ones, by path.

    None if they are too many, or git cannot tell.
    """
    from errata.core import git

    files: dict[str, Changed] = {}
    entries = git.spawn_stream("-C", str(repo.root), *_STATUS)
    try:
        for entry in entries:
            kind, _, rest = entry.partition(b" ")
            if kind == b"?":
                files[os.fsdecode(rest)] = Changed()
            elif kind == b"1":
                state, _, *modes, head, index, path = rest.split(b" ", 7)
                if any(mode in _REGULAR for mode in modes):
                    ids = _object_id(head), _object_id(index)
                    files[os.fsdecode(path)] = Changed(*ids, state.endswith(b"."))
            if len(files) > _MAX_FILES:
                return None
    except ValueError:
        return None
    finally:
        entries.close()
    return files


def _object_id(raw: bytes) -> str:
    return raw.decode() if raw.strip(b"0") else ""


def contents(repo: Repository, paths: list[str]) -> dict[str, bytes | None]:
    """The files as they are now; None for one that is gone, no text, or beyond what is kept."""
    kept: dict[str, bytes | None] = {}
    size = 0
    for path in paths:
        data = read_text(repo, path) if size < _MAX_KEPT else None
        size += len(data or b"")
        kept[path] = data
    return kept


def read_text(repo: Repository, name: str) -> bytes | None:
    """The file as it is now; None if it is binary, too large or no regular file."""
    path = f"{repo.root}/{name}"
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LIMIT:
            return None
        with open(path, "rb") as file:
            data = file.read(LIMIT + 1)
    except OSError:
        return None
    return None if b"\0" in data[:8000] else data


def is_newer(repo: Repository, name: str, time: int) -> bool:
    """Whether a file was written, or moved here, after a time (microseconds UTC)."""
    try:
        status = os.lstat(f"{repo.root}/{name}")
    except OSError:
        return False
    # The clock of a file system may be a tick behind.
    return max(status.st_mtime_ns, status.st_ctime_ns) // 1000 >= time - _TICK
