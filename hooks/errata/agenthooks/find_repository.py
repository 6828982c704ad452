"""The repository around a folder, as git finds it, without a process or a library.

An event comes with every file that an agent writes, and asking git takes longer than everything
else. Where settings decide (GIT_DIR, core.worktree, a bare repository, safe.directory for what is
another user's) git is asked.
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
        return _ask(start)
    try:
        here = os.path.realpath(start)
        device = os.stat(here).st_dev
        while True:
            if (git_dir := _git_dir(here)) is not None:
                return _made(here, git_dir) if git_dir else None
            if _is_git_dir(here):
                # Inside a git directory, or a bare repository.
                return _ask(start)
            above = os.path.dirname(here)
            if above == here or os.stat(above).st_dev != device:
                return None
            here = above
    except (OSError, ValueError):
        return None


def _git_dir(folder: str) -> str | None:
    """Where ``.git`` in this folder leads; "" if nowhere, None if there is none that counts."""
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
    """The directory that all linked work trees share."""
    try:
        with open(f"{git_dir}/commondir", "rb") as file:
            line = os.fsdecode(file.read(8192).rstrip(b"\r\n"))
    except OSError:
        return git_dir
    return os.path.realpath(os.path.join(git_dir, line))


def _made(root: str, git_dir: str) -> Repository | None:
    common = _common(git_dir)
    # What the shared file says of its own work tree does not concern a linked one.
    files = [f"{git_dir}/config.worktree"] + ([f"{common}/config"] if common == git_dir else [])
    if any(_moved(file) for file in files) or not _owned(root, git_dir):
        return _ask(root)
    from pathlib import Path

    from errata.core.git import Repository

    return Repository(Path(root), Path(git_dir), Path(common))


def _owned(*paths: str) -> bool:
    """Whether all of this is the user's, whose repository git trusts without being told."""
    users = {os.geteuid()}
    if 0 in users and (sudo := os.environ.get("SUDO_UID", "")).isdecimal():
        users.add(int(sudo))
    return all(os.lstat(path).st_uid in users for path in paths)


def _moved(config: str) -> bool:
    """Whether a configuration may say that the work tree is elsewhere, or that there is none."""
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


def _ask(start: str) -> Repository | None:
    from pathlib import Path

    from errata.core.errors import GitError
    from errata.core.git import Repository

    try:
        found = Repository.discover(Path(start))
    except (GitError, OSError):
        return None
    return found if found.git_dir is not None else None
