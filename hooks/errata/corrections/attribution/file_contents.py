"""The contents of files of a commit: of one commit, or of one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.core.git_process import GitProcess
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline

MAX_BYTES = 400_000
"""Larger files are left out."""


def read_files(
    repo: Repository, revision: str, paths: Iterable[bytes], deadline: Deadline = NO_DEADLINE
) -> dict[bytes, bytes]:
    """Contents by path, without files that are missing or too large.

    Raises:
        DeadlineError: the deadline passed.
        GitError: git failed.
    """
    # A line end would split the request.
    wanted = [path for path in sorted(set(paths)) if b"\n" not in path]
    if not wanted:
        return {}
    stdin = b"".join(revision.encode() + b":" + path + b"\n" for path in wanted)
    out = deadline.run_git(repo, "cat-file", "--batch", stdin=stdin)
    contents = {}
    position = 0
    for path in wanted:
        stop = out.index(b"\n", position)
        header = out[position:stop].rsplit(b" ", 2)
        position = stop + 1
        if len(header) == 3 and header[1] == b"blob":
            size = int(header[2])
            if size <= MAX_BYTES:
                contents[path] = out[position : position + size]
            position += size + 1
    return contents


class FileReader:
    """Reads files of many commits, all through one git process."""

    def __init__(self, repo: Repository) -> None:
        self._root = str(repo.root)
        self._gits: dict[int, GitProcess] = {}

    def read(self, revision: str, paths: Iterable[bytes]) -> dict[bytes, bytes]:
        """Contents by path, as those of :func:`read_files`.

        Raises:
            GitError: git ended early.
        """
        contents = {}
        for path in sorted(set(paths)):
            content = None if b"\n" in path else self._content(revision, path)
            if content is not None:
                contents[path] = content
        return contents

    def _content(self, revision: str, path: bytes) -> bytes | None:
        # A copy of this process cannot ask the same git.
        pid = os.getpid()
        if pid not in self._gits:
            self._gits[pid] = GitProcess(self._root, "cat-file", "--batch")
        out = self._gits[pid].ask(b"%s:%s\n" % (revision.encode(), path))
        line = out.readline()
        if not line:
            raise GitError("git cat-file ended early")
        header = line[:-1].rsplit(b" ", 2)
        if len(header) != 3 or not header[2].isdigit():
            return None
        size = int(header[2])
        content = out.read(size)
        out.read(1)
        return content if header[1] == b"blob" and size <= MAX_BYTES else None

    def close(self) -> None:
        """End git."""
        if os.getpid() in self._gits:
            self._gits.pop(os.getpid()).close()
