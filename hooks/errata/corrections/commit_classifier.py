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
    from errata.corrections.attribution.mixed_commit_lines import MixedCommitLines
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
        self, revision: str, hunks: Sequence[AttributedHunk]
    ) -> list[AttributedHunk]:
        """Hunks in which each line of a mixed commit is owned by who wrote that line.

        Args:
            revision: the commit whose files have the hunks' old lines.

        Raises:
            GitError: an object is missing.
        """
        if self._mixed_commit_lines is None or self._repo is None:
            return list(hunks)
        repo = self._repo

        def read_lines(path: bytes) -> list[bytes]:
            return repo.git("cat-file", "blob", revision.encode() + b":" + path).split(b"\n")

        return self._mixed_commit_lines.resolve_owners(hunks, read_lines)
