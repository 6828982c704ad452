"""What the work tree, or a stash, may hold of the lines that a commit lacks."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from errata.core import safe_open
from errata.core.git import Repository
from errata.corrections.edit_authorship import Lines, split

_MAX_STASHES = 10
_SECONDS = 60
"""The frameworks save their patch right before they run the hooks, and keep it for later."""
_PATCH_FOLDERS = (
    ("PRE_COMMIT_HOME", ""),
    ("XDG_CACHE_HOME", "pre-commit"),
    ("PREK_HOME", "patches"),
    ("XDG_CACHE_HOME", "prek/patches"),
)
_CACHE = ".cache"


def may_hold(repo: Repository, path: bytes, committed: Lines, lines: Lines) -> bool:
    """Whether the work tree's file may have one of the lines that were not committed."""
    if os.environ.get("PRE_COMMIT") == "1" and _is_in_patch(path):
        return True
    try:
        content = safe_open.read_regular(repo.root / os.fsdecode(path))
    except OSError:
        return False
    more = Counter(split(content))
    more.subtract(committed)
    return any(more[line] > 0 for line in lines)


def _is_in_patch(path: bytes) -> bool:
    """Whether a framework put unstaged changes of a file aside, to run its hooks without them."""
    newest = time.time() - _SECONDS
    for folder in _patch_folders():
        for entry in os.scandir(folder) if folder.is_dir() else ():
            is_patch = entry.name.startswith("patch") or entry.name.endswith(".patch")
            if not is_patch or not entry.is_file() or entry.stat().st_mtime < newest:
                continue
            if b"+++ b/" + path in safe_open.read_regular(entry.path):
                return True
    return False


def _patch_folders() -> list[Path]:
    home = Path(os.path.expanduser("~"), _CACHE)  # noqa: PTH111
    return [
        Path(os.environ.get(variable) or home) / name
        for variable, name in _PATCH_FOLDERS
        if variable in os.environ or variable.startswith("XDG")
    ]


def is_stashed(repo: Repository, path: bytes, lines: Lines) -> bool:
    """Whether a stash has one of the lines in a file. Raises GitError: git is missing."""
    args = ("rev-list", "-g", f"--max-count={_MAX_STASHES}", "refs/stash", "--")
    wanted = set(lines)
    for stash in repo.git(*args, ok=(0, 128)).split():
        content = repo.git("cat-file", "blob", stash + b":" + path, ok=(0, 128))
        if not wanted.isdisjoint(split(content)):
            return True
    return False
