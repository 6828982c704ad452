"""The versions of instruction files (AGENTS.md, CLAUDE.md and the like) on the main line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter

from errata import rules
from errata.core.git import Repository
from errata.corrections.attribution.raw_log import changed_paths
from errata.outcomes.rule_texts import MAX_BYTES
from errata.patterns import globs

_MAX_VERSIONS = 20_000
"""The newest ones that are read."""
BATCH = 200
"""Versions whose content is in memory at a time."""
_REGULAR = (b"100644", b"100755")
_Change = tuple[str, int, str, str]
"""Commit, time (microseconds UTC), path, and the object id of the blob or ""."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one commit of the main line did to one instruction file.

    Attributes:
        commit: object id of the commit.
        time: when it was authored (microseconds UTC).
        path: of the file.
        data: its content; None if the commit removed it.
    """

    commit: str
    time: int
    path: str
    data: bytes | None


def versions(repo: Repository, tip: str) -> Iterator[list[Version]]:
    """The versions of all instruction files, one list a commit, in the order of the main line.

    Raises:
        GitError: the commits cannot be walked.
    """
    changes = deque(_changes(repo, tip), _MAX_VERSIONS)
    for commits in _batches(changes):
        every = [change for commit in commits for change in commit]
        oids = sorted({oid for *_, oid in every if oid})
        contents = dict(zip(oids, repo.small_blobs(oids, 4 * MAX_BYTES), strict=True))
        for commit in commits:
            # What is missing from a clone, or too large, is as if it were not there.
            yield [Version(sha, time, path, contents.get(oid)) for sha, time, path, oid in commit]


def _batches(changes: Iterable[_Change]) -> Iterator[list[list[_Change]]]:
    """The changes of each commit, of some commits at a time: what bounds the memory."""
    batch: list[list[_Change]] = []
    size = 0
    for _, group in groupby(changes, key=itemgetter(0)):
        batch.append([*group])
        size += len(batch[-1])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _changes(repo: Repository, tip: str) -> Iterator[_Change]:
    """The changes of instruction files, in order."""
    options = ("--first-parent", "--diff-merges=first-parent", "--reverse")
    for change in changed_paths(str(repo.root), *options, "--end-of-options", tip, "--"):
        path = change.path.decode("utf-8", "backslashreplace")
        if path.lower().endswith(_suffixes()) and scope_of(path) is not None:
            # A link to another instruction file says nothing by itself.
            blob = change.blob if change.mode in _REGULAR else ""
            yield change.commit, change.authored, path, blob


@lru_cache(maxsize=10_000)
def scope_of(path: str) -> str | None:
    """The folder below which the rules of a file hold: "" for all; None if it has no rules."""
    *folders, name = path.lower().split("/")
    for depth in range(len(folders), -1, -1):
        below = "/".join([*folders[depth:], name])
        if any(globs.matcher(glob.lower())(below) for glob in _globs()):
            return path[: len(path) - len(below)]
    return None


def _globs() -> Sequence[str]:
    known: Sequence[str] = rules.load("written_rules")["files"]
    return known


@cache
def _suffixes() -> tuple[str, ...]:
    """How the paths of instruction files end: most other paths are told apart by that."""
    return tuple({glob.rpartition("*")[2].lower() for glob in _globs()})
