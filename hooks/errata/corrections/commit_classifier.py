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
    from errata.corrections.attribution.attributed_hunks import AttributedHunk
    from errata.corrections.attribution.mixed_commit_lines import MixedCommit, MixedCommitLines
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
        self.reload_mixed_commits()

    def reload_mixed_commits(self) -> None:
        """Read the lines of mixed commits again. Raises StateError: they cannot be read."""
        if self._repo is not None and mixed_commits.any_known(self._repo):
            from errata.corrections.attribution import mixed_commit_lines

            self._mixed_commit_lines = mixed_commit_lines.load(self._repo)

    def add_mixed_commit(self, commit: Commit, mixed: MixedCommit) -> None:
        """Take the lines of a commit that is not made yet."""
        from errata.corrections.attribution.mixed_commit_lines import MixedCommitLines, commit_key

        known = self._mixed_commit_lines.commits if self._mixed_commit_lines else {}
        self._mixed_commit_lines = MixedCommitLines({**known, commit_key(commit): mixed})

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
