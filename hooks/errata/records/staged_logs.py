"""Which logs the commit to be would change, and their content now and before.

Everything comes from the index: it is what ``git commit`` records, under ``commit -a`` and
``commit -- path`` too, where git names a temporary one in GIT_INDEX_FILE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from errata.core import git, safe_open
from errata.core.config import Logs
from errata.core.errors import GitError
from errata.records.model import Kind

_LINK = "120000"
_ID = re.compile(r"[0-9a-f]{40,64}\Z")
_PLAIN = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Staged:
    """One log as the commit would have it.

    Attributes:
        path: relative to the top of the repository.
        mode: git's file mode in the index, "000000" if it would be deleted.
        new: object in the index, None if it would be deleted.
        olds: the object in each parent of the commit, None where a parent has none; empty where
            the log does not change and is to be checked as a whole.
        unmerged: a conflict in it is not resolved.
    """

    path: str
    kind: Kind
    mode: str
    new: str | None
    olds: tuple[str | None, ...] = ()
    unmerged: bool = False

    @property
    def unfit(self) -> str:
        """Why its content cannot be checked; "" if it can."""
        if self.unmerged:
            return "has unresolved conflicts; keep the lines of both sides, then stage it"
        if self.mode == _LINK:
            return "is a symbolic link; a log must be a plain file"
        if self.new and self.mode not in _PLAIN:
            return "is not a file; a log must be a plain file"
        return ""


def kinds(logs: Logs) -> dict[str, Kind]:
    """Path of each configured log, as git writes it -> its kind."""
    return {str(PurePosixPath(path)): Kind(kind) for kind, path in logs.by_kind().items()}


def staged(repo: git.Repository, logs: Mapping[str, Kind]) -> list[Staged]:
    """Those of the logs that differ between the index and a parent of the commit to be.

    Raises:
        GitError: this is not a git repository, or git fails.
    """
    if repo.git_dir is None:
        raise GitError("not a git repository", "to check files anywhere: errata validate FILE")
    changes = [_changes(repo, parent, logs) for parent in ("HEAD", *_merged(repo))]
    paths = dict.fromkeys(path for one in changes for path in one)
    return [_together(path, logs[path], [one.get(path) for one in changes]) for path in paths]


def whole(repo: git.Repository, logs: Mapping[str, Kind], paths: Iterable[str]) -> list[Staged]:
    """These logs as they are in the index, to be checked from their first line.

    Raises:
        GitError: one of them is not in the index.
    """
    wanted = list(paths)
    if not wanted:
        return []
    found = []
    for entry in _entries(repo.git("ls-files", "--stage", "-z", "--full-name", "--", *wanted)):
        head, path = entry.split("\t", 1)
        mode, oid, stage = head.split(" ")
        found.append(Staged(path, logs[path], mode, oid, unmerged=stage != "0"))
    missing = sorted(set(wanted).difference(one.path for one in found))
    if missing:
        raise GitError(
            f"{missing[0]}: not staged and not committed",
            "stage it, or check the file as it is with errata validate",
        )
    return list({one.path: one for one in found}.values())


def contents(repo: git.Repository, log: Staged) -> tuple[bytes, tuple[bytes | int, ...]]:
    """The new content, and the one in each parent: b"" for none, and a number for that many bytes
    at the beginning of the new content.

    Raises:
        GitError: an object is missing, as in a partial clone.
    """
    if len(log.olds) == 1 and log.new and (old := log.olds[0]):
        [new] = repo.blobs([log.new])
        size = int(repo.git("cat-file", "-s", old))
        if _is_object(old, memoryview(new)[:size]):
            return new, (size,)
        return new, tuple(repo.blobs([old]))
    wanted = list(dict.fromkeys(name for name in (log.new, *log.olds) if name))
    blobs: dict[str | None, bytes] = {None: b""}
    blobs.update(zip(wanted, repo.blobs(wanted), strict=True))
    return blobs[log.new], tuple(blobs[name] for name in log.olds)


def _is_object(oid: str, content: memoryview) -> bool:
    """Does git give this content that name?

    A log that was only appended to need not be read twice: what its beginning has to hash to is
    known, and hashing is several times faster than having git inflate the old content.
    """
    import hashlib

    digest = hashlib.new("sha1" if len(oid) == 40 else "sha256", usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest() == oid


@dataclass(frozen=True, slots=True)
class _Change:
    """One line of ``git diff-index --raw``."""

    old_mode: str
    mode: str
    old: str
    new: str
    status: str


def _changes(repo: git.Repository, parent: str, logs: Iterable[str]) -> dict[str, _Change]:
    # What `git add -N` announces is not in the commit, but plumbing shows it as an empty file.
    hidden = "--ita-invisible-in-index"
    args = ("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", hidden)
    status, out = git.run_status(*args, parent, "--", *logs, cwd=repo.root)
    if status:
        # Nearly always the first commit, where HEAD names nothing: compare with the empty tree.
        if git.run_status("rev-parse", "-q", "--verify", "HEAD", cwd=repo.root)[0] == 0:
            repo.git(*args, parent, "--", *logs)
        empty = repo.git("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip()
        out = repo.git(*args, empty, "--", *logs)
    entries = _entries(out)
    return {
        path: _Change(*head[1:].split(" ")) for head, path in zip(entries, entries, strict=True)
    }


def _together(path: str, kind: Kind, changes: list[_Change | None]) -> Staged:
    some = next(change for change in changes if change)
    new = None if some.mode == "000000" else some.new
    olds = tuple(_old(change) if change else new for change in changes)
    unmerged = any(change.status == "U" for change in changes if change)
    return Staged(path, kind, some.mode, new, olds, unmerged)


def _old(change: _Change) -> str | None:
    return change.old if change.old_mode in _PLAIN else None


def _merged(repo: git.Repository) -> list[str]:
    """The other parents, while a merge is being committed."""
    assert repo.git_dir
    try:
        merge_head = safe_open.read_settings(repo.git_dir / "MERGE_HEAD")
    except FileNotFoundError:
        return []
    words = merge_head.decode("utf-8", "replace").split()
    # Whatever else stands there, git would take for an option or a name.
    return [word for word in words if _ID.match(word)]


def _entries(out: bytes) -> Iterator[str]:
    return (os.fsdecode(entry) for entry in out.split(b"\0") if entry)
