"""Record corrections: of a new commit, of a rewrite, and of what an earlier run left unfinished.

For a rewrite, the old commits and the new ones are searched. A correction that only the old commits
make is withdrawn. The old commits are searched again rather than remembered: git still has them,
and a correction keeps its id through any number of rewrites.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution.deadline import Deadline, DeadlineError
from errata.corrections.candidates import Candidate, find_candidate
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import read_commits
from errata.records.deduplication import Record
from errata.state import outbox, retry_queue
from errata.state.retry_queue import RetryEntry

Pairs = Sequence[tuple[str, str]]


class CorrectionRecorder:
    """Records the corrections of one repository.

    Args:
        seconds: the time limit for everything that this object does.
        classifier: one that has classified some commits already.
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        seconds: float,
        classifier: CommitClassifier | None = None,
    ) -> None:
        self._repo = repo
        self._config = config
        self._classifier = classifier or CommitClassifier(config, repo)
        self._deadline = Deadline.after(seconds)

    def record_commit(self, candidate: Candidate) -> list[Record]:
        """Record the corrections of one commit; returns the new ones.

        Raises:
            DeadlineError: there was not enough time.
            ErrataError: an object is missing, or the corrections cannot be written.
        """
        return outbox.add(self._repo, self._config, self._detect(candidate))

    def record_uncommitted_edits(self, by_person: bool = True) -> list[Record]:
        """Record a person's edits of an agent's lines before both became HEAD.

        Returns the new corrections. Raises the same errors as :meth:`record_commit`.

        Args:
            by_person: whether a person made HEAD, as far as the environment tells.
        """
        from errata.corrections.uncommitted import UncommittedEdits
        from errata.records.instants import clock

        commits = read_commits(self._repo, ["HEAD"])
        if not commits or len(commits[0].parents) > 1:
            return []
        head = commits[0]
        # A clock that is ahead must not make new edits look old.
        now = min(clock(), head.committer_time)
        edits = UncommittedEdits(
            self._repo, self._config, self._classifier, self._deadline, now, by_person
        )
        return edits.record(head)

    def follow_rewrite(
        self, pairs: Pairs, also: Iterable[str] = (), add: bool = True
    ) -> tuple[int, int]:
        """Follow a rewrite; returns how many corrections were added and withdrawn.

        Args:
            pairs: (old, new) commits; many old ones may have become one.
            also: new commits that replace no particular old one.
            add: whether to add corrections where there were none.

        Raises:
            DeadlineError, ErrataError: as :meth:`record_commit`.
        """
        before = self._detect_all(old for old, _ in pairs)
        after = self._detect_all([*(new for _, new in pairs), *also])
        withdrawn = outbox.withdraw(self._repo, self._config, _without(before, after))
        outbox.update(self._repo, self._config, after)
        added = outbox.add(self._repo, self._config, after) if add or withdrawn else []
        return len(added), withdrawn

    def drain_retry_queue(self) -> list[str]:
        """Finish what earlier runs could not; returns one line for each entry that still fails."""
        failures = []
        for entry in retry_queue.entries(self._repo):
            try:
                self._retry(entry)
            except DeadlineError:
                failures.append(f"{entry.label}: not enough time")
            except ErrataError as error:
                failures.append(f"{entry.label}: {error}")
            else:
                retry_queue.remove(self._repo, entry)
        return failures

    def _retry(self, entry: RetryEntry) -> None:
        if entry.pairs:
            self.follow_rewrite(entry.pairs)
        if entry.sha:
            outbox.add(self._repo, self._config, self._detect_revision(entry.sha))

    def _detect_all(self, shas: Iterable[str]) -> list[dict[str, Any]]:
        commits = read_commits(self._repo, shas)
        return [
            record
            for commit in commits
            if len(commit.parents) == 1 and self._classifier.classify(commit).kind == "person"
            for record in self._detect_revision(commit.sha)
        ]

    def _detect_revision(self, sha: str) -> list[dict[str, Any]]:
        self._deadline.seconds_left()
        candidate = find_candidate(self._repo.root, self._config, self._classifier, sha)
        return self._detect(candidate) if candidate else []

    def _detect(self, candidate: Candidate) -> list[dict[str, Any]]:
        corrections = capture.detect(
            self._repo, self._config, candidate, self._classifier, self._deadline
        )
        return [correction.to_record() for correction in corrections]


def _without(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records of ``before`` that ``after`` lacks; an id that occurs twice counts twice."""
    remaining = [record["id"] for record in after]
    missing = []
    for record in before:
        if record["id"] in remaining:
            remaining.remove(record["id"])
        else:
            missing.append(record)
    return missing
