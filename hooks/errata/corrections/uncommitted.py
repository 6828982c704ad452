"""Edits before the commit: what an agent wrote last, compared with what was committed.

The agent's tool reported its edits (errata.state.agent_edits). What a person changed in the agent's
lines before the first commit of both is classified like any other edit of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution import mixed_commit_lines
from errata.corrections.attribution.attributed_hunks import GITLINK, AttributedHunk
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.detect import Correction, Detector
from errata.corrections.edit_authorship import (
    PERSON,
    FileAuthorship,
    TooLargeError,
    trace_authorship,
)
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent, Provenance
from errata.records.deduplication import Record
from errata.records.model import DAY
from errata.state import agent_edits, outbox
from errata.state.agent_edits import AgentEdit, EditHistory, Writer

_REGULAR, _LINK = b"100644", b"120000"
LinesByWriter = dict[Writer | None, list[bytes]]
"""None stands for the person."""


@dataclass(frozen=True, slots=True)
class _TracedFile:
    """A committed file that an agent's tool had reported edits of."""

    path: str
    diff: FileDiff
    history: EditHistory
    authorship: FileAuthorship


class UncommittedEdits:
    """The edit histories of this work tree, examined once their files are committed.

    Args:
        now: microseconds UTC; decides which histories are too old.
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        classifier: CommitClassifier,
        deadline: Deadline,
        now: int,
    ) -> None:
        self._repo = repo
        self._config = config
        self._classifier = classifier
        self._deadline = deadline
        self._histories = agent_edits.edit_histories(repo, now, config.capture.window_days)

    def record(self, commit: Commit) -> list[Record]:
        """Record the corrections and the line writers of a commit; returns new corrections.

        Raises:
            ErrataError: an object is missing, or something cannot be written.
            DeadlineError: there was not enough time.
        """
        kind = self._classifier.classify(commit).kind
        files = self._trace_files(commit) if kind in ("person", "agent") else []
        records: list[Record] = []
        lines: LinesByWriter = {}
        for file in files:
            _add_lines(lines, file)
            records += [correction.to_record() for correction in self._detect(commit, file)]
        has_agent_lines = any(writer is not None for writer in lines)
        if has_agent_lines and (kind == "person" or None in lines):
            mixed_commit_lines.save(self._repo, commit, lines)
        new = outbox.add(self._repo, self._config, records)
        for file in files:
            self._forget_if_committed(file)
        return new

    def _trace_files(self, commit: Commit) -> list[_TracedFile]:
        """The changed files that have an edit history."""
        if not self._histories:
            return []
        files = changed_files(self._repo, commit.sha, self._deadline)
        by_path = {_decode(diff.new_path): diff for diff in files if diff.new_path}
        paths = [path for path in self._histories if path in by_path]
        filtered = self._filtered_paths(paths)
        traced = []
        for path in paths:
            diff = by_path[path]
            comparable = not diff.binary and diff.mode not in (_LINK, GITLINK)
            file = self._trace(commit, path, diff) if comparable and path not in filtered else None
            if file is None:
                agent_edits.forget(self._repo, path)
            else:
                traced.append(file)
        return traced

    def _trace(self, commit: Commit, path: str, diff: FileDiff) -> _TracedFile | None:
        """A file and who wrote its lines; None if its versions cannot be compared."""
        history = self._histories[path]
        try:
            parent = self._read(commit.parents[0], diff.old_path) if commit.parents else None
            committed = self._read(commit.sha, diff.new_path) or b""
            return _TracedFile(path, diff, history, trace_authorship(parent, history, committed))
        except (TooLargeError, GitError):
            return None

    def _read(self, sha: str, path: bytes | None) -> bytes | None:
        if path is None:
            return None
        return self._deadline.run_git(self._repo, "cat-file", "blob", sha.encode() + b":" + path)

    def _filtered_paths(self, paths: Sequence[str]) -> set[str]:
        """Paths whose content git itself changes when it is committed."""
        if not paths:
            return set()
        names = b"".join(_encode(path) + b"\0" for path in paths)
        args = ("check-attr", "-z", "--stdin", "filter", "ident", "working-tree-encoding")
        fields = self._repo.git(*args, stdin=names).split(b"\0")
        rows = zip(fields[::3], fields[2::3], strict=False)
        return {_decode(path) for path, value in rows if value not in (b"unspecified", b"unset")}

    def _detect(self, commit: Commit, file: _TracedFile) -> Iterator[Correction]:
        # The message describes the whole commit. It does not say why the person changed the
        # agent's lines, so it is no evidence.
        person = replace(commit, ident=replace(commit.ident, message=""))
        authors = [_as_commit(edit, commit) for edit in file.history]
        path = _encode(file.path)
        generated = GeneratedPaths(self._repo)
        generated.check([path])
        detector = Detector(
            self._classifier.classify,
            lambda agent: len(file.history[authors.index(agent)].after.splitlines()),
            self._config.capture.window_days * DAY,
        )
        for hunks, writers in file.authorship.person_edits:
            diff = FileDiff([path], path, _REGULAR, hunks=hunks)
            attributed = [_attribute(diff, hunk, writers, authors.__getitem__) for hunk in hunks]
            for correction in detector.corrections(person, [diff], attributed, generated):
                yield replace(correction, person=commit)

    def _forget_if_committed(self, file: _TracedFile) -> None:
        """Forget the edits of a file unless part of it was left out of the commit."""
        # Compare contents: the file's times may be new without any other change.
        args = ("-c", "diff.autoRefreshIndex=true", "diff", "--no-ext-diff", "--no-textconv")
        if not self._repo.git(*args, "--name-only", "-z", "--", file.diff.new_path or b""):
            agent_edits.forget(self._repo, file.path)


def _as_commit(edit: AgentEdit, commit: Commit) -> Commit:
    """An edit as if it had been committed; it has no object id."""
    tool = edit.writer.tool
    ident = CommitIdent(tool, commit.ident.author_email, tool, "", f"{tool}\n")
    provenance = Provenance("agent", tool, edit.writer.agent, session=edit.writer.session)
    # The clocks behind an author date and a tool's event may differ by a second.
    when = min(edit.time, commit.author_time)
    return Commit("", (), when, when, ident, writer=provenance)


def _attribute(
    diff: FileDiff, hunk: Hunk, writers: Sequence[int], author: Callable[[int], Commit]
) -> AttributedHunk:
    def owner(line: int) -> Commit | None:
        by_agent = 0 <= line < len(writers) and writers[line] >= 0
        return author(writers[line]) if by_agent else None

    owners = tuple(owner(line) for line in range(hunk.start, hunk.stop))
    return AttributedHunk(diff, hunk, owners, owner(hunk.start - 1), owner(hunk.stop))


def _add_lines(lines: LinesByWriter, file: _TracedFile) -> None:
    """Add the lines that a commit adds to a file, by who wrote them."""
    authorship = file.authorship
    for line, writer in zip(authorship.lines, authorship.writers, strict=True):
        if writer >= 0:
            lines.setdefault(file.history[writer].writer, []).append(line)
        elif writer == PERSON:
            lines.setdefault(None, []).append(line)


def _encode(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _decode(path: bytes | None) -> str:
    return (path or b"").decode("utf-8", "surrogateescape")
