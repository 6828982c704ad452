"""When the flagged lines were written, and by which agent: then the mistake was made, by it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.blame import blame_file
from errata.corrections.attribution.deadline import Deadline, DeadlineError
from errata.provenance.commits import Commit, read_commits
from errata.provenance.identity import classify
from errata.provenance.rules import load_rules
from errata.reviews.finding import Lines

SECONDS = 60.0
"""The time for all files; findings in the files that remain have no origin."""


class Origin(NamedTuple):
    """Of some lines: the instant at which the newest was written; the agent, "" if a person."""

    when: int | None = None
    agent: str = ""


class LineOrigins:
    """The origins of lines; each file is blamed once."""

    def __init__(self, repo: Repository, config: Config, seconds: float = SECONDS) -> None:
        self._repo = repo
        self._rules = load_rules(config)
        self._deadline = Deadline.after(seconds)
        self._blame = lru_cache(maxsize=32)(self._blame_file)
        self._commit = lru_cache(maxsize=4096)(self._read_commit)

    def of(self, commit: str, file: str, lines: Lines | None) -> Origin:
        """The origin of lines of a file in a commit; without a commit, nothing is known."""
        if not (commit and file and lines):
            return Origin()
        owners = self._blame(commit, file)
        shas = {owners[line] for line in range(lines.first - 1, lines.last) if line in owners}
        commits = [self._commit(sha) for sha in sorted(shas - {""})]
        if not commits:
            return Origin()
        newest = max(commits, key=lambda each: (each.author_time, each.sha))
        provenance = classify(newest.ident, self._rules)
        return Origin(newest.author_time, provenance.name if provenance.kind == "agent" else "")

    def _blame_file(self, commit: str, file: str) -> dict[int, str]:
        try:
            return blame_file(self._repo, commit, file.encode(), None, (), self._deadline)
        except (DeadlineError, GitError):
            return {}

    def _read_commit(self, sha: str) -> Commit:
        return read_commits(self._repo, [sha])[0]
