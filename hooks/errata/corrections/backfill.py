"""Backfill: the corrections in history, found in one forward pass."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import attribute_from_tree
from errata.corrections.attribution.git_log import CommitDiff
from errata.corrections.attribution.line_origins import LineOrigins, Tree
from errata.corrections.attribution.missing_objects import IncompleteCommit, find_incomplete_commits
from errata.corrections.capture import CommitClassifier, split_mixed_commits
from errata.corrections.classify import generated_paths
from errata.corrections.detect import Correction, Detector
from errata.provenance.commits import Commit
from errata.records.model import DAY


@dataclass(frozen=True, slots=True)
class CommitRange:
    """What to look at.

    Attributes:
        tips: revisions that git can walk from.
        wanted: the commits to report on; None for all.
        since: report only on commits authored after this instant (microseconds); 0 for all.
    """

    tips: tuple[str, ...]
    wanted: frozenset[str] | None
    since: int

    @classmethod
    def resolve(cls, repo: Repository, revisions: Sequence[str], since: int = 0) -> CommitRange:
        """Resolve what a person typed; nothing means HEAD.

        Raises:
            GitError: not a revision.
        """
        for revision in revisions:
            if revision.startswith("-"):
                raise GitError(f"{revision!r} is not a revision", "give a commit or a range")
        if not revisions:
            # Nothing, too, where there is no commit yet.
            head = repo.git("rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))
            return cls(tuple(head.decode().split()), None, since)
        asked = tuple(revisions)
        out = repo.git("rev-parse", "--revs-only", "--end-of-options", *asked, "--").split()
        shas = [sha.decode() for sha in out]
        if not shas:
            raise GitError(f"{' '.join(revisions)!r} is not a revision", "give a commit or a range")
        tips = tuple(sha for sha in shas if not sha.startswith("^"))
        if len(tips) == len(shas):
            return cls(tips, None, since)
        # The agent's lines may be older than the range: walk everything, report on the range.
        wanted = repo.git("rev-list", "--end-of-options", *shas, "--").decode().split()
        return cls(tips, frozenset(wanted), since)


class Backfill:
    """One pass; iterate it for the corrections, oldest first.

    Attributes:
        total: commits in the walk.
        done: commits read so far.
        missing: paths of which some content is not in this clone; what was done there is unknown.
    """

    def __init__(self, repo: Repository, config: Config, what: CommitRange) -> None:
        self.total = 0
        self.done = 0
        self.missing: set[bytes] = set()
        self._repo = repo
        self._what = what
        self._window = config.capture.window_days * DAY
        self._whose = CommitClassifier(config, repo)
        self._work: dict[str, int] = {}
        self._detector = Detector(self._whose, lambda c: self._work.get(c.sha, 0), self._window)
        # Agents' commits as (author time, number), in order of time.
        self._agents: list[tuple[int, int]] = []
        self._near: tuple[int, int, int] = (0, 0, 0)
        self._numbers: frozenset[int] = frozenset()
        self._marked: dict[bytes, bool] = {}

    def __iter__(self) -> Iterator[Correction]:
        if not self._what.tips:
            return
        out = self._repo.git("rev-list", "--count", "--end-of-options", *self._what.tips, "--")
        self.total = int(out)
        found = self._pass()
        try:
            yield from found
        except _MissingError:
            # Content that this clone lacks: begin again, around the gaps. What was reported
            # already has the same id when it is found again.
            gaps = find_incomplete_commits(str(self._repo.root), self._what.tips)
            self.missing = {path for gap in gaps.values() for path in gap.missing}
            self.done = 0
            self._agents.clear()
            yield from self._pass(gaps)

    def _pass(self, gaps: Mapping[str, IncompleteCommit] | None = None) -> Iterator[Correction]:
        origins = LineOrigins(str(self._repo.root), self._what.tips, gaps)
        for change, tree in origins:
            self.done += 1
            number = len(origins.commits)
            commit = change.commit
            if self._concerns(commit):
                yield from self._corrections(change, tree, origins.commits)
            if self._whose.wrote(commit):
                self._work[commit.sha] = sum(len(h.new) for d in change.files for h in d.hunks)
                insort(self._agents, (commit.author_time, number))
        if origins.log.error:
            # Git says it in several ways, so look whether anything is missing.
            if gaps is None:
                raise _MissingError
            raise GitError(origins.log.error)

    def _concerns(self, commit: Commit) -> bool:
        what = self._what
        return (
            bool(self._agents)
            and commit.author_time >= what.since
            and (what.wanted is None or commit.sha in what.wanted)
            and self._detector.concerned(commit)
        )

    def _corrections(
        self, change: CommitDiff, tree: Tree, commits: Sequence[Commit | None]
    ) -> Iterator[Correction]:
        commit = change.commit
        agents = self._within_reach(commit)
        if not agents:
            return
        near = [
            diff
            for diff in change.files
            if diff.old_path in tree and not agents.isdisjoint(tree[diff.old_path])
        ]
        if near:
            self._look_up([diff.old_path for diff in near if diff.old_path])
            touched = split_mixed_commits(
                self._repo, self._whose, commit, attribute_from_tree(near, tree, commits)
            )
            yield from self._detector.corrections(
                commit, change.files, touched, self._marked.__getitem__
            )

    def _within_reach(self, commit: Commit) -> frozenset[int]:
        """Agents' commits of the window before a commit: most files hold none of their lines."""
        low = bisect_left(self._agents, (commit.author_time - self._window, 0))
        high = bisect_left(self._agents, (commit.author_time + 1, 0))
        if self._near != (low, high, len(self._agents)):
            self._near = (low, high, len(self._agents))
            self._numbers = frozenset(number for _, number in self._agents[low:high])
        return self._numbers

    def _look_up(self, found: list[bytes]) -> None:
        """Ask git once which of a commit's paths are marked as generated."""
        new = [path for path in found if path not in self._marked]
        marked = generated_paths.marked(self._repo, new)
        self._marked |= {path: path in marked or generated_paths.generated(path) for path in new}


class _MissingError(Exception):
    """The log stopped at content that is not in this clone."""
