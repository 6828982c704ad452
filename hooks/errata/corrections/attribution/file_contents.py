"""The contents of several files of one commit, read by two git processes."""

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
    out = _batch(repo, deadline, "--batch-check", [revision.encode() + b":" + p for p in wanted])
    blobs: dict[bytes, bytes] = {}
    for path, line in zip(wanted, out.split(b"\n"), strict=False):
        oid, *kind_and_size = line.rsplit(b" ", 2)
        if kind_and_size[:1] == [b"blob"] and int(kind_and_size[1]) <= MAX_BYTES:
            blobs[path] = oid
    contents = {}
    out = _batch(repo, deadline, "--batch", list(blobs.values())) if blobs else b""
    position = 0
    for path in blobs:
        header, _, _ = out[position : position + 200].partition(b"\n")
        start = position + len(header) + 1
        stop = start + int(header.rpartition(b" ")[2])
        contents[path] = out[start:stop]
        position = stop + 1
    return contents


def _batch(repo: Repository, deadline: Deadline, option: str, lines: list[bytes]) -> bytes:
    stdin = b"".join(line + b"\n" for line in lines)
    return deadline.run_git(repo, "cat-file", option, stdin=stdin)
