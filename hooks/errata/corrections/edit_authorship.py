"""Follow a file from a commit's parent through an edit history to the commit.

Within an edit the agent changed the file; between two edits, and after the last one, a person did.
So each committed line has a writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from errata.corrections.attribution.diff import Hunk
from errata.state.agent_edits import EditHistory

Lines = list[bytes]
OLD, PERSON = -2, -1
"""Writers beside the indices of edits: the parent's file, and the person."""
# Comparing two texts can cost the product of their lengths.
_MAX_PRODUCT = 4_000_000


class TooLargeError(Exception):
    """Two versions differ too much to be compared line by line."""


@dataclass(slots=True)
class FileAuthorship:
    """The lines of one committed file and who wrote each.

    Attributes:
        writers: one for each line: OLD, PERSON or the index of an agent's edit.
        person_edits: each of the person's edits: its hunks, and the writers of the lines before it.
    """

    lines: Lines
    writers: list[int]
    person_edits: list[tuple[list[Hunk], list[int]]] = field(default_factory=list)

    def apply(self, new: Lines, writer: int) -> None:
        """Take the next version of the file. Raises TooLargeError."""
        hunks = compare(self.lines, new)
        if writer == PERSON and hunks:
            self.person_edits.append((hunks, self.writers[:]))
        for hunk in reversed(hunks):
            self.writers[hunk.start : hunk.stop] = [writer] * len(hunk.new)
        self.lines = new


def trace_authorship(
    parent: bytes | None, history: EditHistory, committed: bytes
) -> FileAuthorship:
    """Follow a file through its edit history.

    Args:
        parent: the file in the commit's parent; None if it is new.

    Raises:
        TooLargeError: two of the versions cannot be compared.
    """
    lines = _split(parent or b"")
    authorship = FileAuthorship(lines, [OLD] * len(lines))
    for index, edit in enumerate(history):
        if edit.before is not None:
            authorship.apply(_split(edit.before), PERSON)
        authorship.apply(_split(edit.after), index)
    authorship.apply(_split(committed), PERSON)
    return authorship


def compare(old: Lines, new: Lines) -> list[Hunk]:
    """How one text becomes the other. Raises TooLargeError."""
    if old == new:
        return []
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old_middle) * len(new_middle) > _MAX_PRODUCT:
        raise TooLargeError
    import difflib

    matcher = difflib.SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    return [
        Hunk(head + start, old_middle[start:stop], new_middle[new_start:new_stop])
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]


def _common_prefix(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    count = 0
    for old_line, new_line in zip(old, new, strict=False):
        if old_line != new_line:
            break
        count += 1
    return count


def _split(data: bytes) -> Lines:
    # Git may convert line endings: those on disk need not be the committed ones.
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    return lines if lines[-1] else lines[:-1]
