"""Which file of the repository does a path in an export mean?"""

from __future__ import annotations

import os
import posixpath
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from errata.core.git import Repository, list_files

_ABSOLUTE = re.compile(r"(?:/|[A-Za-z]:/|[a-z][a-z0-9+.-]*://)")


class RepositoryFiles:
    """The files of a repository, as exports name them.

    A tool may run in a subdirectory, on another machine or in a container, so a path that is no
    file here is compared by its end.

    Args:
        commit: one whose files count, too; "" for none.
    """

    def __init__(self, repo: Repository, commit: str = "") -> None:
        self._repo = repo
        self._commit = commit
        self._root = Path(repo.root).resolve().as_posix()
        self._top = self._root.rpartition("/")[2]
        self._found: dict[str, str] = {}

    def find(self, path: str) -> str:
        """The path below the top of the repository; "" if it can be none."""
        if path not in self._found:
            self._found[path] = self._find(path.replace("\\", "/"))
        return self._found[path]

    def _find(self, path: str) -> str:
        for root in dict.fromkeys((self._root, str(self._repo.root))):
            if path.startswith(f"{root}/"):
                path = path[len(root) + 1 :]
        start = _ABSOLUTE.match(path)
        is_absolute = start is not None
        plain = posixpath.normpath(path[start.end() :] if start else path).lstrip("/")
        if plain in ("", ".") or plain.startswith("../"):
            return ""
        if not is_absolute and (plain in self._names or not self._names):
            return plain
        if match := self._by_end(plain, shorten=is_absolute):
            return match
        # A file that is gone, or was never committed.
        return "" if is_absolute else plain

    def _by_end(self, path: str, *, shorten: bool) -> str:
        """The one file whose path ends in this one, or in the longest end of it that one has."""
        parts = path.split("/")
        candidates = self._by_name.get(parts[-1], [])
        for start in range(len(parts) if shorten else 1):
            end = "/".join(parts[start:])
            if start == len(parts) - 1 and parts[start - 1 : start] != [self._top]:
                # Every package has a file of this name.
                return ""
            if end in self._names:
                return end
            matches = [name for name in candidates if name.endswith(f"/{end}")]
            if matches:
                return matches[0] if len(matches) == 1 else ""
        return ""

    @cached_property
    def _names(self) -> frozenset[str]:
        if self._repo.git_dir is None:
            return frozenset()
        out = self._repo.git(*list_files(self._repo.git_dir))
        if self._commit:
            out += self._repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._commit)
        return frozenset(os.fsdecode(name) for name in out.split(b"\0") if name)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        by_name = defaultdict(list)
        for name in self._names:
            by_name[name.rpartition("/")[2]].append(name)
        return by_name
