"""Open files that may be links, pipes, devices or endless: functions for ``open(..., opener=...)``.

A repository can contain links, and its git directory may belong to somebody else. Opening a pipe
waits for a writer forever, and a device may never end.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from errata.core.errors import ErrataError

SETTINGS_LIMIT = 1_000_000
"""The maximum size of a settings file, in bytes."""


def open_regular(path: str, flags: int) -> int:
    """An opener for regular files; follows links.

    Raises:
        OSError: also for a pipe, a device or a socket.
    """
    # Without O_NONBLOCK a named pipe would wait for its other end.
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return descriptor


def open_nofollow(path: str, flags: int) -> int:
    """An opener for regular files that refuses links, for files that only errata writes.

    Raises:
        OSError: also for a symbolic link, or anything but a regular file.
    """
    return open_regular(path, flags | os.O_NOFOLLOW)


def read_regular(path: Path | str) -> bytes:
    """The bytes of a regular file, or of one that a link leads to.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    with open(path, "rb", opener=open_regular) as file:
        return file.read()


def read_settings(path: Path | str) -> bytes:
    """The bytes of a settings file.

    Raises:
        OSError: it cannot be read, is not a regular file, or is too large.
    """
    with open(path, "rb", opener=open_regular) as file:
        data = file.read(SETTINGS_LIMIT + 1)
    if len(data) > SETTINGS_LIMIT:
        raise OSError(errno.EFBIG, f"larger than {SETTINGS_LIMIT} bytes", str(path))
    return data


def in_work_tree(root: Path, relative: Path, error_class: type[ErrataError]) -> Path:
    """The path of a file in the work tree, whether or not it exists.

    Raises:
        error_class: a symbolic link on the way leads out of the work tree, or into ``.git``.
    """
    try:
        top, target = root.resolve(), (root / relative).resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
        raise error_class(f"{relative}: a loop of symbolic links", "remove them") from error
    if not target.is_relative_to(top) or ".git" in target.relative_to(top).parts:
        raise error_class(
            f"{relative}: a symbolic link leads out of the work tree", "errata does not follow it"
        )
    return root / relative
