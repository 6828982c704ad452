"""The hunks of a commit with the owners of the lines they touch."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.provenance.commits import Commit

GITLINK = b"160000"
"""The mode of a submodule."""
Owner = Commit | None
"""The commit that wrote a line; None for commits that were not looked at."""


@dataclass(frozen=True, slots=True)
class AttributedHunk:
    """One hunk of a commit, and who wrote the lines it touches.

    Attributes:
        diff: the file.
        hunk: lines removed and added.
        owners: one for each removed line.
        above, below: owners of the lines on both sides of the hunk, where there are any.
    """

    diff: FileDiff
    hunk: Hunk
    owners: tuple[Owner, ...]
    above: Owner
    below: Owner

    def corrected_owners(self) -> Iterator[Owner]:
        """The commits that this hunk corrects: of each removed line, or of an insertion's sides.

        An insertion counts once, and only between two owned lines. The caller decides by
        :meth:`keep_owners` whether both belong to the same agent.
        """
        if self.hunk.old:
            yield from self.owners
        elif self.above is not None and self.below is not None:
            yield self.above

    def all_owners(self) -> set[Commit]:
        """Every owner of a removed line or of a line beside the hunk."""
        owners = (*self.owners, self.above, self.below)
        return {owner for owner in owners if owner is not None}

    def keep_owners(self, kept: set[Commit]) -> AttributedHunk:
        """The hunk with only these owners; all other lines have no owner."""

        def keep(owner: Owner) -> Owner:
            return owner if owner in kept else None

        return replace(
            self,
            owners=tuple(keep(owner) for owner in self.owners),
            above=keep(self.above),
            below=keep(self.below),
        )


def has_old_lines(diff: FileDiff) -> bool:
    """Whether a file has old lines that somebody wrote: it is text, and no submodule."""
    return diff.old_path is not None and not diff.binary and diff.mode != GITLINK


def attribute_hunks(
    files: Sequence[FileDiff], owners: Callable[[FileDiff, int, int], Sequence[Owner]]
) -> list[AttributedHunk]:
    """Every hunk of a commit with the owners of the lines it touches.

    Args:
        owners: (file, start, stop) -> owners of those lines of the old file, counted from 0. Lines
            beyond the end of the file are left out.
    """
    return [
        _attribute_hunk(diff, hunk, owners)
        for diff in files
        if has_old_lines(diff)
        for hunk in diff.hunks
    ]


def _attribute_hunk(
    diff: FileDiff, hunk: Hunk, owners: Callable[[FileDiff, int, int], Sequence[Owner]]
) -> AttributedHunk:
    if not hunk.stop:
        # Above the first line there is nothing, so nobody owns both sides.
        return AttributedHunk(diff, hunk, (), None, None)
    first = max(0, hunk.start - 1)
    around = owners(diff, first, hunk.stop + 1)
    lead = hunk.start - first
    removed = tuple(around[lead : lead + len(hunk.old)])
    above = around[0] if lead and around else None
    after = around[lead + len(hunk.old) :]
    return AttributedHunk(diff, hunk, removed, above, after[0] if after else None)


def attribute_from_tree(
    files: Sequence[FileDiff], tree: Mapping[bytes, array[int]], commits: Sequence[Owner]
) -> list[AttributedHunk]:
    """Like :func:`attribute_hunks`, with owners from the forward pass.

    Args:
        tree: path -> one index into ``commits`` for each line.
    """

    def owners(diff: FileDiff, start: int, stop: int) -> list[Owner]:
        lines = tree.get(diff.old_path or b"")
        return [] if lines is None else [commits[number] for number in lines[start:stop]]

    return attribute_hunks(files, owners)
