"""The window: how long after an agent's commit a person's change counts as a correction of it.

Order comes from ancestry, not from clocks: a commit is later than its ancestors, whatever the dates
say. The window starts when the agent's commit enters the first-parent history of the person's
commit. That is its committer time, or the time of the merge that brought it in.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from errata.records.model import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from errata.provenance.commits import Commit

UNREAD = 0
"""The number of every commit that was not read."""


def time_made(commit: Commit, now: int) -> int:
    """When a commit was made (microseconds), if none of its clocks was ahead.

    A person may commit with ``--date``, and one of the two dates may come from a wrong clock.
    """
    times = [time for time in (commit.author_time, commit.committer_time) if time]
    return min(*times, now) if times else 0


class CommitGraph:
    """Commits by number, from 1, in an order in which parents come before their children.

    Attributes:
        parents: the numbers of each commit's parents; ``UNREAD`` for those that were not read.
        entered: the time of each commit (microseconds), which is not before that of its parents.
    """

    def __init__(self, now: int) -> None:
        self.parents: list[Sequence[int]] = [()]
        self.entered: list[int] = [0]
        self._last_merges: list[int] = [UNREAD]
        self._latest = now + DAY

    def add(self, commit: Commit, parents: Sequence[int]) -> int:
        """Add a commit; returns its number."""
        number = len(self.parents)
        # A date in the future is wrong. Without this, all later commits would get it.
        times = (commit.committer_time, commit.author_time)
        time = next((time for time in times if 0 < time <= self._latest), 0)
        self.entered.append(max([time, *(self.entered[parent] for parent in parents)]))
        self.parents.append(parents)
        before = self._last_merges[parents[0]] if parents else UNREAD
        self._last_merges.append(number if len(parents) > 1 else before)
        return number

    def first_parents(self, number: int, since: int) -> Iterator[int]:
        """The first-parent history from a commit, back to ``since``."""
        while number != UNREAD and self.entered[number] >= since:
            yield number
            number = self.parents[number][0] if self.parents[number] else UNREAD

    def merges(self, number: int, since: int) -> Iterator[int]:
        """The merges of :meth:`first_parents`."""
        number = self._last_merges[number]
        while number != UNREAD and self.entered[number] >= since:
            yield number
            number = self._last_merges[self.parents[number][0]]

    def brought_by(self, merge: int) -> set[int]:
        """The commits that a merge brought into its first parent's history."""
        first, *others = self.parents[merge]
        is_old = {number: False for number in others if number != UNREAD}
        if first != UNREAD:
            is_old[first] = True
        undecided = sum(not old for old in is_old.values())
        # Highest number first: then all children of a commit were seen before it.
        queue = [-number for number in is_old]
        heapify(queue)
        brought = set()
        while queue and undecided:
            number = -heappop(queue)
            if not is_old[number]:
                undecided -= 1
                brought.add(number)
            for parent in self.parents[number]:
                if parent != UNREAD and parent not in is_old:
                    is_old[parent] = is_old[number]
                    undecided += not is_old[number]
                    heappush(queue, -parent)
                elif parent != UNREAD and is_old[number] and not is_old[parent]:
                    is_old[parent] = True
                    undecided -= 1
        return brought
