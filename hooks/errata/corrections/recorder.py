"""Record corrections: of a new commit, of a rewrite, and of what an earlier run left unfinished.

For a rewrite, the old commits and the new ones are searched. A correction that only the old commits
make is withdrawn. The old commits are searched again rather than remembered: git still has them,
and a correction keeps its id through any number of rewrites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from errata.core.config import Config
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution import mixed_commit_lines
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline, DeadlineError
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.candidates import Candidate, find_candidate
from errata.corrections.carried import carried_from, find_carried
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Correction, Describe
from errata.provenance.commits import Commit, read_commits
from errata.records.deduplication import Record
from errata.records.model import DAY
from errata.state import outbox, retry_queue
from errata.state.agent_edits import Writer
from errata.state.retry_queue import RetryEntry

Pairs = Sequence[tuple[str, str]]


class CorrectionRecorder:
    """Records the corrections of one repository.

    Args:
        seconds: the time limit for everything that this object does.
        classifier: one that has classified some commits already.
        describe: says what the edits did; None leaves that out.
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        seconds: float,
        classifier: CommitClassifier | None = None,
        describe: Describe | None = None,
    ) -> None:
        self._repo = repo
        self._config = config
        self._classifier = classifier or CommitClassifier(config, repo)
        self._deadline = Deadline.after(seconds)
        self._describe = describe

    def record_commit(self, candidate: Candidate) -> list[Record]:
        """Record the corrections of one commit; returns the new ones.

        Raises:
            DeadlineError: there was not enough time.
            ErrataError: an object is missing, or the corrections cannot be written.
        """
        return outbox.add(self._repo, self._config, self._records(self._detect(candidate)))

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
        return edits.record(head, self._records)

    def record_squash(self) -> None:
        """Record who wrote the lines of HEAD, if a squash merge made it. Raises as above."""
        commits = read_commits(self._repo, ["HEAD"])
        if len(commits) == 1 and len(commits[0].parents) == 1:
            head = commits[0]
            since = head.author_time - self._config.capture.window_days * DAY
            files = changed_files(self._repo, head.sha, self._deadline)
            self._save(
                head,
                find_carried(self._repo, self._classifier, head, files, since, self._deadline),
            )

    def _save(self, commit: Commit, changes: Changes) -> None:
        if self._classifier.is_mixed(commit, changes):
            mixed_commit_lines.save(self._repo, commit, changes)
            self._classifier.add_changes(commit, changes)

    def follow_rewrite(
        self, pairs: Pairs, also: Iterable[str] = (), rewriter: Writer | None = None
    ) -> tuple[int, int]:
        """Follow a rewrite; returns how many corrections were added and withdrawn.

        Args:
            pairs: (old, new) commits; many old ones may have become one.
            also: new commits that replace no particular old one.
            rewriter: the agent that rewrote them; None for a person. An agent adds no corrections.

        Raises:
            DeadlineError, ErrataError: as :meth:`record_commit`.
        """
        shas = [*chain.from_iterable(pairs), *also]
        commits = {commit.sha: commit for commit in read_commits(self._repo, shas)}
        self._keep_writers(pairs, commits, rewriter)
        olds = dict.fromkeys(old for old, _ in pairs)
        before = _plain_records(self._detect_all(commits[old] for old in olds))
        news = dict.fromkeys([*(new for _, new in pairs), *also])
        after = self._records(self._detect_all(commits[new] for new in news))
        removed, by_agent = _without(before, after), rewriter is not None
        return outbox.follow_rewrite(self._repo, self._config, removed, after, by_agent=by_agent)

    def _keep_writers(
        self, pairs: Pairs, commits: Mapping[str, Commit], rewriter: Writer | None
    ) -> None:
        """Record who wrote the lines of commits that were amended or joined."""
        olds_by_new: dict[str, list[str]] = {}
        for old, new in pairs:
            olds_by_new.setdefault(new, []).append(old)
        for sha, olds in olds_by_new.items():
            # In a longer rebase, a commit that replaces one other is a copy.
            is_copy = len(olds) == 1 < len(pairs)
            involved = [commits[each] for each in (sha, *olds)]
            if is_copy or not (rewriter or any(map(self._classifier.has_agent_lines, involved))):
                continue
            files = changed_files(self._repo, sha, self._deadline)
            changes = carried_from(
                self._repo,
                self._classifier,
                commits[sha],
                olds,
                files,
                rewriter,
                self._deadline,
            )
            self._save(commits[sha], changes)

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

    def withdraw_recorded(self) -> int:
        """Withdraw waiting corrections that another tool's later record rules out; their number.

        git-ai writes the note of a commit after the commit's hooks have run.

        Raises:
            DeadlineError, ErrataError: as :meth:`record_commit`.
        """
        waiting: dict[str, list[Record]] = {}
        for record in outbox.read(outbox.file_path(self._repo)):
            # Edits before the commit were reported to us.
            if "commit" in record.get("ai_action", {}):
                sha = str(record.get("user_correction", {}).get("commit", ""))
                waiting.setdefault(sha, []).append(record)
        gone: list[Record] = []
        for sha, records in waiting.items():
            commits = self._existing(sha)
            if commits and commits[0].annotated:
                gone += _without(records, _plain_records(self._detect_revision(sha)))
        return outbox.withdraw(self._repo, self._config, gone)

    def _existing(self, sha: str) -> list[Commit]:
        try:
            return read_commits(self._repo, [sha])
        except GitError:
            return []

    def _retry(self, entry: RetryEntry) -> None:
        if entry.pairs:
            self.follow_rewrite(entry.pairs)
        if entry.sha:
            records = self._records(self._detect_revision(entry.sha))
            outbox.add(self._repo, self._config, records)

    def _detect_all(self, commits: Iterable[Commit]) -> Iterator[Correction]:
        for commit in commits:
            if len(commit.parents) == 1 and self._classifier.classify(commit).kind == "person":
                yield from self._detect_revision(commit.sha)

    def _detect_revision(self, sha: str) -> list[Correction]:
        self._deadline.seconds_left()
        candidate = find_candidate(self._repo.root, self._config, self._classifier, sha)
        return self._detect(candidate) if candidate else []

    def _detect(self, candidate: Candidate) -> list[Correction]:
        return capture.detect(self._repo, self._config, candidate, self._classifier, self._deadline)

    def _records(self, corrections: Iterable[Correction]) -> list[Record]:
        return [correction.described(self._in_time).to_record() for correction in corrections]

    def _in_time(self, correction: Correction) -> Mapping[str, Any]:
        """The description; without time for it, the correction is recorded all the same."""
        if self._describe is None or self._deadline.has_passed():
            return {}
        return self._describe(correction)


def _plain_records(corrections: Iterable[Correction]) -> list[Record]:
    """The records without descriptions, for comparison by id."""
    return [correction.to_record() for correction in corrections]


def _without(before: Sequence[Record], after: Sequence[Record]) -> list[Record]:
    """The records of ``before`` that ``after`` lacks; an id that occurs twice counts twice."""
    remaining = [record["id"] for record in after]
    missing: list[Record] = []
    for record in before:
        if record["id"] in remaining:
            remaining.remove(record["id"])
        else:
            missing.append(record)
    return missing
