"""What git is doing in a git directory: copying commits, or not. Imports almost nothing."""

from __future__ import annotations

import os

# Paths in the git directory are joined as text: pathlib would cost the hook as much as its work.
_COPYING = ("rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "MERGE_HEAD")
_REFLOG_LINE = 8192


def is_copying(git_dir: str) -> bool:
    """Whether git is copying commits: in a rebase, am, cherry-pick or merge.

    Copies are not new work; where they replace commits, errata-rewrite follows. A revert, of one
    commit or several, is new work.
    """
    if any(exists(git_dir, name) for name in _COPYING):
        return True
    if exists(git_dir, "sequencer"):
        return not _first_line(git_dir, "sequencer/todo").startswith(b"revert")
    # After a cherry-pick with conflicts, git removes CHERRY_PICK_HEAD before it runs the hook.
    return b"\tcommit (cherry-pick):" in _last_line(git_dir, "logs/HEAD")


def common_dir(git_dir: str) -> str:
    """The git directory that linked work trees share."""
    try:
        with open(f"{git_dir}/commondir") as file:  # noqa: PTH123
            return os.path.join(git_dir, file.read().strip())  # noqa: PTH118
    except OSError:
        return git_dir


def exists(git_dir: str, name: str) -> bool:
    """Whether a git directory has this file or folder."""
    return os.access(f"{git_dir}/{name}", os.F_OK)


def _first_line(git_dir: str, name: str) -> bytes:
    try:
        with open(f"{git_dir}/{name}", "rb") as file:  # noqa: PTH123
            return file.readline()
    except OSError:
        return b""


def _last_line(git_dir: str, name: str) -> bytes:
    """The last line of a reflog."""
    try:
        with open(f"{git_dir}/{name}", "rb") as file:  # noqa: PTH123
            file.seek(max(0, file.seek(0, os.SEEK_END) - _REFLOG_LINE))
            return file.read().rstrip(b"\n").rpartition(b"\n")[2]
    except OSError:
        return b""
