"""Edits before the commit: what an agent wrote last, compared with what was committed.

The agent's tool reported its edits (errata.state.agent_edits). What a person changed in the agent's
lines before the first commit of both is classified like any other edit of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections import unstaged
from errata.corrections.attribution import mixed_commit_lines
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.classify.facts import AgentChange
from errata.corrections.classify.generated_content import is_generated_content
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Correction
from errata.corrections.detect import Detector
from errata.corrections.edit_authorship import split
from errata.corrections.traced_files import TracedFile, trace_files
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent, Provenance
from errata.records.deduplication import Record
from errata.records.model import DAY
from errata.state import agent_edits, outbox
from errata.state.agent_edits import AgentEdit

_REGULAR = b"100644"


class UncommittedEdits:
    """The edit histories of this work tree, examined once their files are committed.

    Args:
        now: microseconds UTC; decides which histories are too old.
        by_person: whether a person makes the commits, as far as the environment tells.
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        classifier: CommitClassifier,
        deadline: Deadline,
        now: int,
        by_person: bool = True,
    ) -> None:
        self._repo = repo
        self._config = config
        self._classifier = classifier
        self._deadline = deadline
        self._by_person = by_person
        self._histories = agent_edits.edit_histories(repo, now, config.capture.window_days)

    def record(
        self, commit: Commit, to_records: Callable[[Iterable[Correction]], Sequence[Record]]
    ) -> list[Record]:
        """Record the corrections of a commit and who made its changes; returns new corrections.

        Raises:
            ErrataError: an object is missing, or something cannot be written.
            DeadlineError: there was not enough time.
        """
        maker = self._classifier.classify(commit)
        kind = maker.kind
        by_agent = kind == "agent" or not self._by_person
        files = self._trace_files(commit, by_agent) if kind in ("person", "agent") else []
        changes = Changes()
        for file in files:
            file.add_changes(changes)
        changes.add_role(maker)
        if self._classifier.is_mixed(commit, changes):
            mixed_commit_lines.save(self._repo, commit, changes)
            self._classifier.add_changes(commit, changes)
        corrections = () if by_agent else self._corrections(commit, files)
        new = outbox.add(self._repo, self._config, to_records(corrections))
        for file in files:
            self._forget_if_committed(file)
        return new

    def _trace_files(self, commit: Commit, by_agent: bool) -> list[TracedFile]:
        """The changed files that have an edit history."""
        if not self._histories:
            return []
        files = changed_files(self._repo, commit.sha, self._deadline)

        def read_parent(path: bytes) -> bytes:
            return self._read(commit.parents[0], path) if commit.parents else b""

        def read_committed(path: bytes) -> bytes:
            return self._read(commit.sha, path)

        histories = self._histories
        traced = [*trace_files(self._repo, histories, files, read_parent, read_committed, by_agent)]
        for path, file in traced:
            if file is None:
                agent_edits.forget(self._repo, path)
        return [file for _, file in traced if file is not None]

    def _read(self, sha: str, path: bytes) -> bytes:
        return self._deadline.run_git(self._repo, "cat-file", "blob", sha.encode() + b":" + path)

    def _corrections(self, commit: Commit, files: Sequence[TracedFile]) -> Iterator[Correction]:
        for file in files:
            if (
                file.authorship.person_edits
                and not is_generated_content(b"\n".join(file.authorship.lines))
                and not self._is_stashed(file)
            ):
                yield from self._detect(commit, file)

    def _is_stashed(self, file: TracedFile) -> bool:
        """Whether the agent's lines that the commit lacks were stashed, not removed."""
        lines = [
            line
            for edit in file.authorship.person_edits
            for hunk in edit.hunks
            for line, writer in zip(hunk.old, edit.writers[hunk.start : hunk.stop], strict=True)
            if writer >= 0 and line.strip()
        ]
        return bool(lines) and unstaged.is_stashed(self._repo, file.diff.new_path or b"", lines)

    def _is_left_in_stash(self, file: TracedFile) -> bool:
        """Whether the commit has nothing of the agent's edits, and a stash has."""
        if not file.authorship.without_edits:
            return False
        reported = {line for edit in file.history for line in split(edit.after)}
        lines = [*reported.difference(file.authorship.lines, file.parent)]
        return unstaged.is_stashed(self._repo, file.diff.new_path or b"", lines)

    def _detect(self, commit: Commit, file: TracedFile) -> Iterator[Correction]:
        # The message describes the whole commit. It does not say why the person changed the
        # agent's lines, so it is not evidence.
        person = replace(commit, ident=replace(commit.ident, message=""))
        authors = [_as_commit(edit, commit) for edit in file.history]
        path = file.diff.new_path or b""
        generated = GeneratedPaths(self._repo)
        generated.check([path])
        window = self._config.capture.window_days * DAY
        detector = Detector(
            self._classifier.classify,
            lambda agent: _rewritten(path, file.history[authors.index(agent)]),
            lambda agent, person: person.author_time - agent.author_time <= window,
            explicit=self._config.explicit,
        )
        for hunks, lines, writers in file.authorship.person_edits:
            diff = FileDiff([path], path, _REGULAR, hunks=hunks)
            attributed = [_attribute(diff, hunk, writers, authors.__getitem__) for hunk in hunks]
            for correction in detector.corrections(person, [diff], attributed, generated):
                contents = {path: b"\n".join(lines)}
                yield replace(correction, person=commit, contents=contents)

    def _forget_if_committed(self, file: TracedFile) -> None:
        """Forget the edits of a file unless part of them was left out of the commit."""
        if file.authorship.incomplete or self._is_left_in_stash(file):
            return
        # Compare contents: the file's times may be new without any other change.
        args = ("-c", "diff.autoRefreshIndex=true", "diff", "--no-ext-diff", "--no-textconv")
        if not self._repo.git(*args, "--name-only", "-z", "--", file.diff.new_path or b""):
            agent_edits.forget(self._repo, file.path)


def _rewritten(path: bytes, edit: AgentEdit) -> AgentChange:
    """What an edit changed, as if it had written all lines of the file."""
    lines = len(edit.after.splitlines())
    return AgentChange(lines, {path: lines})


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
