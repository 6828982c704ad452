"""Which commits can be corrections: made by a person, with an agent's commit in the window before.

One ``git log`` decides, and nearly always says no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import LOG, Commit, parse_commits
from errata.records.model import DAY

# Dates in a history need not be in order. Like git itself, read some commits beyond the window
# before believing that all others are older, too.
_SLOP = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person's commit with agents' commits in the window before it.

    Attributes:
        agent_commits: by object id.
        oldest: the oldest committer time (microseconds) among the commits that were read, if
            known. It may be before the window: dates need not be in order.
    """

    commit: Commit
    agent_commits: dict[str, Commit]
    oldest: int | None = None


def find_candidate(
    root: Path, config: Config, classifier: CommitClassifier, revision: str = "HEAD"
) -> Candidate | None:
    """The revision as a candidate; None if it corrects nothing."""
    history = _read_history(root, revision)
    commit = next(history, None)
    if commit is None or len(commit.parents) != 1 or classifier.classify(commit).kind != "person":
        return None
    agent_commits, oldest = _in_window(history, commit.author_time, config, classifier)
    return Candidate(commit, agent_commits, oldest) if agent_commits else None


def agent_commits_before(
    root: Path, config: Config, classifier: CommitClassifier, now: int
) -> tuple[dict[str, Commit], str | None]:
    """Agents' commits in the window before ``now``, and HEAD's object id (None without commits)."""
    history = _read_history(root, "HEAD")
    head = next(history, None)
    if head is None:
        return {}, None
    agent_commits, _ = _in_window(chain([head], history), now, config, classifier)
    return agent_commits, head.sha


def _in_window(
    history: Iterable[Commit], now: int, config: Config, classifier: CommitClassifier
) -> tuple[dict[str, Commit], int]:
    """Agents' commits in the window, and the oldest committer time among all commits read."""
    window = config.capture.window_days * DAY
    commits: list[Commit] = []
    oldest = now
    older = 0
    for commit in history:
        # Git walks by committer time; the author time is the same or earlier.
        older = older + 1 if commit.committer_time < now - window else 0
        if older > _SLOP:
            break
        oldest = min(oldest, commit.committer_time)
        if 0 <= now - commit.author_time <= window:
            commits.append(commit)
    classifier.prefetch(commits)
    return {c.sha: c for c in commits if classifier.has_agent_lines(c)}, oldest


def _read_history(root: Path, revision: str) -> Iterator[Commit]:
    """Commits from a revision, newest first; git is read only as far as they are consumed."""
    for text in git.spawn_stream("-C", str(root), *LOG, "--end-of-options", revision, "--"):
        yield from parse_commits(text)
