"""What a commit did to other people's lines: the common ground of capture and backfill."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from errata.corrections.attribution.git_log import FileDiff, Hunk
from errata.provenance.commits import Commit

Owner = Commit | None
"""Who wrote a line; None for what is older than what was looked at."""


@dataclass(frozen=True, slots=True)
class AttributedHunk:
    """One hunk of a commit, and who wrote the lines it touches.

    Attributes:
        diff: the file.
        hunk: lines removed and added.
        owners: one per removed line.
        above, below: owners of the lines on both sides of the hunk, where there are any.
    """

    diff: FileDiff
    hunk: Hunk
    owners: tuple[Owner, ...]
    above: Owner
    below: Owner

    def owned(self) -> Iterator[Owner]:
        """The commits that this hunk corrects: of each removed line, or of an insertion's sides.

        A pure insertion belongs to the agent whose lines stand on both sides of it, once; whether
        both are the same agent's is for the caller, who masks the owners, to say.
        """
        if self.hunk.old:
            yield from self.owners
        elif self.above is not None and self.below is not None:
            yield self.above


def has_old_lines(diff: FileDiff) -> bool:
    """Whether a file has old lines that somebody wrote: it is text, and no submodule."""
    return diff.old_path is not None and not diff.binary and diff.mode != b"160000"


def attribute_hunks(
    files: Sequence[FileDiff], owners: Callable[[FileDiff, int, int], Sequence[Owner]]
) -> list[AttributedHunk]:
    """Every hunk of a commit with the owners of what it touches.

    Args:
        owners: (file, start, stop) -> owners of those lines of the old file, counted from 0; lines
            that do not exist are left out.
    """
    found = []
    for diff in files:
        if not has_old_lines(diff):
            continue
        for hunk in diff.hunks:
            stop = hunk.start + len(hunk.old)
            if stop == 0:
                # Before the first line there is nothing: no pair of sides, so nobody to ask for.
                found.append(AttributedHunk(diff, hunk, (), None, None))
                continue
            first = max(0, hunk.start - 1)
            around = owners(diff, first, stop + 1)
            lead = hunk.start - first
            inside = tuple(around[lead : lead + len(hunk.old)])
            above = around[0] if lead and around else None
            rest = around[lead + len(hunk.old) :]
            found.append(AttributedHunk(diff, hunk, inside, above, rest[0] if rest else None))
    return found


def attribute_from_tree(
    files: Sequence[FileDiff], tree: dict[bytes, array[int]], commits: Sequence[Owner]
) -> list[AttributedHunk]:
    """Touches from the forward pass: ``tree`` holds positions in ``commits`` by path."""

    def owners(diff: FileDiff, start: int, stop: int) -> list[Owner]:
        lines = tree.get(diff.old_path or b"")
        return [] if lines is None else [commits[number] for number in lines[start:stop]]

    return attribute_hunks(files, owners)
