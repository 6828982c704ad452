"""Replace a file whole or not at all, whenever the process dies and whatever the disk refuses.

The bytes go into a new file beside the old one, which then takes its name. A process that is killed
meanwhile leaves the new file; the next write into that folder removes it. Only one that nobody is
writing goes: the writer holds a lock on it, and locks end with their process.

Events of an agent use this, so it imports next to nothing.
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
"""How the names of new files end that did not take their place yet; they begin with a dot."""
_LOCK = fcntl.LOCK_EX | fcntl.LOCK_NB
# A folder need not be readable to be written into, and some file systems cannot sync one.
_CANNOT_SYNC = (errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def write(
    path: Name,
    data: bytes | Iterable[Any],
    *,
    durable: bool = True,
    private: bool = False,
    executable: bool = False,
) -> None:
    """Make the file hold these bytes, and its folder if there is none; a link is replaced too.

    A kill at any instant leaves the old bytes or the new ones. The mode of a file stays.

    Args:
        data: bytes, or several pieces of them.
        durable: whether that must hold when the machine stops too; that takes a sync of the disk.
        private: a new file is for its owner only.
        executable: the owner may run it.

    Raises:
        OSError: it cannot be written, and is as it was (unless a sync failed after it all).
    """
    folder, name = os.path.split(os.path.abspath(path))
    make_folder(folder, durable=durable)
    sweep(folder)
    mode = (0o600 if private else 0o666) | (0o111 if executable else 0)
    parts: Iterable[Any] = [data] if isinstance(data, bytes) else data
    descriptor, temporary = _temporary(folder, name, mode)
    try:
        _take_mode(descriptor, os.path.join(folder, name), executable)
        with open(descriptor, "wb", closefd=False) as file:
            file.writelines(parts)
        if durable:
            os.fsync(descriptor)
        # Still locked here, so that no other process takes it for a leftover.
        os.replace(temporary, os.path.join(folder, name))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    if durable:
        sync_folder(folder)


def sweep(folder: Name) -> None:
    """Remove the new files that killed processes left in a folder; never raises."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(SUFFIX):
                _sweep(os.path.join(folder, name))


def make_folder(folder: Name, *, durable: bool = True) -> None:
    """Make a folder and what is above it; every folder that got a new entry is synced.

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
    """Get the names in a folder onto the disk. Raises OSError: the disk failed."""
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
def exclusive_lock(lock: Name, seconds: float) -> Iterator[None]:
    """Hold a lock file, in a folder that exists; the end of the process gives it back too.

    Raises:
        TimeoutError: another process held it all the time.
        OSError: it cannot be opened or locked.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        end = time.monotonic() + seconds
        while not _held(descriptor):
            if time.monotonic() > end:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"in use by another process for {seconds:g} s", os.fspath(lock)
                )
            time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, _LOCK)
    except BlockingIOError:
        return False
    return True


def _temporary(folder: str, name: str, mode: int) -> tuple[int, str]:
    """A new file beside the one to be replaced, locked for as long as it is open."""
    while True:
        temporary = os.path.join(folder, f".{name[:200]}.{os.urandom(6).hex()}{SUFFIX}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, mode)
        try:
            held = _held(descriptor)
        except OSError:
            # A file system without locks: nobody can take it for a leftover there.
            held = True
        # Another process may have swept it away, or be about to.
        if held and os.fstat(descriptor).st_nlink:
            return descriptor, temporary
        os.close(descriptor)


def _take_mode(descriptor: int, target: str, executable: bool) -> None:
    new = stat.S_IMODE(os.fstat(descriptor).st_mode)
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        mode = new
    if executable:
        mode |= 0o100
    if mode != new:
        os.fchmod(descriptor, mode)


def _sweep(leftover: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, _LOCK)
            os.unlink(leftover)
        finally:
            os.close(descriptor)
