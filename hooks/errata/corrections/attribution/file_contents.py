"""The contents of several files of one commit, read by one git process."""

from __future__ import annotations

from collections.abc import Iterable

from errata.core.git import Repository
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
