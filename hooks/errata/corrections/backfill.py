"""Backfill: the corrections in history, found in one forward pass."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections import carried
from errata.corrections.agent_commits import AgentCommits
from errata.corrections.attribution.attributed_hunks import AttributedHunk, attribute_from_tree
from errata.corrections.attribution.diff import CommitDiff, FileDiff
from errata.corrections.attribution.file_contents import FileReader
from errata.corrections.attribution.file_lines import Tree
from errata.corrections.attribution.line_changes import main_line
from errata.corrections.attribution.line_origins import LineOrigins
from errata.corrections.attribution.missing_objects import (
    IncompleteCommit,
    find_incomplete_commits,
    is_partial_clone,
)
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.attribution.shallow import shallow_commits
from errata.corrections.candidate_batches import SMALLEST, BatchResult, Candidate, CandidateBatches
from errata.corrections.classify.facts import AgentChange
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Correction, Describe
from errata.corrections.detect import Detector
from errata.corrections.line_lifetimes import LineLifetimes
from errata.corrections.substantial_hunks import Sources, may_hold_format
from errata.messages import redact
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.records import instants
from errata.records.model import DAY

_MAX_INCOMPLETE = 0.05
"""The share of commits of which some content may be missing where work is counted."""


@dataclass(frozen=True, slots=True)
class CommitRange:
    """Which commits to read and which of them to report on.

    Attributes:
        tips: revisions to walk from.
        reported: the commits to report on; None for all.
        since: report only on commits authored after this instant (microseconds); 0 for all.
    """

    tips: tuple[str, ...]
    reported: frozenset[str] | None
    since: int

    @classmethod
    def resolve(cls, repo: Repository, revisions: Sequence[str], since: int = 0) -> CommitRange:
        """Resolve revisions and ranges that a person typed; none at all means HEAD.

        Raises:
            GitError: not a revision.
        """
        for revision in revisions:
            if revision.startswith("-"):
                raise _not_a_revision(revision)
        if not revisions:
            # A repository without commits has no tips.
            head = repo.git("rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))
            return cls(tuple(head.decode().split()), None, since)
        args = ("rev-parse", "--revs-only", "--end-of-options", *revisions, "--")
        shas = repo.git(*args).decode().split()
        if not shas:
            raise _not_a_revision(" ".join(revisions))
        tips = tuple(sha for sha in shas if not sha.startswith("^"))
        if len(tips) == len(shas):
            return cls(tips, None, since)
        # The agent's lines may be older than the range: walk everything, report on the range.
        reported = repo.git("rev-list", "--end-of-options", *shas, "--").decode().split()
        return cls(tips, frozenset(reported), since)

    @property
    def is_whole(self) -> bool:
        """Whether all commits that are read are reported on."""
        return self.reported is None and not self.since

    def includes(self, commit: Commit) -> bool:
        """Whether to report on a commit."""
        in_range = self.reported is None or commit.sha in self.reported
        return in_range and commit.author_time >= self.since


def _not_a_revision(text: str) -> GitError:
    return GitError(f"{text!r} is not a revision", "give a commit or a range")


class Observer(Protocol):
    """Sees every commit that a backfill reads, parents first."""

    def add(self, diff: CommitDiff, *, by_agent: bool) -> None:
        """Take the next commit."""

    def clear(self) -> None:
        """Forget all commits: they are read again."""


class Observers:
    """Several observers as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def add(self, diff: CommitDiff, *, by_agent: bool) -> None:
        """Hand the next commit to each."""
        for observer in self._observers:
            observer.add(diff, by_agent=by_agent)

    def clear(self) -> None:
        """Let each forget all commits."""
        for observer in self._observers:
            observer.clear()


class Backfill:
    """One pass; iterate it for the corrections, oldest first.

    Args:
        describe: says what the edits did; None leaves that out.
        observer: is handed every commit.
        lifetimes: is told which lines come and go.
        batch: how many commits are looked at together at first.
        threshold: the score from which an edit counts; None for the learned one.

    Attributes:
        total: commits in the walk.
        done: commits read so far.
        missing: paths whose content is partly missing from this clone; what happened there is not
            known.
        commits_by: kind of author (agent, person, bot, unknown) -> commits.
        agents: who made each agent's commit, by object id.
        oldest: when the oldest commit was made (microseconds UTC).
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        commits: CommitRange,
        describe: Describe | None = None,
        observer: Observer | None = None,
        batch: int = SMALLEST,
        lifetimes: LineLifetimes | None = None,
        threshold: float | None = None,
    ) -> None:
        self.total = 0
        self.done = 0
        self.missing: set[bytes] = set()
        self.commits_by: Counter[str] = Counter()
        self.agents: dict[str, Provenance] = {}
        self.oldest = instants.END
        self._incomplete = 0
        self._repo = repo
        self._root = str(repo.root)
        self._process = os.getpid()
        self._range = commits
        self._describe = describe
        self._observer = observer
        self._lifetimes = lifetimes
        self._batch = batch
        self._window = config.capture.window_days * DAY
        self._classifier = CommitClassifier(config, repo)
        self._changes: dict[str, AgentChange] = {}
        self._sources: carried.Sources | None = None
        self._formatted: dict[str, list[FileDiff]] = {}
        self._files = FileReader(repo)
        self._in_window: frozenset[int | None] = frozenset()
        self._detector = Detector(
            self._classifier.classify,
            lambda commit: self._changes.get(commit.sha, AgentChange()),
            lambda agent, _: self._agents.number(agent.sha) in self._in_window,
            Sources(
                self._files.read,
                lambda commit: self._formatted.get(commit.sha, []),
            ),
            config.explicit,
            threshold,
        )
        self._agents = AgentCommits(self._window)
        self._generated = GeneratedPaths(repo)

    @property
    def is_shallow(self) -> bool:
        """Whether the clone lacks the older commits."""
        common_dir = self._repo.common_dir
        return bool(common_dir and shallow_commits(common_dir))

    @property
    def is_representative(self) -> bool:
        """Whether what was read stands for the history: all commits, and nearly all contents."""
        return not self.is_shallow and self._incomplete <= _MAX_INCOMPLETE * self.total

    def __iter__(self) -> Iterator[Correction]:
        """Read history. Raises GitError: the commits cannot be walked."""
        try:
            if self._range.tips:
                yield from self._read_all()
        finally:
            self._files.close()

    def _read_all(self) -> Iterator[Correction]:
        tips = self._range.tips
        self.total = int(self._repo.git("rev-list", "--count", "--end-of-options", *tips, "--"))
        if is_partial_clone(self._repo):
            yield from self._read_without_missing(find_incomplete_commits(self._root, tips))
            return
        try:
            yield from self._read(self._line_origins())
        except GitError:
            # Git has many messages for a missing object, so search for one instead.
            incomplete = find_incomplete_commits(self._root, tips)
            if not incomplete:
                raise
            # Begin again. What was reported already has the same id when it is found again.
            self.done = 0
            self.commits_by.clear()
            self.agents.clear()
            self._agents = AgentCommits(self._window)
            if self._observer:
                self._observer.clear()
            yield from self._read_without_missing(incomplete)

    def _read_without_missing(
        self, incomplete: Mapping[str, IncompleteCommit]
    ) -> Iterator[Correction]:
        self.missing = {path for commit in incomplete.values() for path in commit.missing}
        self._incomplete = len(incomplete)
        yield from self._read(self._line_origins(incomplete))

    def _line_origins(
        self, incomplete: Mapping[str, IncompleteCommit] | None = None
    ) -> LineOrigins:
        tips, lifetimes = self._range.tips, self._lifetimes
        origins = LineOrigins(self._root, tips, incomplete, observer=lifetimes)
        if lifetimes is not None:
            lifetimes.start(main_line(self._root, tips), origins.commits, self._classifier.classify)
        return origins

    def _read(self, origins: LineOrigins) -> Iterator[Correction]:
        self._classifier.prefetch()
        batches = CandidateBatches(self._detect, self._prepare, self._batch)
        try:
            for diff, tree in origins:
                self.done += 1
                self._classifier.add_diff(diff)
                candidate = self._candidate(diff, tree, origins)
                if candidate is not None:
                    yield from self._take(batches, batches.add(candidate))
                self._add(diff)
            yield from self._take(batches, batches.finish())
        finally:
            batches.close()
        if origins.log.error:
            raise GitError(origins.log.error)

    def _add(self, diff: CommitDiff) -> None:
        """Note what later commits may ask about a commit."""
        commit = diff.commit
        maker = self._classifier.classify(commit)
        self.commits_by[maker.kind] += 1
        # A damaged date is 0.
        self.oldest = min(self.oldest, commit.author_time or instants.END)
        if maker.kind == "agent":
            self.agents[commit.sha] = maker
        if self._observer:
            self._observer.add(diff, by_agent=maker.kind == "agent")
        is_agent = self._classifier.has_agent_lines(commit)
        self._agents.add(commit, is_agent)
        if is_agent:
            self._changes[commit.sha] = AgentChange.of(diff.files)
            formatted = [*filter(may_hold_format, diff.files)]
            if formatted:
                self._formatted[commit.sha] = formatted

    def _candidate(self, diff: CommitDiff, tree: Tree, origins: LineOrigins) -> Candidate | None:
        """What there is to know about a commit that may correct something."""
        commit = diff.commit
        if not (
            self._agents and self._range.includes(commit) and self._detector.can_correct(commit)
        ):
            return None
        numbers = self._agents.in_window_before(commit)
        if not numbers:
            return None
        paths = [file.old_path for file in diff.files if file.old_path is not None]
        lines = origins.commit_numbers(tree, paths)
        # Most files hold no line of these commits.
        files = [
            file
            for file in diff.files
            if file.old_path in lines and not numbers.isdisjoint(lines[file.old_path])
        ]
        hunks = attribute_from_tree(files, lines, origins.commits)
        return Candidate(diff, files, hunks, numbers) if files else None

    def _detect(self, candidates: Sequence[Candidate]) -> BatchResult:
        """What some commits correct; may run in a copy of this process."""
        result = BatchResult(os.getpid(), [], [])
        for candidate in candidates:
            diff = candidate.diff
            self._in_window = candidate.in_window
            self._generated.check(file.old_path for file in candidate.files)
            corrections = self._corrections(diff, candidate.hunks)
            changes = self._carried_changes(diff.commit, corrections)
            if changes:
                result.carried.append((diff.commit, changes))
                corrections = self._corrections(diff, candidate.hunks)
            result.corrections.extend(each.described(self._describe) for each in corrections)
        if result.process != self._process:
            # A copy ends without further ado, and nobody would wait for its git.
            self._files.close()
        return result

    def _take(
        self, batches: CandidateBatches, results: Iterable[BatchResult]
    ) -> Iterator[Correction]:
        for result in results:
            if result.carried:
                if result.process != self._process:
                    for commit, changes in result.carried:
                        self._classifier.add_changes(commit, changes)
                batches.restart()
            yield from result.corrections

    def _corrections(self, diff: CommitDiff, owned: Sequence[AttributedHunk]) -> list[Correction]:
        hunks = self._classifier.attribute_lines(diff.commit, owned)
        return [*self._detector.corrections(diff.commit, diff.files, hunks, self._generated)]

    def _carried_changes(self, commit: Commit, corrections: Sequence[Correction]) -> Changes | None:
        """The changes of an agent from elsewhere that a commit has; the classifier then knows."""
        if not corrections:
            return None
        hunks = (hunk for correction in corrections for hunk in correction.hunks)
        touched = {hunk.diff.old_path: hunk.diff for hunk in hunks}
        changes = self._changes_elsewhere(commit, [*touched.values()])
        if not changes.by_agents:
            return None
        self._classifier.add_changes(commit, changes)
        return changes

    def _changes_elsewhere(self, commit: Commit, files: Sequence[FileDiff]) -> Changes:
        since = commit.author_time - self._window
        if self._has_many_sources:
            return carried.find_carried(self._repo, self._classifier, commit, files, since)
        return carried.common_changes(commit, files, self._read_sources(), since)

    @cached_property
    def _has_many_sources(self) -> bool:
        """Whether other branches have too many commits to keep all of their changes."""
        return carried.are_many(self._repo, self._range.tips)

    def _prepare(self) -> None:
        """Load what each copy of this process would load for itself."""
        if not self._has_many_sources:
            self._read_sources()
        redact.service_token_patterns()

    def _read_sources(self) -> carried.Sources:
        if self._sources is None:
            tips = (f"^{tip}" for tip in self._range.tips)
            self._sources = carried.read_sources(self._repo, self._classifier, *tips, "--")
        return self._sources
