"""Append lines to a log so that none is torn or lost, however many write and whenever one dies.

One lock, one write of whole lines, then one sync to disk. The sync comes after the lock is
released, so that the syncs of many writers become few journal commits.

A log whose last line is unfinished (its writer was killed, or an editor left out the final newline)
is repaired first: see :mod:`errata.records.torn_line`.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from errata.core import atomic
from errata.core.errors import LogError, RecordError
from errata.records import identity, log_lock, torn_line

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# How often to write again if the log is replaced meanwhile (git checkout, an editor that saves).
_ATTEMPTS = 5


def append(
    path: Path,
    records: Sequence[Mapping[str, object]],
    *,
    root: Path,
    unique: bool = False,
    wait: float = log_lock.WAIT,
) -> int:
    """Append ``records`` to the log at ``path``, one JSON line each, and return how many.

    When this returns, the lines are on disk. When it raises, none of them is in the log, unless the
    message says that the disk failed to sync.

    Args:
        path: the log; relative to ``root``, or absolute.
        root: top of the repository (or the folder that takes its place); the log must be inside it,
            or in errata's own folder of the git directory.
        unique: leave out records that the log already has (same identity); reads the whole log.
        wait: seconds to wait for other writers.

    Raises:
        LogError: the log cannot be written; the message says why, and how to fix it.
        RecordError: a record cannot be written as JSON.
    """
    lines = [encode(record) for record in records]
    target, lock = log_lock.locate(path, root)
    added = len(lines)
    with _os_errors_as_log_errors(path):
        for attempt in range(_ATTEMPTS):
            with log_lock.hold(lock, path, wait):
                log = _open(target, path)
                try:
                    repair = torn_line.repair(log, target)
                    # The file that replaced the log may be a copy made after our write.
                    new = _absent(log, lines) if unique or attempt else lines
                    atomic.append(log, repair + b"".join(new))
                except BaseException:
                    os.close(log)
                    raise
            if attempt == 0:
                added = len(new)
            # The lock is released: others write while the disk syncs.
            if _sync_and_close(log, target):
                return added
    raise LogError(f"{path}: keeps being replaced by another program", "try again")


def encode(record: Mapping[str, object]) -> bytes:
    """The record as its line, final newline included, keys in the record's own order.

    Raises:
        RecordError: it cannot be written as JSON.
    """
    return identity.encode(record) + b"\n"


def _open(target: Path, path: Path) -> int:
    try:
        log = os.open(target, _FLAGS)
    except FileNotFoundError:
        atomic.make_folder(target.parent)
        log = os.open(target, _FLAGS | os.O_CREAT, 0o666)
        atomic.sync_folder(target.parent)
        # Outside git the lock may have made the folder, without syncing it.
        atomic.sync_folder(target.parent.parent)
    if not stat.S_ISREG(os.fstat(log).st_mode):
        os.close(log)
        raise LogError(f"{path}: not a regular file", "a log is a plain file of JSON lines")
    return log


def _absent(log: int, lines: list[bytes]) -> list[bytes]:
    """Those of ``lines`` whose identity is not in the log, each once."""
    absent = {identity.line_id(line): line for line in reversed(lines)}
    with os.fdopen(os.dup(log), "rb") as file:
        file.seek(0)
        for line in file:
            if not absent:
                break
            # A line that is not JSON equals no record; validation reports it.
            with contextlib.suppress(RecordError):
                absent.pop(identity.line_id(line), None)
    return [line for line in lines if absent.pop(identity.line_id(line), None) is not None]


def _sync_and_close(log: int, target: Path) -> bool:
    """Get the lines on disk; False if the file is no longer the log (a checkout replaced it)."""
    try:
        _sync(log, target)
        return os.path.samestat(os.fstat(log), os.lstat(target))
    except FileNotFoundError:
        return False
    finally:
        os.close(log)


def _sync(log: int, target: Path) -> None:
    try:
        os.fsync(log)
    except OSError as error:
        # Too late to remove the lines: without the lock, others may have added theirs after them.
        raise LogError(
            f"{target}: written, but not known to be on disk: {error.strerror}", "check the disk"
        ) from error


@contextlib.contextmanager
def _os_errors_as_log_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except IsADirectoryError as error:
        raise LogError(f"{path}: is a directory", "a log is a plain file of JSON lines") from error
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}; nothing was added") from error
