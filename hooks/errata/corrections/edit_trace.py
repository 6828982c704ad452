"""Follow a file from a commit's parent through an edit history to the commit.

Within an edit, the agent changed the file. Between two edits, and after the last one, somebody else
did: a person, a formatter, or git itself (stash, partial commit, switch of branch). Only what a
person alone can have done is a person's edit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from errata.corrections.attribution.diff import Hunk
from errata.corrections.edit_authorship import (
    OLD,
    PERSON,
    FileAuthorship,
    Lines,
    PersonEdit,
    compare,
    has_word,
    split,
)
from errata.state.agent_edits import EditHistory

_TOKEN = re.compile(rb"[\w\x80-\xff]+|[^\w\s]")
_SHARE_LEFT = 0.25
"""If less of an agent's new file is left, the committed file is another one of the same name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the versions of a file do not tell.

    Attributes:
        cosmetic: lines of a file and hunks -> for each hunk, whether a formatter can have made it.
        left_out: whether lines that the commit lacks may still be in the work tree.
        by_agent: whether an agent makes the commit: what nobody reported may be its own work.
        bases: the object ids of the staged file that say that HEAD had the parent's file.
    """

    cosmetic: Callable[[Lines, list[Hunk]], Sequence[bool]] = lambda _, hunks: [False] * len(hunks)
    left_out: Callable[[Lines], bool] = lambda _lines: False
    by_agent: bool = False
    bases: frozenset[str] = frozenset()


def trace_authorship(
    parent: bytes | None,
    history: EditHistory,
    committed: bytes,
    surroundings: Surroundings | None = None,
) -> FileAuthorship:
    """Follow a file through its edit history.

    Args:
        parent: the file in the commit's parent; None if it is new.

    Raises:
        TooLargeError: two of the versions cannot be compared.
    """
    return _Trace(parent, history, surroundings or Surroundings()).finish(split(committed))


@dataclass(slots=True)
class _Change:
    """A change of the file that no tool reported.

    Attributes:
        writers: of the lines before it.
        added: the lines that it adds somewhere.
        returned: the lines that it moves or brings back, and who wrote them.
        certain: whether the agent's lines were certainly there before it.
    """

    writers: list[int]
    added: set[bytes]
    returned: dict[bytes, int]
    certain: bool


class _Trace:
    def __init__(
        self, parent: bytes | None, history: EditHistory, surroundings: Surroundings
    ) -> None:
        self._parent = split(parent or b"")
        self._is_new = parent is None and history[0].before is None
        self._around = surroundings
        self._versions = [
            (None if edit.before is None else split(edit.before), split(edit.after))
            for edit in history
        ]
        bases = {None, *surroundings.bases}
        self._on_parent = [edit.base in bases for edit in history]
        self._file = FileAuthorship.of_parent(self._parent)
        # The lines that the edits add and remove, and by which edit.
        self._added: dict[bytes, int] = {}
        self._removed: dict[bytes, int] = {}
        # Those of the added lines that stand in the place of others.
        self._replacing: set[bytes] = set()
        for index, (before, after) in enumerate(self._versions):
            self._note(compare(self._parent if before is None else before, after), index)

    def _note(self, hunks: Sequence[Hunk], index: int) -> None:
        for hunk in hunks:
            if any(line not in self._added for line in hunk.old):
                self._replacing.update(hunk.new)
            self._removed |= dict.fromkeys(hunk.old, index)
            self._added |= dict.fromkeys(filter(has_word, hunk.new), index)

    def finish(self, committed: Lines) -> FileAuthorship:
        """Take all edits and the committed version."""
        first, direct = self._find_start()
        for index, (before, after) in enumerate(self._versions[first:], first):
            if not direct:
                self._file.replay(after if before is None else before, after, index)
                continue
            if before is not None:
                self._take_unreported(before, certain=True)
            self._file.apply(after, index)
        self._file.incomplete = False
        self._take_unreported(committed, certain=direct)
        if not direct:
            self._assign_removals_by_text()
        if not self._shows_agents_work(direct):
            self._file.person_edits = []
            self._file.without_edits = True
        return self._file

    def _find_start(self) -> tuple[int, bool]:
        """The edit to begin with, and whether it and all later ones were made on the parent."""
        starts = [n for n, (before, _) in enumerate(self._versions) if before == self._parent]
        if starts:
            # Whatever was written earlier was taken back before this edit.
            return starts[-1], all(self._on_parent[starts[-1] + 1 :])
        return 0, all(self._on_parent)

    def _take_unreported(self, new: Lines, certain: bool) -> None:
        file = self._file
        hunks = compare(file.lines, new)
        if not hunks:
            return
        before, added = file.lines, {line for hunk in hunks for line in hunk.new}
        change = _Change(file.writers[:], added, self._returned_lines(hunks), certain)
        cosmetic = self._around.cosmetic(file.lines, hunks)
        by_person = [
            hunk
            for hunk, is_cosmetic in zip(hunks[::-1], cosmetic[::-1], strict=True)
            if self._take_hunk(hunk, change, is_cosmetic)
        ]
        if by_person:
            file.person_edits.append(PersonEdit(by_person[::-1], before, change.writers))

    def _returned_lines(self, hunks: Sequence[Hunk]) -> dict[bytes, int]:
        present = Counter(self._file.lines)
        present.subtract(line for hunk in hunks for line in hunk.old)
        return {line: index for line, index in self._added.items() if present[line] <= 0}

    def _take_hunk(self, hunk: Hunk, change: _Change, is_cosmetic: bool) -> bool:
        """Apply one hunk; whether it is a person's edit of an agent's lines."""
        old_writers = change.writers[hunk.start : hunk.stop]
        if is_cosmetic or self._is_agents_own_work(hunk, change):
            writer = Counter(old_writers).most_common(1)[0][0] if old_writers else PERSON
            self._file.replace(hunk, [PERSON if writer == OLD else writer] * len(hunk.new), PERSON)
            return False
        writers = [self._writer_of(line, change) for line in hunk.new]
        is_new = any(
            writer == PERSON and has_word(line)
            for line, writer in zip(hunk.new, writers, strict=True)
        )
        if is_new:
            by_person = any(writer >= 0 for writer in old_writers) or _is_between(hunk, change)
        else:
            by_person = self._takes_lines_out(hunk, change)
        for line, writer in zip(hunk.new, writers, strict=True):
            if writer == OLD:
                self._put_back(line)
        self._file.replace(hunk, writers, PERSON)
        return by_person

    def _is_agents_own_work(self, hunk: Hunk, change: _Change) -> bool:
        """Whether an agent that is about to commit may have changed its own lines by a shell."""
        writers = change.writers[hunk.start : hunk.stop]
        return self._around.by_agent and bool(writers) and min(writers) >= 0

    def _writer_of(self, line: bytes, change: _Change) -> int:
        """Who wrote a new line of an unreported change."""
        if line in change.returned:
            return change.returned[line]
        return OLD if line in self._removed else PERSON

    def _takes_lines_out(self, hunk: Hunk, change: _Change) -> bool:
        """Whether a hunk without new lines is a person's: it takes lines out of an agent's block.

        A whole block may be missing because it was stashed, or not staged. Lines that do not count
        as taken out lose their writers.
        """
        whole = set(self._whole_blocks(hunk, change.writers))
        restores = any(map(has_word, hunk.new))
        gone = [
            (line, text)
            for line, text in enumerate(hunk.old, hunk.start)
            if change.writers[line] >= 0 and text not in change.added
        ]
        out = {
            line: text
            for line, text in gone
            if line not in whole or (text in self._replacing and not restores)
        }
        if not change.certain or self._around.left_out([*out.values()]):
            out = {}
        for line in range(hunk.start, hunk.stop):
            if line not in out:
                change.writers[line] = OLD
        self._file.incomplete = self._file.incomplete or len(out) < len(gone)
        return bool(out)

    def _whole_blocks(self, hunk: Hunk, writers: Sequence[int]) -> Iterator[int]:
        """The lines of a hunk in blocks of an agent's lines that the hunk contains entirely."""
        line = hunk.start
        while line < hunk.stop:
            stop = line
            while stop < len(writers) and writers[stop] >= 0:
                stop += 1
            begins_here = line > hunk.start or line == 0 or writers[line - 1] < 0
            if begins_here and stop <= hunk.stop:
                yield from range(line, stop)
            line = max(stop, line + 1)

    def _put_back(self, text: bytes) -> None:
        """A line of the parent is back: nobody removed it."""
        removers = self._file.removers
        for line, remover in removers.items():
            if remover >= 0 and self._parent[line] == text:
                del removers[line]
                return

    def _assign_removals_by_text(self) -> None:
        """Lines that the agent removed elsewhere: it is not certain that a person removed them."""
        for line in self._file.removers:
            index = self._removed.get(self._parent[line])
            if index is not None:
                self._file.removers[line] = index

    def _shows_agents_work(self, direct: bool) -> bool:
        """Whether something of the agent's edits is in the committed file.

        If nothing is, they may have been taken back by a tool before a person edited the file.
        """
        file, parent = self._file, set(self._parent)
        left = [
            line
            for line, writer in zip(file.lines, file.writers, strict=True)
            if writer >= 0 and has_word(line) and line not in parent
        ]
        if self._is_new:
            written = sum(map(has_word, self._versions[-1][1]))
            return len(left) >= _SHARE_LEFT * written
        return bool(left) or (direct and self._keeps_tokens())

    def _keeps_tokens(self) -> bool:
        """Whether a person's lines have a token that the agent brought in."""
        added = _tokens(self._added)
        new = _tokens(
            line for edit in self._file.person_edits for hunk in edit.hunks for line in hunk.new
        )
        return not (added & new) <= _tokens([*self._parent, *self._removed])


def _is_between(hunk: Hunk, change: _Change) -> bool:
    """Whether a hunk inserts lines between two lines of an agent."""
    writers = change.writers
    if hunk.old or not 0 < hunk.start < len(writers):
        return False
    return writers[hunk.start - 1] >= 0 and writers[hunk.start] >= 0


def _tokens(lines: Iterator[bytes] | Sequence[bytes] | dict[bytes, int]) -> set[bytes]:
    return {token for line in lines for token in _TOKEN.findall(line)}
