"""Opening files that others may have put in our way: links, pipes, devices, endless ones.

Functions for ``open(..., opener=...)``. A repository can bring links, and its git directory may be
another's too; a pipe would wait for a writer for ever, and a device never ends.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_LIMIT = 1_000_000
"""Bytes of a file of settings; more than anybody writes."""


def open_regular(path: str, flags: int) -> int:
    """An opener for regular files; links to such are followed.

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
    """An opener for files that only errata writes: a link in its place is refused.

    Raises:
        OSError: also for a symbolic link, or anything but a regular file.
    """
    return open_regular(path, flags | os.O_NOFOLLOW)


def read_settings(path: Path | str) -> bytes:
    """The bytes of a file of settings.

    Raises:
        OSError: it cannot be read, is no regular file, or is far too large.
    """
    with open(path, "rb", opener=open_regular) as file:
        data = file.read(SETTINGS_LIMIT + 1)
    if len(data) > SETTINGS_LIMIT:
        raise OSError(errno.EFBIG, f"larger than {SETTINGS_LIMIT} bytes", str(path))
    return data
