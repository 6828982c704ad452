"""What other tools recorded about commits: git-ai's notes and Agent Trace records.

The tree of notes is read once, and only the notes of the commits that are asked for. Who wrote how
many lines needs the commit's diff: the caller hands it over, or it is read when it is needed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from errata.provenance import recorded_lines
from errata.provenance.recorded_lines import LineCounts, RecordedLines, Span

if TYPE_CHECKING:
    from errata.core.git import Repository
    from errata.corrections.attribution.attributed_hunks import AttributedHunk
    from errata.corrections.attribution.diff import CommitDiff, FileDiff, Hunk
    from errata.corrections.attribution.mixed_commit_lines import MixedCommit
    from errata.provenance.agent_trace import AgentTraces
    from errata.provenance.commits import Commit
    from errata.provenance.identity import Provenance

Writers = list["Provenance | None"]
"""One for each added line of a file, in order; None if the line is not recorded."""
NOTES_REF = "refs/notes/ai"
TRACES = ".agent-trace/traces.jsonl"
_MAX_NOTE = 4 << 20
_OBJECT_ID_LENGTHS = (40, 64)
_MAX_LINES = 5_000_000
"""Beyond this many lines in its spans, counted one by one, a file is left out."""


class RecordedAuthors:
    """The records of one repository, each read once.

    Attributes:
        unreadable: commits whose note is malformed, too long, or of an unknown version.
    """

    def __init__(self, repo: Repository) -> None:
        self.unreadable: list[str] = []
        self._repo = repo
        self._traces: AgentTraces | None = None
        if (repo.root / TRACES).exists():
            from errata.provenance.agent_trace import AgentTraces

            self._traces = AgentTraces.read(repo.root / TRACES)
        self._note_ids: dict[str, str] | None = None
        self._lines: dict[str, RecordedLines | None] = {}
        self._files: dict[str, Sequence[FileDiff]] = {}
        self._counts: dict[str, LineCounts] = {}
        self._mixed: dict[str, MixedCommit | None] = {}

    def __bool__(self) -> bool:
        """Whether there are any records, as far as they were looked for."""
        return bool(self._note_ids or self._traces)

    @property
    def malformed_traces(self) -> int:
        """How many lines of the Agent Trace records could not be read."""
        return self._traces.malformed if self._traces is not None else 0

    def decide(self, commit: Commit, base: Provenance) -> Provenance:
        """Whose commit it is, if ``base`` is what the commit says itself.

        Raises:
            GitError: an object is missing.
        """
        lines = self.lines_of(commit)
        return base if lines is None else recorded_lines.decide(base, lines, self.counts(commit))

    def prefetch(self, commits: Iterable[Commit] | None = None) -> None:
        """Read the notes of many commits, or of all, with one process."""
        if commits is None:
            self._read_notes(list(self._notes()))
        elif wanted := [commit.sha for commit in commits if self._may_have_note(commit)]:
            self._read_notes(wanted)

    def prefetch_diffs(self, commits: Iterable[Commit]) -> None:
        """Read the diffs of those commits that have records, with one process."""
        from errata.corrections.attribution.git_log import PLAIN, GitLog

        recorded = [commit.sha for commit in commits if self.lines_of(commit) is not None]
        if recorded:
            for diff in GitLog.of_commits(str(self._repo.root), *PLAIN, shas=recorded):
                self.add_diff(diff)

    def lines_of(self, commit: Commit) -> RecordedLines | None:
        """What is recorded about the lines of a commit; a note goes before a trace."""
        if self._may_have_note(commit) and commit.sha not in self._lines:
            self._read_notes([commit.sha])
        lines = self._lines.get(commit.sha)
        if lines is None and self._traces:
            lines = self._traces.of_commit(commit.sha, commit.parents)
        return lines

    def add_diff(self, diff: CommitDiff) -> None:
        """Take the diff of a commit from the caller; kept only as far as it is needed."""
        lines = self.lines_of(diff.commit)
        if lines is not None and len(diff.commit.parents) < 2:
            self._files[diff.commit.sha] = diff.files
            self.counts(diff.commit)
            self.find_mixed(diff.commit)
            del self._files[diff.commit.sha]

    def counts(self, commit: Commit) -> LineCounts:
        """How many of the added lines each wrote. Raises GitError: an object is missing."""
        if commit.sha not in self._counts:
            lines = self.lines_of(commit)
            assert lines is not None
            writers = (w for file in self._changed(commit) for w in _writers(file, lines))
            self._counts[commit.sha] = recorded_lines.count_lines(writers)
        return self._counts[commit.sha]

    def find_mixed(self, commit: Commit) -> MixedCommit | None:
        """Who wrote which lines; None if no agent is known to have written one.

        Raises:
            GitError: an object is missing.
        """
        if commit.sha not in self._mixed:
            lines = self.lines_of(commit)
            is_mixed = lines is not None and lines.exact and lines.names_agent
            self._mixed[commit.sha] = (
                self._read_mixed(commit, lines) if is_mixed and lines else None
            )
        return self._mixed[commit.sha]

    def without_agents_hunks(
        self, commit: Commit, hunks: Sequence[AttributedHunk]
    ) -> list[AttributedHunk]:
        """The hunks of a person's commit in which an agent did not write most new lines."""
        lines = self.lines_of(commit)
        if lines is None or not lines.names_agent:
            return list(hunks)
        return [hunk for hunk in hunks if not _is_agents(hunk, lines)]

    def _read_mixed(self, commit: Commit, lines: RecordedLines) -> MixedCommit:
        from errata.corrections.attribution.mixed_commit_lines import MixedCommit, line_hash

        mixed = MixedCommit()
        for file in self._changed(commit):
            texts = (text for hunk in file.hunks for text in hunk.new)
            for text, writer in zip(texts, _writers(file, lines), strict=True):
                if writer is not None and writer.kind == "agent":
                    mixed.agent_by_line[line_hash(text)] = writer
                elif text.strip():
                    # Not recorded: perhaps a person's.
                    mixed.person_lines.add(line_hash(text))
        return mixed

    def _changed(self, commit: Commit) -> Sequence[FileDiff]:
        if commit.sha in self._files:
            return self._files[commit.sha]
        from errata.corrections.attribution.changed_files import changed_files, staged_files

        if commit.sha:
            return changed_files(self._repo, commit.sha)
        return staged_files(self._repo, commit.parents[0])

    def _may_have_note(self, commit: Commit) -> bool:
        """Without asking git where it was asked when the commit was read."""
        return bool(commit.sha) if commit.annotated is None else commit.annotated

    def _notes(self) -> dict[str, str]:
        """Commit -> the object id of its note."""
        if self._note_ids is None:
            # Fails silently if there is no such ref.
            out = self._repo.git("ls-tree", "-r", "-z", NOTES_REF, ok=(0, 128))
            entries = (entry.partition(b"\t") for entry in out.split(b"\0") if entry)
            notes = {
                path.replace(b"/", b"").decode("latin-1"): info.split(b" ")[2].decode()
                for info, _, path in entries
            }
            self._note_ids = {sha: oid for sha, oid in notes.items() if _is_object_id(sha)}
        return self._note_ids

    def _read_notes(self, shas: Sequence[str]) -> None:
        notes = self._notes()
        wanted = [sha for sha in shas if sha in notes and sha not in self._lines]
        if not wanted:
            return
        from errata.provenance.git_ai_note import parse_note

        texts = self._repo.small_blobs((notes[sha] for sha in wanted), _MAX_NOTE)
        for sha, text in zip(wanted, texts, strict=True):
            self._lines[sha] = parse_note(text) if text is not None else None
            if self._lines[sha] is None:
                self.unreadable.append(sha)


def _is_object_id(text: str) -> bool:
    return len(text) in _OBJECT_ID_LENGTHS and text.isalnum()


def _writers(file: FileDiff, lines: RecordedLines) -> Writers:
    """The writer of each line that a commit added to a file."""
    numbers = [number for start, hunk in _new_hunks(file) for number in _numbers(start, hunk)]
    writers: Writers = [None] * len(numbers)
    spans = lines.files.get(file.new_path or b"", ())
    left = _MAX_LINES
    for span in spans:
        first, last = bisect_left(numbers, span.start), bisect_right(numbers, span.stop)
        left -= last - first
        if left < 0:
            return [None] * len(numbers)
        writers[first:last] = [span.writer] * (last - first)
    return writers


def _new_hunks(file: FileDiff) -> Iterator[tuple[int, Hunk]]:
    """Each hunk with the number of its first new line, from 1."""
    offset = 1
    for hunk in file.hunks:
        yield hunk.start + offset, hunk
        offset += len(hunk.new) - len(hunk.old)


def _numbers(start: int, hunk: Hunk) -> range:
    return range(start, start + len(hunk.new))


def _is_agents(attributed: AttributedHunk, lines: RecordedLines) -> bool:
    """Whether agents wrote at least half of the new lines of a hunk."""
    hunk = attributed.hunk
    start = next(start for start, other in _new_hunks(attributed.diff) if other is hunk)
    numbers = _numbers(start, hunk)
    spans: Sequence[Span] = lines.files.get(attributed.diff.new_path or b"", ())
    agents = {
        number
        for span in spans
        if span.writer.kind == "agent"
        for number in range(max(span.start, numbers.start), min(span.stop + 1, numbers.stop))
    }
    return bool(hunk.new) and 2 * len(agents) >= len(hunk.new)
