"""What agents' commits changed, as capture asks for it; git is asked once for each commit."""

from __future__ import annotations

from collections.abc import Iterable

from errata.core.git import Repository
from errata.corrections.attribution import changed_files
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.attribution.file_contents import read_files
from errata.corrections.classify.facts import AgentChange
from errata.corrections.substantial_hunks import may_hold_format
from errata.provenance.commits import Commit


class AgentChanges:
    """What agents' commits changed; git is asked once for each commit."""

    def __init__(self, repo: Repository, deadline: Deadline) -> None:
        self._repo = repo
        self._deadline = deadline
        self._files: dict[str, list[FileDiff]] = {}
        self._formatted: dict[str, list[FileDiff]] = {}

    def change(self, commit: Commit) -> AgentChange:
        """What a commit changed in the files whose content this clone has."""
        return AgentChange.of(self._changed(commit))

    def formatted(self, commit: Commit) -> list[FileDiff]:
        """The files in which a formatter may have written lines of a commit."""
        if commit.sha not in self._formatted:
            self._formatted[commit.sha] = [*filter(may_hold_format, self._changed(commit))]
        return self._formatted[commit.sha]

    def read(self, revision: str, paths: Iterable[bytes]) -> dict[bytes, bytes]:
        """Contents by path."""
        return read_files(self._repo, revision, paths, self._deadline)

    def _changed(self, commit: Commit) -> list[FileDiff]:
        if commit.sha not in self._files:
            files = changed_files.present_files(self._repo, commit, self._deadline)
            self._files[commit.sha] = files
        return self._files[commit.sha]
