"""Finds the repository around a folder as git does, without starting git.

There is an event for every file that an agent writes, and running git would take longer than the
rest of the hook. Git is only run where settings decide: GIT_DIR, core.worktree, a bare repository,
or safe.directory for a repository of another user.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from errata.core.git import Repository

_SETTINGS = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES"),
    *("GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_OBJECT_DIRECTORY"),
)


def find(start: str) -> Repository | None:
    """The repository around a folder; None if there is none, or git would refuse it."""
    if any(name in os.environ for name in _SETTINGS):
        return _ask_git(start)
    try:
        here = os.path.realpath(start)
        device = os.stat(here).st_dev
        while True:
            if (git_dir := _git_dir(here)) is not None:
                return _from_git_dir(here, git_dir) if git_dir else None
            if _is_git_dir(here):
                # Inside a git directory, or a bare repository.
                return _ask_git(start)
            above = os.path.dirname(here)
            if above == here or os.stat(above).st_dev != device:
                return None
            here = above
    except (OSError, ValueError):
        return None


def is_same(first: Repository, second: Repository) -> bool:
    """Whether both are work trees of one repository."""
    if first.common_dir is None or second.common_dir is None:
        return False
    return os.path.realpath(first.common_dir) == os.path.realpath(second.common_dir)


def _git_dir(folder: str) -> str | None:
    """The git directory of ``.git`` here; "" if it is broken, None if there is no valid one."""
    path = f"{folder}/.git"
    if os.path.isdir(path):
        return path if _is_git_dir(path) else None
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        line = file.read(8192).rstrip(b"\r\n")
    if not line.startswith(b"gitdir: "):
        return ""
    target = os.path.join(folder, os.fsdecode(line[8:]))
    return os.path.realpath(target) if _is_git_dir(target) else ""


def _is_git_dir(path: str) -> bool:
    if not os.path.lexists(f"{path}/HEAD"):
        return False
    common = _common(path)
    return os.path.isdir(f"{common}/objects") and os.path.isdir(f"{common}/refs")


def _common(git_dir: str) -> str:
    """The git directory that all linked worktrees share."""
    try:
        with open(f"{git_dir}/commondir", "rb") as file:
            line = os.fsdecode(file.read(8192).rstrip(b"\r\n"))
    except OSError:
        return git_dir
    return os.path.realpath(os.path.join(git_dir, line))


def _from_git_dir(root: str, git_dir: str) -> Repository | None:
    common = _common(git_dir)
    # The shared configuration's core.worktree does not apply to linked worktrees.
    files = [f"{git_dir}/config.worktree"] + ([f"{common}/config"] if common == git_dir else [])
    if any(_sets_worktree(file) for file in files) or not _is_owned(root, git_dir):
        return _ask_git(root)
    from pathlib import Path

    from errata.core.git import Repository

    return Repository(Path(root), Path(git_dir), Path(common))


def _is_owned(*paths: str) -> bool:
    """Whether the user owns all paths; git trusts such a repository without safe.directory."""
    users = {os.geteuid()}
    if 0 in users and (sudo := os.environ.get("SUDO_UID", "")).isdecimal():
        users.add(int(sudo))
    return all(os.lstat(path).st_uid in users for path in paths)


def _sets_worktree(config: str) -> bool:
    """Whether a configuration may set core.worktree or core.bare."""
    try:
        with open(config, "rb") as file:
            lines = file.read().lower().splitlines()
    except OSError:
        return False
    for line in lines:
        key, _, value = line.replace(b"]", b" ").partition(b"=")
        name = key.split()[-1:]
        if name == [b"worktree"] or (name == [b"bare"] and value.strip() not in (b"false", b"")):
            return True
    return False


def _ask_git(start: str) -> Repository | None:
    from pathlib import Path

    from errata.core.errors import GitError
    from errata.core.git import Repository

    try:
        repo = Repository.discover(Path(start))
    except (GitError, OSError):
        return None
    return repo if repo.git_dir is not None else None
