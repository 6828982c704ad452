"""Capture: what did the commit that was just made correct?

First a gate that costs one ``git log``: is this a person's plain commit, and did an agent commit
anything within the window before it? Nearly always the answer is no, and that is all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from errata.core import git
from errata.core.config import Config
from errata.corrections import MIXED
from errata.provenance.commits import LOG, Commit, parse_commits
from errata.provenance.identity import Provenance, classify
from errata.provenance.rules import load_rules
from errata.records.model import DAY

if TYPE_CHECKING:
    from errata.core.git import Repository
    from errata.corrections.attribution.attributed_hunks import AttributedHunk
    from errata.corrections.attribution.git_log import FileDiff
    from errata.corrections.attribution.line_attribution import LineAttribution
    from errata.corrections.detect import Correction

# Dates in a history need not be in order; git itself walks on a little before it believes them.
_SLOP = 10


class CommitClassifier:
    """CommitClassifier commit it is, asked once per commit.

    Args:
        repo: where to look for what is known of mixed commits; without it, nothing is.
    """

    def __init__(self, config: Config, repo: Repository | None = None) -> None:
        self._rules = load_rules(config)
        self._known: dict[str, Provenance] = {}
        self.line_attribution: LineAttribution | None = None
        if repo is not None and repo.state_dir and (repo.state_dir / MIXED).exists():
            from errata.corrections.attribution import line_attribution

            self.line_attribution = line_attribution.load(repo)

    def wrote(self, commit: Commit) -> bool:
        """Whether an agent wrote a commit, or a part of it."""
        return self(commit).kind == "agent" or (
            self.line_attribution is not None and self.line_attribution.has_agent_lines(commit)
        )

    def __call__(self, commit: Commit) -> Provenance:
        """Classify a commit."""
        if commit.wrote is not None:
            return commit.wrote
        found = self._known.get(commit.sha)
        if found is None:
            found = self._known[commit.sha] = classify(commit.ident, self._rules)
        return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person's commit with agents' commits in the window before it.

    Attributes:
        floor: the oldest committer time (microseconds) among what was looked at, if known: dates
            need not be in order, and what looks older may have been built on an agent's commit.
    """

    commit: Commit
    agents: dict[str, Commit]
    floor: int | None = None


def find_candidate(
    where: Path, config: Config, whose: CommitClassifier, revision: str = "HEAD"
) -> Candidate | None:
    """The one ``git log`` that nearly always says that there is nothing to do."""
    history = _walk(where, revision)
    commit = next(history, None)
    if commit is None or len(commit.parents) != 1 or whose(commit).kind != "person":
        return None
    agents, floor = _agents(history, commit.author_time, config, whose)
    return Candidate(commit, agents, floor) if agents else None


def agent_commits_before(
    where: Path, config: Config, whose: CommitClassifier, now: int
) -> tuple[dict[str, Commit], str | None]:
    """Agents' commits in the window before ``now``, and HEAD's id (None without commits)."""
    history = _walk(where, "HEAD")
    head = next(history, None)
    if head is None:
        return {}, None
    return _agents(chain([head], history), now, config, whose)[0], head.sha


def _agents(
    history: Iterable[Commit], now: int, config: Config, whose: CommitClassifier
) -> tuple[dict[str, Commit], int]:
    """Agents' commits in the window, and the oldest committer time among all that was looked at."""
    window = config.capture.window_days * DAY
    agents: dict[str, Commit] = {}
    oldest = now
    older = 0
    for found in history:
        # By committer time, which git walks by; author time is older or the same.
        older = older + 1 if found.committer_time < now - window else 0
        if older > _SLOP:
            break
        oldest = min(oldest, found.committer_time)
        if 0 <= now - found.author_time <= window and whose.wrote(found):
            agents[found.sha] = found
    return agents, oldest


def _walk(where: Path, revision: str) -> Iterator[Commit]:
    """Commits from a revision, newest first, read only as far as they are asked for."""
    for text in git.stream("-C", str(where), *LOG, "--end-of-options", revision, "--"):
        yield from parse_commits(text)


def detect(
    repo: Repository,
    config: Config,
    found: Candidate,
    whose: CommitClassifier,
    deadline: float | None = None,
) -> list[Correction]:
    """The corrections that a commit makes.

    Args:
        deadline: :func:`time.monotonic` at which to give up.

    Raises:
        blame.DeadlineError: there was not enough time.
        GitError: an object is missing.
    """
    from errata.corrections.attribution import blame

    files = blame.commit_diff(repo, found.commit, deadline)
    return detect_in_files(repo, config, found, files, whose, deadline)


def detect_in_files(
    repo: Repository,
    config: Config,
    found: Candidate,
    files: Sequence[FileDiff],
    whose: CommitClassifier,
    deadline: float | None = None,
) -> list[Correction]:
    """:func:`detect` for a change that is known already. Raises as it does."""
    from errata.corrections.attribution import blame
    from errata.corrections.classify import generated_paths
    from errata.corrections.detect import Detector

    window = config.capture.window_days * DAY
    person = found.commit
    since = person.author_time - window
    if found.floor is not None:
        since = min(since, found.floor)
    touched = blame.attribute(repo, person, files, found.agents, since, deadline)
    touched = split_mixed_commits(repo, whose, person, touched)
    touched_paths = dict.fromkeys(t.diff.old_path for t in touched if t.diff.old_path)
    marked = generated_paths.marked(repo, list(touched_paths))

    def generated(path: bytes) -> bool:
        return path in marked or generated_paths.generated(path)

    def work(commit: Commit) -> int:
        return blame.lines_added(repo, commit, deadline)

    detector = Detector(whose, work, window)
    return list(detector.corrections(person, files, touched, generated))


def split_mixed_commits(
    repo: Repository, whose: CommitClassifier, person: Commit, touched: list[AttributedHunk]
) -> list[AttributedHunk]:
    """Touches with the lines of mixed commits told apart; ``person`` has a parent."""
    if whose.line_attribution is None:
        return touched
    from errata.corrections.attribution import line_attribution

    def lines(path: bytes) -> list[bytes]:
        return repo.git("cat-file", "blob", person.parents[0].encode() + b":" + path).split(b"\n")

    return line_attribution.refine(whose.line_attribution, touched, lines)


def run(
    repo: Repository, config: Config, found: Candidate, whose: CommitClassifier
) -> list[Correction]:
    """:func:`detect` within the time that the configuration allows. Raises as it does."""
    return detect(repo, config, found, whose, time.monotonic() + config.capture.deadline_seconds)
