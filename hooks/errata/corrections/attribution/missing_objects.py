"""What a clone lacks: contents that a partial clone never fetched, or that damage took away.

History is still walked whole, for commits and trees are there. A commit that changed a file whose
content is missing before or after is read without that file, and the file's lines are unknown from
there on until they are written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from errata.core.git import run
from errata.corrections.attribution.git_log import (
    BARE,
    MERGES,
    ORDER,
    PLAIN,
    CommitDiff,
    FileDiff,
    GitLog,
)
from errata.provenance.commits import Commit

_NOT_FILES = (b"000000", b"160000")


@dataclass(frozen=True, slots=True)
class IncompleteCommit:
    """A commit's changed paths, by whether their contents are here."""

    here: frozenset[bytes]
    missing: frozenset[bytes]


def find_incomplete_commits(root: str, revisions: Sequence[str]) -> dict[str, IncompleteCommit]:
    """The commits that changed a file whose content is missing, by object id.

    Raises:
        GitError: trees or commits are missing as well.
    """
    chosen = ("--end-of-options", *revisions)
    gone = _missing(root, chosen)
    if not gone:
        return {}
    found: dict[str, IncompleteCommit] = {}
    for sha, path, blobs in _changes(root, chosen):
        gap = found.get(sha, IncompleteCommit(frozenset(), frozenset()))
        if gone.isdisjoint(blobs):
            found[sha] = replace(gap, here=gap.here | {path})
        else:
            found[sha] = replace(gap, missing=gap.missing | {path})
    return {
        sha: IncompleteCommit(gap.here - gap.missing, gap.missing)
        for sha, gap in found.items()
        if gap.missing
    }


def files_present(root: str, commit: Commit) -> list[FileDiff]:
    """What a commit that is no merge did to the files whose content is here."""
    alone = ("--no-walk=unsorted", commit.sha)
    gone = _missing(root, [*alone, *commit.parents])
    paths = [path for _, path, blobs in _changes(root, alone) if gone.isdisjoint(blobs)]
    found = list(GitLog.of_commits(root, *PLAIN, shas=[commit.sha], paths=_by_line(paths)))
    return found[0].files if paths and found else []


def _by_line(paths: Iterable[bytes]) -> list[bytes]:
    """Those that can be given one to a line."""
    return [path for path in sorted(paths) if b"\n" not in path]


def _missing(root: str, chosen: Sequence[str]) -> set[bytes]:
    """Object ids that history names and this clone does not have; asks no remote for them."""
    out = run(
        *("rev-list", "--objects", "--no-object-names", "--missing=print"),
        *(*chosen, "--"),
        cwd=root,
    )
    return {line[1:] for line in out.splitlines() if line[:1] == b"?"}


def _changes(root: str, chosen: Sequence[str]) -> Iterator[tuple[str, bytes, set[bytes]]]:
    """(commit, path, contents before and after), of merges once for each parent."""
    out = run(
        *("log", "-m", "--root", "--raw", "-z", "--no-renames", "--no-abbrev"),
        *("--no-show-signature", "--no-notes", "--format=%x01%H"),
        *(*chosen, "--"),
        cwd=root,
    )
    for part in out.split(b"\x01")[1:]:
        sha, _, rest = part.partition(b"\0")
        fields = rest.lstrip(b"\n").split(b"\0")
        for info, path in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old, new, _ = info.lstrip(b":").split(b" ")
            blobs = ((old_mode, old), (new_mode, new))
            yield sha.decode().strip(), path, {b for m, b in blobs if m not in _NOT_FILES}


def shallow_commits(common_dir: Path) -> set[str]:
    """The commits at which a shallow clone was cut off."""
    try:
        return set((common_dir / "shallow").read_text().split())
    except OSError:
        return set()


class History:
    """Every commit that the revisions reach, oldest first, and what it did.

    Attributes:
        error: what git said when it stopped early (a missing object), or "".
    """

    def __init__(
        self,
        root: str,
        revisions: Sequence[str],
        gaps: Mapping[str, IncompleteCommit] | None = None,
    ) -> None:
        """``gaps``: what :func:`find_incomplete_commits` returned for the same revisions."""
        self.error = ""
        self._root = root
        self._revisions = ("--end-of-options", *revisions, "--")
        self._gaps = gaps or {}

    def __iter__(self) -> Iterator[CommitDiff]:
        logs = self._logs()
        plain, merges, bare = (iter(log) for log in logs)
        try:
            for change in self._together(plain, bare) if self._gaps else plain:
                gap = self._gaps.get(change.commit.sha)
                if gap is not None:
                    yield self._partly(change, gap)
                elif len(change.commit.parents) < 2:
                    yield change
                elif (merge := next(merges, None)) is not None:
                    yield merge
                else:
                    break
        finally:
            for log in (plain, merges, bare):
                log.close()
            troubles = [self.error, *(log.error for log in logs)]
            self.error = next(filter(None, troubles), "")

    def _together(
        self, plain: Iterator[CommitDiff], bare: Iterator[CommitDiff]
    ) -> Iterator[CommitDiff]:
        for sha in self._order():
            change = next(bare if sha in self._gaps else plain, None)
            if change is None:
                return
            yield change

    def _order(self) -> list[str]:
        return run("rev-list", *ORDER, *self._revisions, cwd=self._root).decode().split()

    def _logs(self) -> tuple[GitLog, GitLog, GitLog]:
        root, chosen = self._root, (*ORDER, *self._revisions)
        if not self._gaps:
            return (
                GitLog(root, *PLAIN, *chosen),
                GitLog(root, *MERGES, "--merges", *chosen),
                GitLog.of_commits(root, *BARE, shas=()),
            )
        whole = [sha for sha in self._order() if sha not in self._gaps]
        holed = [sha for sha in self._order() if sha in self._gaps]
        merged = run("rev-list", "--merges", *chosen, cwd=root).decode().split()
        return (
            GitLog.of_commits(root, *PLAIN, shas=whole),
            GitLog.of_commits(root, *MERGES, shas=[sha for sha in merged if sha not in self._gaps]),
            GitLog.of_commits(root, *BARE, shas=holed),
        )

    def _partly(self, change: CommitDiff, gap: IncompleteCommit) -> CommitDiff:
        paths = _by_line(gap.here)
        unknown = gap.missing | (gap.here - set(paths))
        if not paths:
            return replace(change, unknown=unknown)
        commit = change.commit
        options = MERGES if len(commit.parents) > 1 else PLAIN
        log = GitLog.of_commits(self._root, *options, shas=[commit.sha], paths=paths)
        # Nothing comes of a merge that took all of these paths from one parent.
        found = next(iter(list(log)), change)
        self.error = self.error or log.error
        return replace(found, unknown=unknown)
