"""Did a log become smaller since the last commit? Answered without asking git.

Git runs no pre-commit hook for a revert or a cherry-pick, and none under ``--no-verify``. A commit
that removes lines of an append-only log leaves a smaller file in the work tree. The sizes that a
branch had are kept in the git directory, and only where one shrank is git asked what was removed.

Nothing is imported here: every commit loads this module.
"""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = "errata/log-sizes"
"""In the git directory of a work tree: what HEAD names, then the size and path of each log."""

DEFAULT_LOGS = (
    ".claude/review-findings.jsonl",
    ".claude/session-learnings.jsonl",
    ".claude/user-corrections.jsonl",
    ".claude/incidents.jsonl",
)
"""The paths of the logs unless errata.toml says otherwise."""


def may_have_shrunk(git_dir: str, logs: Iterable[str] = DEFAULT_LOGS) -> bool:
    """Whether a log is smaller than before, or the last sizes are another branch's or unknown.

    Remembers the sizes. Must run at the top of the work tree.
    """
    known = _read(f"{git_dir}/{FILE}")
    text = remember(git_dir, logs)
    if text == known:
        return False
    branch, before = _parse(known)
    head, now = _parse(text)
    return branch != head or any(now.get(log, 0) < size for log, size in before.items())


def remember(git_dir: str, logs: Iterable[str] = DEFAULT_LOGS, top: str = ".") -> str:
    """Remember the sizes of the logs; returns what is remembered.

    Args:
        top: the top of the work tree.
    """
    known = _read(f"{git_dir}/{FILE}")
    sizes = ((_size(f"{top}/{log}"), log) for log in logs)
    lines = [f"{size} {log}" for size, log in sizes if size]
    if not lines and not known:
        return known
    text = "\n".join([_read(f"{git_dir}/HEAD").rstrip("\n"), *lines, ""])
    if text != known:
        with contextlib.suppress(OSError):
            _write(git_dir, text)
    return text


def _parse(text: str) -> tuple[str, dict[str, int]]:
    """What HEAD named, and the size of each log."""
    head, _, rest = text.partition("\n")
    rows = (line.partition(" ") for line in rest.splitlines())
    return head, {log: int(size) for size, _, log in rows if size.isdecimal()}


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 1 << 14).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _write(git_dir: str, text: str) -> None:
    folder = f"{git_dir}/errata"
    if os.path.islink(folder):
        return
    os.makedirs(folder, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(f"{git_dir}/{FILE}", flags, 0o600)
    try:
        os.write(descriptor, text.encode("utf-8", "replace"))
    finally:
        os.close(descriptor)
