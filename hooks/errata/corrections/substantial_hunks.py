"""Which hunks of a commit mean something.

What a formatter could have done, blocks moved word for word, one more entry of a list, and whatever
happens in generated files correct nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.classify import substance
from errata.corrections.classify.entry_lists import adds_entries, ticks_boxes
from errata.corrections.classify.exported_records import is_export
from errata.corrections.classify.generated_content import is_generated_content, is_tool_changelog
from errata.corrections.classify.moves import Moves, find_moves
from errata.corrections.classify.substance import Change
from errata.provenance.commits import Commit

_MAX_PARSED = 150_000
"""Characters of files that are parsed for one commit; the rest is compared by words."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the contents come from that hunks are compared in.

    Attributes:
        read: (revision, paths) -> contents by path, without those that are missing or too large.
        formatted: the files of an agent's commit for which :func:`may_hold_format` holds.
    """

    read: Callable[[str, Iterable[bytes]], Mapping[bytes, bytes]] = lambda _revision, _paths: {}
    formatted: Callable[[Commit], Sequence[FileDiff]] = lambda _commit: ()


def may_hold_format(diff: FileDiff) -> bool:
    """Whether a formatter may have written some lines of a file; cheap."""
    return any(
        substance.may_be_format(hunk) or substance.formatted_lines(hunk) for hunk in diff.hunks
    )


NO_SOURCES = Sources()
"""Nothing can be read: hunks are compared by their own words."""


class SubstantialHunks:
    """Looks for the hunks of one commit that mean something.

    Args:
        person: the commit.
        files: everything that it changes.
    """

    def __init__(self, person: Commit, files: Sequence[FileDiff], sources: Sources) -> None:
        self._person = _CommitChanges(person, sources)
        self._files = files
        self._sources = sources
        self._agents: dict[tuple[str, bytes | None], _FormattedLines] = {}

    def select(self, hunks: Sequence[AttributedHunk]) -> list[AttributedHunk]:
        """The hunks that mean something.

        In them, lines that were only moved have no owner, nor those that the agent only formatted.
        """
        self._person.add([hunk.diff for hunk in hunks])
        moves = find_moves(self._files)
        kept = (hunk for hunk in hunks if self._person.change(hunk.hunk) is Change.SUBSTANCE)
        still = (moved for hunk in kept if (moved := _without_moves(hunk, moves)))
        owned = map(self._without_formatted, still)
        return [hunk for hunk in owned if any(hunk.corrected_owners())]

    def contents(self, hunks: Iterable[AttributedHunk]) -> dict[bytes, bytes]:
        """The old contents of the files of selected hunks, by old path, as far as readable."""
        paths = {hunk.diff.old_path for hunk in hunks}
        return {path: text for path, text in self._person.contents.items() if path in paths}

    def _without_formatted(self, attributed: AttributedHunk) -> AttributedHunk:
        """A hunk in which nobody owns the lines that a formatter wrote in the owner's commit."""
        path = attributed.diff.old_path
        content = self._person.contents.get(path or b"", b"").split(b"\n")

        def keep(owner: Owner, index: int) -> Owner:
            if owner is None or index >= len(content):
                return owner
            return None if content[index] in self._formatted(owner, path) else owner

        start, stop = attributed.hunk.start, attributed.hunk.stop
        owners = tuple(keep(owner, index) for index, owner in enumerate(attributed.owners, start))
        above, below = keep(attributed.above, start - 1), keep(attributed.below, stop)
        return replace(attributed, owners=owners, above=above, below=below)

    def _formatted(self, owner: Commit, path: bytes | None) -> _FormattedLines:
        key = owner.sha, path
        if key not in self._agents:
            self._agents[key] = _FormattedLines(owner, path, self._sources)
        return self._agents[key]


class _FormattedLines:
    """The lines of one file that only a formatter wrote in one commit."""

    def __init__(self, commit: Commit, path: bytes | None, sources: Sources) -> None:
        files = sources.formatted(commit) if len(commit.parents) == 1 else ()
        self._files = [diff for diff in files if diff.new_path == path]
        self._commit = commit
        self._sources = sources
        self._suspects: set[bytes] = set()
        self._lines: set[bytes] | None = None
        for hunk in (hunk for diff in self._files for hunk in diff.hunks):
            if substance.may_be_format(hunk):
                self._suspects.update(map(bytes.strip, hunk.new))
            else:
                self._suspects |= substance.formatted_lines(hunk)

    def __contains__(self, line: bytes) -> bool:
        # Most commits format nothing, and parsing takes time.
        return line.strip() in self._suspects and line.strip() in self._certain()

    def _certain(self) -> set[bytes]:
        if self._lines is None:
            changes = _CommitChanges(self._commit, self._sources)
            changes.add(self._files)
            self._lines, written = set(), set()
            for hunk in (hunk for diff in self._files for hunk in diff.hunks):
                lines = {line.strip() for line in hunk.new}
                is_format = changes.change(hunk) is Change.FORMAT
                formatted = lines if is_format else substance.formatted_lines(hunk)
                self._lines |= formatted
                written |= lines - formatted
            self._lines -= written
        return self._lines


class _CommitChanges:
    """What the hunks of one commit do.

    Attributes:
        contents: of the files before, by path.
    """

    def __init__(self, commit: Commit, sources: Sources) -> None:
        self.contents: dict[bytes, bytes] = {}
        self._parent = commit.parents[0] if commit.parents else ""
        self._time = commit.author_time
        self._sources = sources
        self._left = _MAX_PARSED
        self._changes: dict[int, Change] = {}

    def change(self, hunk: Hunk) -> Change:
        """What a hunk does, of a file that was added."""
        return self._changes[id(hunk)]

    def add(self, files: Iterable[FileDiff]) -> None:
        """Find out what the hunks of files do."""
        new = {id(diff): diff for diff in files if not self._changes.keys() >= _ids(diff)}
        paths = {diff.old_path for diff in new.values() if diff.old_path}
        self.contents |= self._sources.read(self._parent, paths - self.contents.keys())
        for diff in new.values():
            changes = self._changes_of(diff, self.contents.get(diff.old_path or b""))
            self._changes |= {id(h): c for h, c in zip(diff.hunks, changes, strict=True)}

    def _changes_of(self, diff: FileDiff, content: bytes | None) -> Sequence[Change]:
        path = diff.new_path or diff.old_path or b""
        if is_export(path, diff.hunks, self._time):
            return [Change.FORMAT] * len(diff.hunks)
        if content is None:
            return substance.classify_by_words(path, None, diff.hunks)
        if (
            is_generated_content(content)
            or is_tool_changelog(path, content)
            or _becomes_generated(diff.hunks)
        ):
            return [Change.FORMAT] * len(diff.hunks)
        classify = substance.classify_hunks if self._left > 0 else substance.classify_by_words
        if substance.may_hold_insubstantial(diff.hunks):
            self._left -= len(content)
        changes = classify(path, content, diff.hunks)
        return [
            Change.ADDITION
            if change is Change.SUBSTANCE
            and (adds_entries(path, content, hunk) or ticks_boxes(hunk))
            else change
            for change, hunk in zip(changes, diff.hunks, strict=True)
        ]


def _ids(diff: FileDiff) -> set[int]:
    return set(map(id, diff.hunks))


def _becomes_generated(hunks: Sequence[Hunk]) -> bool:
    """Whether the commit puts a generator's mark at the top of a file."""
    return bool(hunks) and not hunks[0].start and is_generated_content(b"\n".join(hunks[0].new))


def _without_moves(attributed: AttributedHunk, moves: Moves) -> AttributedHunk | None:
    """A hunk without owners of moved lines; None if nothing but moved lines is left."""
    hunk = attributed.hunk
    taken, put = moves.taken.get(id(hunk), set()), moves.put.get(id(hunk), set())
    if not taken and not put:
        return attributed
    old_rest = [line for i, line in enumerate(hunk.old) if i not in taken and line.strip()]
    new_rest = [line for i, line in enumerate(hunk.new) if i not in put and line.strip()]
    # Where a block was taken out, a call or an import may stand now.
    if not old_rest and (taken or not new_rest):
        return None
    owners = tuple(None if i in taken else owner for i, owner in enumerate(attributed.owners))
    return replace(attributed, owners=owners)
