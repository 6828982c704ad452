"""Replace a file as a whole or not at all, whenever the process dies and whatever the disk refuses.

The bytes go into a temporary file in the same folder, which then takes the name of the old file. A
process that is killed leaves its temporary file; the next write into that folder removes it. The
writer holds a lock on it, which ends with the process, so only an abandoned one is removed.

The hooks of agents' tools use this module, so it imports very little.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Name = str | os.PathLike[str]

SUFFIX = ".errata-tmp"
"""The end of the names of temporary files; they begin with a dot."""
_LOCK = fcntl.LOCK_EX | fcntl.LOCK_NB
# A folder may be writable but not readable, and some file systems cannot sync folders.
_CANNOT_SYNC = (errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def write(
    path: Name,
    data: bytes | Iterable[Any],
    *,
    durable: bool = True,
    executable: bool = False,
) -> None:
    """Replace the content of a file, and make its folder if there is none; replaces a link too.

    A kill at any instant leaves the old bytes or the new ones. An existing file keeps its mode.

    Args:
        data: bytes, or several pieces of them.
        durable: whether that also holds if the machine stops; costs a sync of the disk.
        executable: the owner may run it.

    Raises:
        OSError: it cannot be written, and is unchanged (unless only the last sync failed).
    """
    folder, name = os.path.split(os.path.abspath(path))
    make_folder(folder, durable=durable)
    sweep(folder)
    mode = 0o777 if executable else 0o666
    parts: Iterable[Any] = [data] if isinstance(data, bytes) else data
    descriptor, temporary = create_temporary(folder, name, mode)
    try:
        _copy_mode(descriptor, os.path.join(folder, name), executable)
        with open(descriptor, "wb", closefd=False) as file:
            file.writelines(parts)
        if durable:
            os.fsync(descriptor)
        # Still locked, so that no other process sweeps it.
        os.replace(temporary, os.path.join(folder, name))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    if durable:
        sync_folder(folder)


def append(descriptor: int, data: bytes) -> None:
    """Add bytes to a file opened with O_APPEND: all of them or, as far as possible, none.

    Raises:
        OSError: they cannot be written.
    """
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        _truncate(descriptor, len(data) - len(rest))
        raise


def _truncate(descriptor: int, written: int) -> None:
    """Remove what an interrupted write left, unless a program without the lock added to it."""
    with contextlib.suppress(OSError):
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        if written and os.fstat(descriptor).st_size == end:
            os.ftruncate(descriptor, end - written)


def sweep(folder: Name) -> None:
    """Remove the temporary files that killed processes left in a folder; never raises."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(SUFFIX):
                _remove_abandoned(os.path.join(folder, name))


def make_folder(folder: Name, *, durable: bool = True) -> None:
    """Make a folder and its parents, and sync every folder that got a new entry.

    Raises:
        OSError: it cannot be made.
    """
    if os.path.isdir(folder):
        return
    above = os.path.dirname(os.path.abspath(folder))
    make_folder(above, durable=durable)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder)
    if not os.path.isdir(folder):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(folder))
    if durable:
        sync_folder(above)


def sync_folder(folder: Name) -> None:
    """Sync the names in a folder to the disk. Raises OSError: the disk failed."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


@contextlib.contextmanager
def exclusive_lock(lock: Name, seconds: float, *, remove: bool = False) -> Iterator[None]:
    """Hold a lock file in an existing folder; the end of the process releases it too.

    Args:
        remove: whether to remove the file at the end.

    Raises:
        TimeoutError: another process held it for that many seconds.
        OSError: it cannot be opened or locked.
    """
    end = time.monotonic() + seconds
    # The process that held it may have removed it: then others lock another file of this name.
    while not os.fstat(descriptor := _open_locked(lock, end, seconds)).st_nlink:
        os.close(descriptor)
    try:
        yield
    finally:
        if remove:
            with contextlib.suppress(OSError):
                os.unlink(lock)
        os.close(descriptor)


def _open_locked(lock: Name, end: float, seconds: float) -> int:
    """The descriptor of a lock file, once it is locked."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        while not _try_lock(descriptor):
            if time.monotonic() > end:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"in use by another process for {seconds:g} s", os.fspath(lock)
                )
            time.sleep(0.005)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, _LOCK)
    except BlockingIOError:
        return False
    return True


def create_temporary(folder: str, name: str, mode: int) -> tuple[int, str]:
    """A new file beside the one to replace, locked while it is open: descriptor and path."""
    while True:
        temporary = os.path.join(folder, f".{name[:200]}.{os.urandom(6).hex()}{SUFFIX}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, mode)
        try:
            locked = _try_lock(descriptor)
        except OSError:
            # A file system without locks, where no process sweeps.
            locked = True
        # Another process may have swept it, or be about to.
        if locked and os.fstat(descriptor).st_nlink:
            return descriptor, temporary
        os.close(descriptor)


def _copy_mode(descriptor: int, target: str, executable: bool) -> None:
    new = stat.S_IMODE(os.fstat(descriptor).st_mode)
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        mode = new
    if executable:
        mode |= 0o100
    if mode != new:
        os.fchmod(descriptor, mode)


def _remove_abandoned(leftover: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, _LOCK)
            os.unlink(leftover)
        finally:
            os.close(descriptor)
