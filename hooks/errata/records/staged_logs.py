"""The logs that a commit would change, with their content in the index and in its parents.

The index is what ``git commit`` records, also under ``commit -a`` and ``commit -- path``, where git
names a temporary one in GIT_INDEX_FILE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from errata.core import git, safe_open
from errata.core.config import Config, Logs
from errata.core.errors import GitError
from errata.records import other_logs
from errata.records.model import Kind

_LINK = "120000"
_FILE = ("100644", "100755")
_ABSENT = "000000"
_OBJECT_ID = re.compile(r"[0-9a-f]{40,64}\Z")


@dataclass(frozen=True, slots=True)
class StagedLog:
    """One log as the commit would have it.

    Attributes:
        path: relative to the top of the repository.
        mode: git's file mode in the index, "000000" if it would be deleted.
        new: object id in the index, None if it would be deleted.
        olds: object id in each parent of the commit, None where a parent has no such file; empty
            where the log does not change and every line is to be checked.
        unmerged: whether it has an unresolved conflict.
    """

    path: str
    kind: str
    mode: str
    new: str | None
    olds: tuple[str | None, ...] = ()
    unmerged: bool = False

    @property
    def cannot_check(self) -> str:
        """Why its content cannot be checked; "" if it can."""
        if self.unmerged:
            return "has unresolved conflicts; keep the lines of both sides, then stage it"
        if self.mode == _LINK:
            return "is a symbolic link; a log must be a plain file"
        if self.new and self.mode not in _FILE:
            return "is not a file; a log must be a plain file"
        return ""


def checked(config: Config) -> dict[str, str]:
    """Path of each log that is checked before it is committed -> the name of its schema."""
    return {**kinds(config.logs), **other_logs.paths(config)}


def kinds(logs: Logs) -> dict[str, Kind]:
    """Path of each configured log, as git writes it -> its kind."""
    return {str(PurePosixPath(path)): Kind(kind) for kind, path in logs.by_kind().items()}


def staged(repo: git.Repository, logs: Mapping[str, str]) -> list[StagedLog]:
    """The logs that differ between the index and a parent of the commit.

    Raises:
        GitError: this is not a git repository, or git fails.
    """
    if repo.git_dir is None:
        raise GitError("not a git repository", "to check files anywhere: errata validate FILE")
    # One dictionary of changed logs for each parent.
    by_parent = [_changed_logs(repo, parent, logs) for parent in ("HEAD", *_merge_heads(repo))]
    paths = dict.fromkeys(path for changed in by_parent for path in changed)
    return [
        _staged_log(path, logs[path], [changed.get(path) for changed in by_parent])
        for path in paths
    ]


def unchanged(
    repo: git.Repository, logs: Mapping[str, str], paths: Iterable[str]
) -> list[StagedLog]:
    """These logs as they are in the index, every line of which is to be checked.

    Raises:
        GitError: one of them is not in the index.
    """
    wanted = list(paths)
    if not wanted:
        return []
    staged_logs: dict[str, StagedLog] = {}
    for entry in _entries(repo.git("ls-files", "--stage", "-z", "--full-name", "--", *wanted)):
        info, path = entry.split("\t", 1)
        mode, oid, stage = info.split(" ")
        staged_logs[path] = StagedLog(path, logs[path], mode, oid, unmerged=stage != "0")
    if missing := sorted(set(wanted).difference(staged_logs)):
        raise GitError(
            f"{missing[0]}: not staged and not committed",
            "stage it, or check the file as it is with errata validate",
        )
    return list(staged_logs.values())


def contents(repo: git.Repository, log: StagedLog) -> tuple[bytes, tuple[bytes | int, ...]]:
    """The new content, and the one in each parent.

    The latter is b"" for none, or a number if it is that many bytes at the start of the new one.

    Raises:
        GitError: an object is missing, as in a partial clone.
    """
    if len(log.olds) == 1 and log.new and (old := log.olds[0]):
        [new] = repo.blobs([log.new])
        size = int(repo.git("cat-file", "-s", old))
        # Hashing the start of the new content is several times faster than reading the old one.
        if _blob_id(memoryview(new)[:size], len(old)) == old:
            return new, (size,)
        return new, tuple(repo.blobs([old]))
    wanted = list(dict.fromkeys(name for name in (log.new, *log.olds) if name))
    blobs: dict[str | None, bytes] = {None: b""}
    blobs.update(zip(wanted, repo.blobs(wanted), strict=True))
    return blobs[log.new], tuple(blobs[name] for name in log.olds)


def _blob_id(content: memoryview, digits: int) -> str:
    """The object id that git gives this content; 40 hex digits are SHA-1, 64 SHA-256."""
    import hashlib

    digest = hashlib.new("sha1" if digits == 40 else "sha256", usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _RawDiff:
    """One line of ``git diff --cached --raw``; the index is the new side."""

    old_mode: str
    mode: str
    old: str
    new: str
    status: str


def _changed_logs(repo: git.Repository, parent: str, logs: Iterable[str]) -> dict[str, _RawDiff]:
    """Path -> difference between a parent and the index, of the logs that differ."""
    args = (*git.STAGED, "--raw", "-z", "--no-abbrev", "--no-renames")
    status, out = git.run_status(*args, parent, "--", *logs, cwd=repo.root)
    if status:
        # Nearly always the first commit, where HEAD names nothing: compare with the empty tree.
        if git.run_status("rev-parse", "-q", "--verify", "HEAD", cwd=repo.root)[0] == 0:
            repo.git(*args, parent, "--", *logs)
        empty = repo.git("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip()
        out = repo.git(*args, empty, "--", *logs)
    entries = _entries(out)
    # `:100644 100644 OLD NEW M`, then the path.
    return {
        path: _RawDiff(*info[1:].split(" ")) for info, path in zip(entries, entries, strict=True)
    }


def _staged_log(path: str, kind: str, diffs: list[_RawDiff | None]) -> StagedLog:
    """The log from its difference to each parent, None where it equals the parent's."""
    differences = [diff for diff in diffs if diff]
    index = differences[0]
    new = None if index.mode == _ABSENT else index.new
    olds: list[str | None] = []
    for diff in diffs:
        if diff is None:
            olds.append(new)
        else:
            olds.append(diff.old if diff.old_mode in _FILE else None)
    unmerged = any(diff.status == "U" for diff in differences)
    return StagedLog(path, kind, index.mode, new, tuple(olds), unmerged)


def _merge_heads(repo: git.Repository) -> list[str]:
    """The other parents, while a merge is being committed."""
    assert repo.git_dir
    try:
        merge_head = safe_open.read_settings(repo.git_dir / "MERGE_HEAD")
    except FileNotFoundError:
        return []
    words = merge_head.decode("utf-8", "replace").split()
    # Git would read anything else as an option or a name.
    return [word for word in words if _OBJECT_ID.match(word)]


def _entries(out: bytes) -> Iterator[str]:
    return (os.fsdecode(entry) for entry in out.split(b"\0") if entry)
