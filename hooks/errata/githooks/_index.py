"""Reading the index, for the hooks that check files before they are committed."""

from __future__ import annotations

import os
import sys

from errata.core import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_REGULAR_FILES = (b"100644", b"100755")
_BATCH = 100


def staged_paths() -> set[bytes]:
    """The path of each file that the commit adds or changes, in one git call."""
    status, out = git.run_status(
        *(*git.STAGED, "--name-only", "-z", "--no-renames", "--diff-filter=d", "HEAD"),
    )
    if status:  # No commit yet, so that all of the index is staged; or no repository at all.
        out = git.run("ls-files", "-z", "--full-name")
    return set(filter(None, out.split(b"\0")))


def paths_from_top(names: Iterable[str]) -> set[bytes]:
    """The paths of files that are named from the current directory."""
    from pathlib import Path

    top = git.Repository.discover().root
    here = Path.cwd()
    return {os.fsencode(os.path.relpath(here / name, top)) for name in names}


def regular_files(repo: git.Repository, *folders: str) -> Iterator[tuple[bytes, str]]:
    """(path, object) of the files in the index, without links and conflicts."""
    for entry in filter(None, repo.git("ls-files", "-s", "-z", "--", *folders).split(b"\0")):
        head, path = entry.split(b"\t", 1)
        mode, oid, stage = head.split(b" ")
        if mode in _REGULAR_FILES and stage == b"0":
            yield path, oid.decode()


def contents(repo: git.Repository, oids: Sequence[str]) -> Iterator[bytes]:
    """The contents of objects, in order."""
    for start in range(0, len(oids), _BATCH):
        yield from repo.blobs(oids[start : start + _BATCH])


def report(message: str, *, error: bool) -> None:
    """Print one line; paths may hold anything, including bytes that are not UTF-8."""
    from errata.runbooks.sanitise import terminal

    print(terminal(message), file=sys.stderr if error else sys.stdout)
