"""The files of a commit that have an edit history, with the writers of their lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections import unstaged
from errata.corrections.attribution.attributed_hunks import GITLINK
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.classify import substance
from errata.corrections.edit_authorship import PERSON, FileAuthorship, Lines, TooLargeError, split
from errata.corrections.edit_trace import Surroundings, trace_authorship
from errata.state.agent_edits import EditHistory

_LINK = b"120000"
ReadFile = Callable[[bytes], bytes]
"""Path -> content. Raises GitError."""


@dataclass(frozen=True, slots=True)
class TracedFile:
    """A committed file that an agent's tool had reported edits of.

    Attributes:
        path: the path that the tool reported.
        parent: the lines of the file in the commit's parent.
    """

    path: str
    diff: FileDiff
    history: EditHistory
    parent: Lines
    authorship: FileAuthorship

    def add_changes(self, changes: Changes) -> None:
        """Add the changes that agents reported, and the lines that nobody did."""
        authorship = self.authorship
        for line, writer in zip(authorship.lines, authorship.writers, strict=True):
            if writer >= PERSON:
                who = self.history[writer].writer if writer >= 0 else None
                changes.added.setdefault(who, []).append(line)
        path = self.diff.old_path or b""
        for index, remover in authorship.removers.items():
            if remover >= 0:
                changes.removed.append((path, self.parent[index]))


def trace_files(
    repo: Repository,
    histories: Mapping[str, EditHistory],
    files: Sequence[FileDiff],
    read_parent: ReadFile,
    read_committed: ReadFile,
    by_agent: bool,
) -> Iterator[tuple[str, TracedFile | None]]:
    """Each reported path among the files of a commit; None if its versions cannot be compared.

    Args:
        files: what the commit changes.
        by_agent: whether an agent makes the commit.

    Raises:
        GitError: git fails.
    """
    # The reported path may be the old one of a file that was renamed afterwards.
    by_path = {_text(diff.old_path): diff for diff in files if diff.old_path and not diff.copied}
    by_path |= {_text(diff.new_path): diff for diff in files if diff.new_path}
    paths = [path for path in histories if path in by_path]
    filtered = _filtered_paths(repo, paths)
    for path in paths:
        diff = by_path[path]
        comparable = diff.new_path and not diff.binary and diff.mode not in (_LINK, GITLINK)
        if not comparable or path in filtered:
            yield path, None
            continue
        try:
            parent = read_parent(diff.old_path) if diff.old_path else None
            committed = read_committed(diff.new_path or b"")
            surroundings = _surroundings(repo, histories[path], diff, parent, committed, by_agent)
            authorship = trace_authorship(parent, histories[path], committed, surroundings)
        except (TooLargeError, GitError):
            yield path, None
        else:
            yield path, TracedFile(path, diff, histories[path], split(parent or b""), authorship)


def _surroundings(
    repo: Repository,
    history: EditHistory,
    diff: FileDiff,
    parent: bytes | None,
    committed: bytes,
    by_agent: bool,
) -> Surroundings:
    path = diff.new_path or b""

    def left_out(lines: Lines) -> bool:
        return unstaged.may_hold(repo, path, split(committed), lines)

    def cosmetic(old: Lines, hunks: list[Hunk]) -> list[bool]:
        return substance.cosmetic_hunks(path, b"".join(line + b"\n" for line in old), hunks)

    return Surroundings(cosmetic, left_out, by_agent, _bases(history, diff, parent))


def _bases(history: EditHistory, diff: FileDiff, parent: bytes | None) -> frozenset[str]:
    """The object ids that the staged file may have had while HEAD had the parent's file."""
    staged = [content for edit in history for content in (edit.before, edit.after)]
    size = max((len(edit.base or "") for edit in history), default=0)
    known = [content for content in [*staged, parent, b""] if content is not None]
    ids = {blob_id(content, size) for content in known}
    # A new path has no staged file.
    return frozenset(ids | ({""} if diff.old_path != diff.new_path else set()))


def blob_id(content: bytes, size: int = 40) -> str:
    """The object id that git gives a file with LF line ends, in ``size`` hexadecimal digits."""
    data = content.replace(b"\r\n", b"\n")
    algorithm = hashlib.sha256 if size == 64 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _filtered_paths(repo: Repository, paths: Sequence[str]) -> set[str]:
    """Paths whose content git itself changes when it is committed."""
    if not paths:
        return set()
    names = b"".join(_bytes(path) + b"\0" for path in paths)
    args = ("check-attr", "-z", "--stdin", "filter", "ident", "working-tree-encoding")
    fields = repo.git(*args, stdin=names).split(b"\0")
    rows = zip(fields[::3], fields[2::3], strict=False)
    return {_text(path) for path, value in rows if value not in (b"unspecified", b"unset")}


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _text(path: bytes | None) -> str:
    return (path or b"").decode("utf-8", "surrogateescape")
