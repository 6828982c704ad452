"""Which commits can be corrections: made by a person, with an agent's commit in the window before.

One ``git log`` decides, and nearly always says no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.window import UNREAD, CommitGraph, time_made
from errata.provenance.commits import LOG, Commit, parse_commits
from errata.records.instants import clock
from errata.records.model import DAY

# Dates in a history need not be in order. Like git itself, read some commits beyond the window
# before believing that all others are older, too.
_SLOP = 10
_MAX_COMMITS = 10_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person's commit with agents' commits in the window before it.

    Attributes:
        agent_commits: by object id.
        boundary: the newest commit of the first-parent history before the window; None if the
            history begins in the window.
    """

    commit: Commit
    agent_commits: dict[str, Commit]
    boundary: str | None = None


def find_candidate(
    root: Path, config: Config, classifier: CommitClassifier, revision: str = "HEAD"
) -> Candidate | None:
    """The revision as a candidate; None if it corrects nothing."""
    history = read_history(root, revision)
    commit = next(history, None)
    if commit is None or len(commit.parents) != 1 or classifier.classify(commit).kind != "person":
        return None
    return find_candidate_in(history, commit, config, classifier)


def find_candidate_in(
    history: Iterable[Commit], person: Commit, config: Config, classifier: CommitClassifier
) -> Candidate | None:
    """A person's commit with one parent as a candidate; None if it corrects nothing.

    Args:
        history: that of the parent, newest first.
    """
    now = clock()
    since = time_made(person, now) - config.capture.window_days * DAY
    commits = _read_window(history, person.parents[0], since)
    graph, numbers = _number(commits, person.parents[0], now)
    recent = {number for number, entered in enumerate(graph.entered) if entered >= since}
    start = numbers.get(person.parents[0], UNREAD)
    for merge in graph.merges(start, since):
        recent |= graph.brought_by(merge)
    in_window = [commit for commit in commits.values() if numbers.get(commit.sha) in recent]
    classifier.prefetch(in_window)
    agent_commits = {c.sha: c for c in in_window if classifier.has_agent_lines(c)}
    if not agent_commits:
        return None
    chain = sum(1 for _ in graph.first_parents(start, since))
    return Candidate(person, agent_commits, _first_parent(commits, person.parents[0], chain))


def _read_window(history: Iterable[Commit], start: str, since: int) -> dict[str, Commit]:
    """The commits of the window by object id, and some that are older.

    Reading goes on until only the first-parent history is open: a branch that was merged in the
    window may be older than the window, but it began at a commit of that history.
    """
    commits: dict[str, Commit] = {}
    unread, next_first_parent = {start}, start
    older = 0
    for commit in history:
        commits[commit.sha] = commit
        unread.discard(commit.sha)
        unread.update(parent for parent in commit.parents if parent not in commits)
        # Git walks by committer time.
        older = older + 1 if commit.committer_time < since else 0
        if older > _SLOP:
            while next_first_parent in commits:
                next_first_parent = _first_parent(commits, next_first_parent, 1) or ""
            if unread <= {next_first_parent} or len(commits) > _MAX_COMMITS:
                break
    return commits


def _first_parent(commits: Mapping[str, Commit], sha: str, generations: int) -> str | None:
    """The first parent, some generations back; None beyond the first commit."""
    for _ in range(generations):
        parents = commits[sha].parents
        if not parents:
            return None
        sha = parents[0]
    return sha


def _number(
    commits: Mapping[str, Commit], start: str, now: int
) -> tuple[CommitGraph, dict[str, int]]:
    """The ancestors of a commit, itself included, as a graph; and their numbers."""
    graph = CommitGraph(now)
    numbers: dict[str, int] = {}
    stack = [start] if start in commits else []
    while stack:
        commit = commits[stack[-1]]
        later = [p for p in commit.parents if p in commits and p not in numbers]
        if later:
            stack += later
        elif commit.sha in numbers:
            stack.pop()
        else:
            parents = [numbers.get(parent, UNREAD) for parent in commit.parents]
            numbers[stack.pop()] = graph.add(commit, parents)
    return graph, numbers


def read_history(root: Path, revision: str) -> Iterator[Commit]:
    """Commits from a revision, newest first; git is read only as far as they are consumed."""
    for text in git.spawn_stream("-C", str(root), *LOG, "--end-of-options", revision, "--"):
        yield from parse_commits(text)
