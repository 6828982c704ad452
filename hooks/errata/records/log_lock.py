"""The lock of a log: one writer at a time, whatever path the writer knows the log by."""

from __future__ import annotations

import contextlib
import os
from _thread import get_ident
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from errata.core import atomic
from errata.core.errors import LogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

WAIT = 10.0
"""Seconds to wait for other writers before giving up."""

# (thread, lock file) of the locks held, so that a thread may append while it holds the lock.
_held: set[tuple[int, Path]] = set()
# The root of a repository -> its state directory, where that is known without asking git.
_state_dirs: dict[Path, Path | None] = {}


@contextlib.contextmanager
def locked(path: Path, *, root: Path) -> Iterator[None]:
    """Keep every other writer of this log out, for instance while its lines are moved elsewhere.

    The same thread may append to the log meanwhile.

    Raises:
        LogError: the log is outside the repository, or cannot be locked.
    """
    _, lock = locate(path, root)
    with hold(lock, path, WAIT):
        yield


@contextlib.contextmanager
def hold(lock: Path, path: Path, wait: float) -> Iterator[None]:
    """Hold the lock file of the log at ``path``. Raises LogError: it cannot be locked."""
    mine = (get_ident(), lock)
    if mine in _held:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(atomic.exclusive_lock(lock, wait))
        except TimeoutError:
            raise LogError(
                f"{path}: another process has been writing to it for {wait:g} s", "try again"
            ) from None
        except OSError as error:
            raise LogError(f"{path}: cannot be locked: {lock}: {error.strerror}") from error
        _held.add(mine)
        stack.callback(_held.discard, mine)
        yield


def locate(path: Path, root: Path) -> tuple[Path, Path]:
    """The real file of the log at ``path``, and its lock file.

    Raises:
        LogError: it is outside the repository, or one of git's own files.
    """
    top, state_dir = _directories(root)
    target = Path(os.path.realpath(root / path))
    if state_dir and target.is_relative_to(state_dir):
        return target, _lock_file(state_dir, target.relative_to(state_dir))
    if not target.is_relative_to(top):
        raise LogError(f"{path}: leads outside the repository", "keep logs inside it")
    inside = target.relative_to(top)
    if any(part.lower() == ".git" for part in inside.parts):
        raise LogError(f"{path}: leads into git's own files", "keep logs elsewhere")
    if state_dir:
        return target, _lock_file(state_dir, inside)
    return target, target.with_name(f".{target.name}.lock")


def remember(repo: Repository) -> None:
    """Use what is known about a repository, so that git need not be asked again."""
    _state_dirs[repo.root] = repo.state_dir


@cache
def _directories(root: Path) -> tuple[Path, Path | None]:
    """The real paths of the repository's top and of its state directory."""
    if root in _state_dirs:
        state_dir = _state_dirs[root]
    else:
        from errata.core.git import Repository

        state_dir = Repository.discover(root).state_dir
    return Path(os.path.realpath(root)), Path(os.path.realpath(state_dir)) if state_dir else None


@cache
def _lock_file(state_dir: Path, inside: Path) -> Path:
    # Named by the path inside the repository: the absolute path may differ in a container.
    digest = sha256(os.fsencode(inside)).hexdigest()[:8]
    return state_dir / f"{inside.name[:100]}.{digest}.lock"
