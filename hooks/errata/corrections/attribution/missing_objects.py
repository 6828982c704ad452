"""History in a clone that lacks file contents: a partial clone, or a damaged one.

Commits and trees are there, so history can still be walked. A file whose content before or after a
commit is missing is left out of that commit, and the origin of its lines is unknown until they are
written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from errata.core.git import Repository, run
from errata.corrections.attribution.diff import CommitDiff, FileDiff
from errata.corrections.attribution.git_log import MERGES, NO_DIFFS, ORDER, PLAIN, GitLog
from errata.provenance.commits import Commit

_NOT_FILES = (b"000000", b"160000")


@dataclass(frozen=True, slots=True)
class IncompleteCommit:
    """The paths that a commit changed: those whose contents this clone has, and all others."""

    present: frozenset[bytes]
    missing: frozenset[bytes]


def is_partial_clone(repo: Repository) -> bool:
    """Whether the clone was told to leave objects out; it may have all of them since."""
    packs = (repo.common_dir or repo.root) / "objects/pack"
    return next(packs.glob("*.promisor"), None) is not None


def find_incomplete_commits(root: str, revisions: Sequence[str]) -> dict[str, IncompleteCommit]:
    """The commits that changed a file whose content is missing, by object id.

    Raises:
        GitError: trees or commits are missing as well.
    """
    selection = ("--end-of-options", *revisions)
    missing_blobs = _missing_blobs(root, selection)
    if not missing_blobs:
        return {}
    changed: dict[str, set[bytes]] = {}
    missing: dict[str, set[bytes]] = {}
    for sha, path, blobs in _changed_blobs(root, selection):
        changed.setdefault(sha, set()).add(path)
        if not missing_blobs.isdisjoint(blobs):
            missing.setdefault(sha, set()).add(path)
    return {
        sha: IncompleteCommit(frozenset(changed[sha] - paths), frozenset(paths))
        for sha, paths in missing.items()
    }


def read_present(root: str, commit: Commit) -> CommitDiff:
    """What a commit, not a merge, did to the files whose content is in this clone.

    Raises:
        GitError: trees are missing as well.
    """
    selection = ("--no-walk=unsorted", commit.sha)
    missing_blobs = _missing_blobs(root, [*selection, *commit.parents])
    changed = list(_changed_blobs(root, selection))
    paths = _without_newlines(path for _, path, blobs in changed if missing_blobs.isdisjoint(blobs))
    files: list[FileDiff] = []
    if paths and (diffs := [*GitLog.of_commits(root, *PLAIN, shas=[commit.sha], paths=paths)]):
        files = diffs[0].files
    return CommitDiff(commit, files, frozenset(path for _, path, _ in changed) - {*paths})


def _without_newlines(paths: Iterable[bytes]) -> list[bytes]:
    """Those that can be passed to git one on each line."""
    return [path for path in sorted(paths) if b"\n" not in path]


def _missing_blobs(root: str, selection: Sequence[str]) -> set[bytes]:
    """Object ids that the commits name and this clone lacks; asks no remote for them."""
    out = run(
        *("rev-list", "--objects", "--no-object-names", "--missing=print"),
        *(*selection, "--"),
        cwd=root,
    )
    return {line[1:] for line in out.splitlines() if line.startswith(b"?")}


def _changed_blobs(root: str, selection: Sequence[str]) -> Iterator[tuple[str, bytes, set[bytes]]]:
    """(commit, path, contents before and after); for merges once for each parent."""
    out = run(
        *("log", "-m", "--root", "--raw", "-z", "--no-renames", "--no-abbrev"),
        *("--no-show-signature", "--no-notes", "--format=%x01%H"),
        *(*selection, "--"),
        cwd=root,
    )
    for part in out.split(b"\x01")[1:]:
        sha, _, rest = part.partition(b"\0")
        fields = rest.lstrip(b"\n").split(b"\0")
        for info, path in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old, new, _ = info.lstrip(b":").split(b" ")
            sides = ((old_mode, old), (new_mode, new))
            blobs = {blob for mode, blob in sides if mode not in _NOT_FILES}
            yield sha.decode().strip(), path, blobs


class History:
    """Every commit that the revisions reach, oldest first, and what it did.

    Attributes:
        error: why git stopped early (for example a missing object), or "".
    """

    def __init__(
        self,
        root: str,
        revisions: Sequence[str],
        incomplete: Mapping[str, IncompleteCommit] | None = None,
    ) -> None:
        """``incomplete``: what :func:`find_incomplete_commits` returned for the revisions."""
        self.error = ""
        self._root = root
        self._revisions = ("--end-of-options", *revisions, "--")
        self._incomplete = incomplete or {}

    def __iter__(self) -> Iterator[CommitDiff]:
        logs = self._logs()
        plain, merges, no_diffs = (iter(log) for log in logs)
        try:
            for diff in self._interleave(plain, no_diffs) if self._incomplete else plain:
                incomplete = self._incomplete.get(diff.commit.sha)
                if incomplete is not None:
                    yield self._read_present_files(diff, incomplete)
                elif len(diff.commit.parents) < 2:
                    yield diff
                elif (merge := next(merges, None)) is not None:
                    yield merge
                else:
                    break
        finally:
            for log in (plain, merges, no_diffs):
                log.close()
            errors = [self.error, *(log.error for log in logs)]
            self.error = next(filter(None, errors), "")

    def _interleave(
        self, plain: Iterator[CommitDiff], no_diffs: Iterator[CommitDiff]
    ) -> Iterator[CommitDiff]:
        for sha in self._list_commits():
            diff = next(no_diffs if sha in self._incomplete else plain, None)
            if diff is None:
                return
            yield diff

    def _list_commits(self, *options: str) -> list[str]:
        out = run("rev-list", *options, *ORDER, *self._revisions, cwd=self._root)
        return out.decode().split()

    def _logs(self) -> tuple[GitLog, GitLog, GitLog]:
        """All commits, their merges once more, and the incomplete ones, each without the others."""
        root, selection = self._root, (*ORDER, *self._revisions)
        if not self._incomplete:
            return (
                GitLog(root, *PLAIN, *selection),
                GitLog(root, *MERGES, "--merges", *selection),
                GitLog.of_commits(root, *NO_DIFFS, shas=()),
            )
        commits = self._list_commits()
        complete = [sha for sha in commits if sha not in self._incomplete]
        merges = [sha for sha in self._list_commits("--merges") if sha not in self._incomplete]
        return (
            GitLog.of_commits(root, *PLAIN, shas=complete),
            GitLog.of_commits(root, *MERGES, shas=merges),
            GitLog.of_commits(
                root, *NO_DIFFS, shas=[sha for sha in commits if sha in self._incomplete]
            ),
        )

    def _read_present_files(self, diff: CommitDiff, incomplete: IncompleteCommit) -> CommitDiff:
        paths = _without_newlines(incomplete.present)
        unknown = incomplete.missing | (incomplete.present - set(paths))
        if not paths:
            return replace(diff, unknown=unknown)
        commit = diff.commit
        options = MERGES if len(commit.parents) > 1 else PLAIN
        log = GitLog.of_commits(self._root, *options, shas=[commit.sha], paths=paths)
        # Git prints nothing for a merge that took all of these paths from one parent.
        present = next(iter(list(log)), diff)
        self.error = self.error or log.error
        return replace(present, unknown=unknown)
