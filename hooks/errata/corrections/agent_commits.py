"""Which agents' commits are in the window before a commit, as a pass over history goes on."""

from __future__ import annotations

from bisect import bisect_left, insort

from errata.corrections.window import UNREAD, CommitGraph, time_made
from errata.provenance.commits import Commit
from errata.records.instants import clock


class AgentCommits:
    """Which agents' commits are in the window before a commit.

    Args:
        window: microseconds.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._now = clock()
        self._graph = CommitGraph(self._now)
        self._numbers: dict[str, int] = {}
        self._by_time: list[tuple[int, int]] = []
        self._agents: dict[str, int] = {}
        self._brought: dict[int, frozenset[int]] = {}
        self._recent: frozenset[int] = frozenset()
        self._key: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._agents)

    def add(self, commit: Commit, is_agent: bool) -> None:
        """Add a commit; its parents come first."""
        parents = [self._numbers.get(parent, UNREAD) for parent in commit.parents]
        number = self._numbers[commit.sha] = self._graph.add(commit, parents)
        if is_agent:
            self._agents[commit.sha] = number
            insort(self._by_time, (self._graph.entered[number], number))

    def in_window_before(self, person: Commit) -> frozenset[int]:
        """The numbers of the agents' commits in the window before a commit with one parent."""
        since = time_made(person, self._now) - self._window
        low = bisect_left(self._by_time, (since, 0))
        start = self._numbers.get(person.parents[0], UNREAD)
        merges = list(self._graph.merges(start, since))
        # Successive commits mostly have the same window.
        key = (low, len(self._by_time), *merges[:1], *merges[-1:])
        if key != self._key:
            numbers = {number for _, number in self._by_time[low:]}
            self._recent = frozenset(numbers.union(*map(self._agents_brought_by, merges)))
            self._key = key
        return self._recent

    def number(self, sha: str) -> int | None:
        """The number of an agent's commit; None if it is not one."""
        return self._agents.get(sha)

    def _agents_brought_by(self, merge: int) -> frozenset[int]:
        if merge not in self._brought:
            brought = self._graph.brought_by(merge)
            self._brought[merge] = frozenset(brought.intersection(self._agents.values()))
        return self._brought[merge]
