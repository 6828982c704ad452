"""Which files the commits of a history changed, from ``git log --raw``, as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from errata.core import git

_OPTIONS = (
    *("--raw", "-z", "--no-abbrev", "--no-renames", "--no-show-signature", "--no-mailmap"),
    *("--no-notes", "--no-color", "--format=%x01%H %at %ct"),
)
_SECOND = 1_000_000


class ChangedPath(NamedTuple):
    """What a commit did to a path.

    Attributes:
        commit: object id.
        authored, committed: when (microseconds UTC); 0 if the commit does not say.
        mode: afterwards, as git prints it.
        blob: object id of the content afterwards; "" if the commit removed it.
    """

    commit: str
    authored: int
    committed: int
    path: bytes
    mode: bytes
    blob: str


def changed_paths(root: str, *selection: str) -> Iterator[ChangedPath]:
    """The changes of commits, in git's order.

    Args:
        selection: options of ``git log``, revisions, ``--`` and paths. Without paths git reads a
            history several times faster than with patterns of them.

    Raises:
        GitError: git is missing, or cannot read all of the commits.
    """
    commit, authored, committed = "", 0, 0
    row: list[bytes] = []
    for field in git.spawn_stream("-C", root, "log", *_OPTIONS, *selection, strict=True):
        if row:
            # A path may hold anything, also what begins another field.
            _, mode, _, blob, _ = row
            known = blob.decode() if blob.strip(b"0") else ""
            yield ChangedPath(commit, authored, committed, field, mode, known)
            row = []
        elif (text := field.lstrip(b"\n")).startswith(b":"):
            row = text.split(b" ")
        elif text.startswith(b"\x01"):
            commit, *times = text[1:].decode().split(" ")
            authored, committed = (int(time or 0) * _SECOND for time in times)
