"""What git is doing in a git directory: copying commits, or not. Imports almost nothing."""

from __future__ import annotations

import os

# Paths in the git directory are joined as text: pathlib would cost the hook as much as its work.
# Git's files are read because starting git takes longer. Where they do not tell, git is asked: in a
# repository with reftable, or without a reflog.
_COPYING = ("rebase-merge", "rebase-apply", "MERGE_HEAD")
_REFLOG_LINE = 8192


def is_copying(git_dir: str) -> bool:
    """Whether git is copying commits: in a rebase, am, cherry-pick or merge.

    Copies are not new work; where they replace commits, errata-rewrite follows. A revert, of one
    commit or several, is new work.
    """
    if any(exists(git_dir, name) for name in _COPYING) or has_ref(git_dir, "CHERRY_PICK_HEAD"):
        return True
    if exists(git_dir, "sequencer"):
        return not _first_line(git_dir, "sequencer/todo").startswith(b"revert")
    # After a cherry-pick with conflicts, git removes CHERRY_PICK_HEAD before it runs the hook.
    if line := _last_line(git_dir, "logs/HEAD"):
        return b"\tcommit (cherry-pick):" in line
    return _is_copy_by_git(git_dir)


def has_ref(git_dir: str, name: str) -> bool:
    """Whether git has a reference beside HEAD, such as CHERRY_PICK_HEAD or REVERT_HEAD."""
    if exists(git_dir, name):
        return True
    if not exists(git_dir, "reftable") and not exists(common_dir(git_dir), "reftable"):
        return False
    return _git(git_dir, "rev-parse", "--quiet", "--verify", name) != b""


def branch(git_dir: str) -> str:
    """The branch that is checked out; "" if none is."""
    head = b"" if os.path.islink(f"{git_dir}/HEAD") else _first_line(git_dir, "HEAD")  # noqa: PTH114
    # With reftable, the file names an invalid branch.
    if not head or head.startswith(b"ref: refs/heads/.invalid"):
        head = b"ref: " + _git(git_dir, "symbolic-ref", "--quiet", "HEAD")
    prefix = b"ref: refs/heads/"
    return os.fsdecode(head[len(prefix) :].strip()) if head.startswith(prefix) else ""


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


def _is_copy_by_git(git_dir: str) -> bool:
    """Whether HEAD is a copy, as its reflog says, or else its dates."""
    if action := _git(git_dir, "log", "-g", "-1", "--format=%gs", "HEAD", "--"):
        return action.startswith(b"commit (cherry-pick):")
    # A copy keeps the author date. A new commit has it only if somebody wants it so.
    return len(set(_git(git_dir, "log", "-1", "--format=%at %ct", "HEAD", "--").split())) > 1


def _git(git_dir: str, *args: str) -> bytes:
    from errata.core import git

    return git.spawn_status(f"--git-dir={git_dir}", *args)[1]


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
