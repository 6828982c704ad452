"""Who made a commit: an agent, a person or a bot; and which agents wrote lines of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from errata.provenance.identity import Provenance, classify
from errata.provenance.rules import load_rules
from errata.state import mixed_commits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
    from errata.corrections.attribution.mixed_commit_lines import Changes, MixedCommitLines
    from errata.provenance.commits import Commit


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
        self._mixed_commit_lines: MixedCommitLines | None = None
        if repo is not None and mixed_commits.any_known(repo):
            from errata.corrections.attribution import mixed_commit_lines

            self._mixed_commit_lines = mixed_commit_lines.load(repo)

    def add_changes(self, commit: Commit, changes: Changes) -> None:
        """Take what is known of the changes of a commit, without storing it."""
        from errata.corrections.attribution.mixed_commit_lines import MixedCommitLines

        if self._mixed_commit_lines is None:
            self._mixed_commit_lines = MixedCommitLines({})
        self._mixed_commit_lines.add(commit, changes)

    def classify(self, commit: Commit) -> Provenance:
        """Who made a commit."""
        if commit.writer is not None:
            return commit.writer
        if commit.sha not in self._provenances:
            self._provenances[commit.sha] = classify(commit.ident, self._rules)
        return self._provenances[commit.sha]

    def has_agent_lines(self, commit: Commit) -> bool:
        """Whether an agent wrote a commit, or some lines of it."""
        if self.classify(commit).kind == "agent":
            return True
        mixed = self._mixed_commit_lines
        return mixed is not None and mixed.has_agent_lines(commit)

    def is_mixed(self, commit: Commit, changes: Changes) -> bool:
        """Whether not all of a commit's changes are by who made it."""
        maker = self.classify(commit)
        if maker.kind != "agent":
            return changes.by_agents
        return not {writer and writer.agent for writer in changes.added} <= {maker.name}

    def resolve_owner(self, commit: Commit, line: bytes) -> Owner:
        """The commit with the writer of one of its lines; None if the writer is not certain."""
        mixed = self._mixed_commit_lines
        return mixed.resolve_owner(commit, line) if mixed is not None else commit

    def attribute_mixed_lines(
        self, commit: Commit, hunks: Sequence[AttributedHunk]
    ) -> list[AttributedHunk]:
        """The hunks of a commit, in which each line of a mixed commit is owned by its writer.

        Lines that an agent changed, not the person who commits, have no owner.

        Raises:
            GitError: an object is missing.
        """
        if self._mixed_commit_lines is None or self._repo is None:
            return list(hunks)
        repo = self._repo

        def read_lines(path: bytes) -> list[bytes]:
            revision = commit.parents[0].encode()
            return repo.git("cat-file", "blob", revision + b":" + path).split(b"\n")

        mixed = self._mixed_commit_lines
        return mixed.resolve_owners(mixed.keep_persons_part(commit, hunks), read_lines)
