"""Who made a commit: an agent, a person or a bot; and which agents wrote lines of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from errata.provenance.identity import Provenance, classify
from errata.provenance.rules import load_rules
from errata.records.model import DAY
from errata.state import mixed_commits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
    from errata.corrections.attribution.diff import CommitDiff
    from errata.corrections.attribution.mixed_commit_lines import Changes, MixedCommitLines
    from errata.corrections.attribution.recorded_authors import RecordedAuthors
    from errata.provenance.commits import Commit

_REVERT = "This reverts commit"


class CommitClassifier:
    """Classifies commits, each one once.

    Args:
        repo: where the lines of mixed commits are stored. Without it, every line of a
            commit belongs to the commit's author.
    """

    def __init__(self, config: Config, repo: Repository | None = None) -> None:
        self._rules = load_rules(config)
        self._provenances: dict[str, Provenance] = {}
        self._repo = repo
        self._window = config.capture.window_days * DAY
        self._recorded: RecordedAuthors | None = None
        self._reported: MixedCommitLines | None = None
        if repo is not None:
            from errata.corrections.attribution.recorded_authors import RecordedAuthors

            self._recorded = RecordedAuthors(repo)
            if mixed_commits.any_known(repo):
                from errata.corrections.attribution import mixed_commit_lines

                self._reported = mixed_commit_lines.load(repo)

    def add_changes(self, commit: Commit, changes: Changes) -> None:
        """Take what is known of the changes of a commit, without storing it."""
        from errata.corrections.attribution.mixed_commit_lines import MixedCommitLines

        if self._reported is None:
            self._reported = MixedCommitLines({})
        self._reported.add(commit, changes)

    def classify(self, commit: Commit) -> Provenance:
        """Who made a commit. Raises GitError: an object is missing."""
        if commit.writer is not None:
            return commit.writer
        if commit.sha not in self._provenances:
            provenance = classify(commit.ident, self._rules)
            if self._recorded is not None:
                provenance = self._recorded.decide(commit, provenance)
            self._provenances[commit.sha] = provenance
        return self._provenances[commit.sha]

    def has_agent_lines(self, commit: Commit) -> bool:
        """Whether an agent wrote a commit, or some lines of it, as a revert may have."""
        if _REVERT in commit.ident.message:
            return True
        if self._reported is not None and self._reported.has_agent_lines(commit):
            return True
        record = self._recorded.lines_of(commit) if self._recorded else None
        # Without a diff for each commit of the window.
        return record.names_agent if record else self.classify(commit).kind == "agent"

    def prefetch(self, commits: Sequence[Commit] | None = None, *, diffs: bool = False) -> None:
        """Read what other tools recorded about commits, or about all, with one process.

        Args:
            diffs: read the diffs of recorded commits, too, with one more.
        """
        if self._recorded is not None:
            self._recorded.prefetch(commits)
            if diffs:
                self._recorded.prefetch_diffs(commits or ())

    def lines_by_writer(self, commit: Commit) -> tuple[Mapping[str, int], str]:
        """How many lines of a commit each wrote, if known, by name; and the source.

        Raises:
            GitError: an object is missing.
        """
        if self._reported is not None and self._reported.has_agent_lines(commit):
            # Equal lines count once.
            others = "person" if self.classify(commit).kind == "person" else "unknown"
            return self._reported.lines_by_writer(commit, others), "reported edits"
        record = self._recorded.lines_of(commit) if self._recorded else None
        if record is None or self._recorded is None or not record.files:
            return {}, ""
        return self._recorded.counts(commit).by_name(), record.source

    def add_diff(self, diff: CommitDiff) -> None:
        """Hand over the diff of a commit, before it is classified."""
        if self._recorded is not None:
            self._recorded.add_diff(diff)

    def is_mixed(self, commit: Commit, changes: Changes) -> bool:
        """Whether not all of a commit's changes are by who made it."""
        maker = self.classify(commit)
        if maker.kind != "agent":
            return changes.by_agents
        return not {writer and writer.agent for writer in changes.added} <= {maker.name}

    def resolve_owner(self, commit: Commit, line: bytes) -> Owner:
        """The commit with the writer of one of its lines; None if the writer is not certain."""
        mixed = self._mixed_lines()
        return mixed.resolve_owner(commit, line) if mixed is not None else commit

    def is_removed_by_agent(self, commit: Commit, path: bytes, line: bytes) -> bool:
        """Whether an agent's tool reported that it removed a line that a commit removes."""
        return self._reported is not None and self._reported.is_removed_by_agent(commit, path, line)

    def attribute_lines(
        self, commit: Commit, hunks: Sequence[AttributedHunk]
    ) -> list[AttributedHunk]:
        """The hunks of a commit, in which each line is owned by its writer.

        That is another one than the commit says in a mixed commit, and in a revert. Lines that an
        agent changed, not the person who commits, have no owner.

        Raises:
            GitError: an object is missing.
        """
        if self._repo is None:
            return list(hunks)
        repo = self._repo

        def read_lines(path: bytes) -> list[bytes]:
            revision = commit.parents[0].encode()
            return repo.git("cat-file", "blob", revision + b":" + path).split(b"\n")

        owners = (owner for hunk in hunks for owner in hunk.all_owners())
        # A revert of a revert only repeats what was counted before.
        is_revert = _REVERT in commit.ident.message
        if not is_revert and any(_REVERT in owner.ident.message for owner in owners):
            from errata.corrections.attribution.reverts import RevertedLines

            hunks = RevertedLines(repo, commit.author_time - self._window).resolve(
                hunks, read_lines
            )
        mixed = self._mixed_lines()
        if mixed is None:
            return list(hunks)
        hunks = mixed.keep_persons_part(commit, hunks)
        if self._recorded is not None:
            hunks = self._recorded.without_agents_hunks(commit, hunks)
        return mixed.resolve_owners(hunks, read_lines)

    def _mixed_lines(self) -> MixedCommitLines | None:
        """What is known about the lines of mixed commits; None if there is nothing."""
        if not self._recorded:
            return self._reported
        from errata.corrections.attribution.mixed_commit_lines import MixedCommitLines

        reported = self._reported.commits if self._reported else {}
        return MixedCommitLines(reported, self._recorded.find_mixed)
