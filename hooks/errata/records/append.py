"""Add lines to a log so that none is ever torn or lost, however many write and whenever one dies.

One lock, one write of whole lines, then one sync to disk. The sync comes after the lock is given
back, so that many writers' syncs become few journal commits.

A log whose last line is unfinished (its writer was killed, or an editor left out the final newline)
is mended first: a line that is whole JSON gets its newline; a torn one is moved to ``<log>.torn``
beside the log, where a person can look at it. Readers treat an unfinished last line as absent.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from _thread import get_ident
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from errata.core import atomic
from errata.core.errors import LogError, RecordError
from errata.records import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

WAIT = 10.0
"""Seconds to wait for other writers before giving up."""

_OPEN = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_CHUNK = 1 << 16
# How often to write again when the log is replaced meanwhile (git checkout, an editor that saves).
_ATTEMPTS = 5


def append(
    path: Path,
    records: Sequence[Mapping[str, object]],
    *,
    root: Path,
    unique: bool = False,
    wait: float = WAIT,
    say: Callable[[str], None] | None = None,
) -> int:
    """Append ``records`` to the log at ``path``, one JSON line each, and return how many.

    When this returns, the lines are on disk. When it raises, none of them is in the log, unless the
    message says that the disk failed to sync.

    Args:
        path: the log; relative to ``root``, or absolute.
        root: top of the repository (or the folder that stands for it); the log must be inside it,
            or in errata's own folder of the git directory.
        unique: leave out records that the log already has (same identity); reads the whole log.
        wait: seconds to wait for other writers.
        say: told, in one line, when a torn line was set aside; standard error by default.

    Raises:
        LogError: the log cannot be written: what is in the way, and what to do.
        RecordError: a record cannot be written as JSON.
    """
    lines = [encode(record) for record in records]
    written = 0
    target, lock = _locate(path, root)
    with _mapped(path):
        for attempt in range(_ATTEMPTS):
            with _locked(lock, path, wait):
                fd = _open(target, path)
                try:
                    # What was replaced may have been copied after our write: on a further attempt
                    # add only what is missing.
                    added = _add(fd, target, lines, unique or attempt > 0, say or _stderr)
                except BaseException:
                    os.close(fd)
                    raise
            written = added if attempt == 0 else written
            if _settle(fd, target):
                return written
    raise LogError(f"{path}: keeps being replaced by another program", "try again")


def encode(record: Mapping[str, object]) -> bytes:
    """The record as its line, final newline included, keys in the record's own order.

    Raises:
        RecordError: it cannot be written as JSON.
    """
    return identity.encode(record) + b"\n"


@contextlib.contextmanager
def locked(path: Path, *, root: Path, wait: float = WAIT) -> Iterator[None]:
    """Keep every other writer of this log out, for instance while its lines are moved elsewhere.

    The same thread may call :func:`append` on the log meanwhile.

    Raises:
        LogError: as :func:`append`.
    """
    _, lock = _locate(path, root)
    with _locked(lock, path, wait):
        yield


def _stderr(line: str) -> None:
    print(f"errata: {line}", file=sys.stderr)


def _add(
    fd: int, target: Path, lines: list[bytes], unique: bool, say: Callable[[str], None]
) -> int:
    """Write under the lock; how many lines were added."""
    prefix = _mend(fd, target, say)
    if unique:
        lines = _missing(fd, lines)
    if data := prefix + b"".join(lines):
        _write(fd, data)
    return len(lines)


def _settle(fd: int, target: Path) -> bool:
    """Sync and close; False if the file is no longer the log (a checkout replaced it)."""
    try:
        _sync(fd, target)
        return os.path.samestat(os.fstat(fd), os.lstat(target))
    except FileNotFoundError:
        return False
    finally:
        os.close(fd)


def _sync(fd: int, target: Path) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        # Too late to take the lines back: the lock is gone and others may stand behind them.
        raise LogError(
            f"{target}: written, but not known to be on disk: {error.strerror}", "check the disk"
        ) from error


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except BaseException:
        _undo(fd, len(data) - len(view))
        raise


def _undo(fd: int, written: int) -> None:
    """Take back what an interrupted write left, unless a program without our lock added to it."""
    with contextlib.suppress(OSError):
        end = os.lseek(fd, 0, os.SEEK_CUR)
        if written and os.fstat(fd).st_size == end:
            os.ftruncate(fd, end - written)


def _open(target: Path, path: Path) -> int:
    try:
        fd = os.open(target, _OPEN)
    except FileNotFoundError:
        atomic.make_folder(target.parent)
        fd = os.open(target, _OPEN | os.O_CREAT, 0o666)
        atomic.sync_folder(target.parent)
        # Outside git the lock came first, and made the folder.
        atomic.sync_folder(target.parent.parent)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise LogError(f"{path}: not a regular file", "a log is a plain file of JSON lines")
    return fd


def _mend(fd: int, target: Path, say: Callable[[str], None]) -> bytes:
    """Deal with an unfinished last line; returns what has to stand before the next line."""
    start, tail = _last_line(fd)
    if not tail:
        return b""
    try:
        identity.decode(tail)
        return b"\n"
    except RecordError:
        torn = target.with_name(target.name + ".torn")
        # Kept before it is cut off: a kill between the two leaves it twice rather than never.
        set_aside(torn, tail + b"\n")
        os.ftruncate(fd, start)
        say(f"{target.name}: its last line was torn; the fragment is now in {torn.name}")
        return b""


def set_aside(torn: Path, lines: bytes) -> None:
    """Keep lines that are no records where a person can look at them; they are on disk then.

    Raises:
        LogError, OSError: they cannot be kept.
    """
    fd = os.open(torn, _OPEN | os.O_CREAT, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise LogError(
                f"{torn.name}: not a regular file", "move it away: torn lines are kept there"
            )
        # A kill while this was written leaves no line end, and what follows is to be readable.
        _write(fd, b"\n" + lines if _last_line(fd)[1] else lines)
        os.fsync(fd)
    finally:
        os.close(fd)
    atomic.sync_folder(torn.parent)


def _last_line(fd: int) -> tuple[int, bytes]:
    """Where the unfinished last line begins, and its bytes; empty if the file ends in a newline."""
    end = start = os.fstat(fd).st_size
    parts: list[bytes] = []
    while start:
        size = min(_CHUNK if start < end else 1, start)
        part = os.pread(fd, size, start - size)
        newline = part.rfind(b"\n")
        parts.append(part[newline + 1 :])
        start -= len(parts[-1])
        if newline >= 0:
            break
    return start, b"".join(reversed(parts))


def _missing(fd: int, lines: list[bytes]) -> list[bytes]:
    """Those of ``lines`` whose identity is not in the log, each once."""
    wanted = {identity.content_id(line): line for line in reversed(lines)}
    with os.fdopen(os.dup(fd), "rb") as log:
        log.seek(0)
        for line in log:
            if not wanted:
                break
            # A line that is not JSON is for validation to report; it equals no record.
            with contextlib.suppress(RecordError):
                wanted.pop(identity.content_id(line), None)
    return [line for line in lines if wanted.pop(identity.content_id(line), None) is not None]


def _locate(path: Path, root: Path) -> tuple[Path, Path]:
    """The file behind ``path``, and the lock that guards it."""
    home, state = _places(root)
    target = Path(os.path.realpath(root / path))
    if state and target.is_relative_to(state):
        return target, _lock_file(state, target.relative_to(state))
    if not target.is_relative_to(home):
        raise LogError(f"{path}: leads outside the repository", "keep logs inside it")
    inside = target.relative_to(home)
    if any(part.lower() == ".git" for part in inside.parts):
        raise LogError(f"{path}: leads into git's own files", "keep logs elsewhere")
    if state:
        return target, _lock_file(state, inside)
    return target, target.with_name(f".{target.name}.lock")


# Where errata's folder is, for roots that somebody asked git about already.
_states: dict[Path, Path | None] = {}


def remember(repo: Repository) -> None:
    """Spare git the question where this repository's folder is."""
    _states[repo.root] = repo.state_dir


@cache
def _places(root: Path) -> tuple[Path, Path | None]:
    """The real paths of the repository's top and of errata's folder in the git directory."""
    if root in _states:
        state = _states[root]
    else:
        from errata.core.git import Repository

        state = Repository.discover(root).state_dir
    return Path(os.path.realpath(root)), Path(os.path.realpath(state)) if state else None


@cache
def _lock_file(state: Path, inside: Path) -> Path:
    # By the path inside the repository: in a container the absolute path may be another one.
    digest = sha256(os.fsencode(inside)).hexdigest()[:8]
    return state / f"{inside.name[:100]}.{digest}.lock"


# What each thread holds, so that append may be called while the lock is held by `locked`.
_held: set[tuple[int, Path]] = set()


@contextlib.contextmanager
def _locked(file: Path, path: Path, wait: float) -> Iterator[None]:
    mine = (get_ident(), file)
    if mine in _held:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(atomic.exclusive_lock(file, wait))
        except TimeoutError:
            raise LogError(
                f"{path}: another process has been writing to it for {wait:g} s", "try again"
            ) from None
        except OSError as error:
            raise LogError(f"{path}: cannot be locked: {file}: {error.strerror}") from error
        _held.add(mine)
        stack.callback(_held.discard, mine)
        yield


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """The operating system's refusals, as one line about the log."""
    try:
        yield
    except IsADirectoryError as error:
        raise LogError(f"{path}: is a directory", "a log is a plain file of JSON lines") from error
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}; nothing was added") from error
