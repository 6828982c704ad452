"""Diffs as data: commits, the files they change, and the hunks. Contents and paths are bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from errata.provenance.commits import Commit

# The settings of `git blame`, whatever the repository's configuration says: Myers with the indent
# heuristic, whole-file renames, no drivers, no textconv, and every file is text. Without context
# lines, a hunk is lines removed and lines added.
DIFF_OPTIONS = (
    *("-p", "-U0", "-M", "-l1000", "-O/dev/null", "--text", "--full-index"),
    *("--diff-algorithm=myers", "--indent-heuristic", "--inter-hunk-context=0"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative"),
    *("--ignore-submodules=none", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/"),
    *("--output-indicator-new=+", "--output-indicator-old=-"),
)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``[start, start + len(old))`` of the old file become ``new``; lines without line ends.

    ``start`` counts from 0. A pure insertion goes before the line with that index.
    """

    start: int
    old: list[bytes]
    new: list[bytes]

    @property
    def stop(self) -> int:
        """The index after the last old line."""
        return self.start + len(self.old)


@dataclass(frozen=True, slots=True)
class CombinedHunk:
    """One hunk of a merge.

    Attributes:
        starts: where the hunk begins in each parent's file, from 0.
        lines: as git prints them: one column for each parent, then the text.
    """

    starts: tuple[int, ...]
    lines: list[bytes]


@dataclass(slots=True)
class FileDiff:
    """What one commit did to one file.

    Attributes:
        old_paths: the path in each parent (a merge has several); None where it did not exist.
        new_path: None if the commit deleted the file.
        mode: the mode afterwards, or before if the file was deleted; "" if git did not print one.
        binary: the content is not text. The hunks then have the right number of lines, all empty;
            a merge has no hunks.
        copied: the old file still exists.
        blobs: of a merge, the object ids in each parent and afterwards.
        combined: the hunks of a merge.
    """

    old_paths: list[bytes | None]
    new_path: bytes | None
    mode: bytes = b""
    binary: bool = False
    copied: bool = False
    blobs: tuple[bytes, ...] = ()
    hunks: list[Hunk] = field(default_factory=list)
    combined: list[CombinedHunk] = field(default_factory=list)

    @property
    def old_path(self) -> bytes | None:
        """The path in the first parent."""
        return self.old_paths[0]

    def add_hunk(self, hunk: Hunk) -> None:
        """Add a hunk; a NUL in it makes the file binary."""
        if self.binary or b"\0" in b"".join(hunk.old) or b"\0" in b"".join(hunk.new):
            self.binary = True
            hunk = Hunk(hunk.start, [b""] * len(hunk.old), [b""] * len(hunk.new))
        self.hunks.append(hunk)


@dataclass(slots=True)
class CommitDiff:
    """One commit and what it did; for merges only files that differ from every parent.

    Attributes:
        unknown: paths that the commit changed, too, but whose content this clone lacks.
    """

    commit: Commit
    files: list[FileDiff] = field(default_factory=list)
    unknown: frozenset[bytes] = frozenset()


def common_prefix(old: Sequence[object], new: Sequence[object]) -> int:
    """How many items both begin with."""
    count = 0
    for old_item, new_item in zip(old, new, strict=False):
        if old_item != new_item:
            break
        count += 1
    return count
