"""The commits of a history that may correct something, looked at by all processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from errata.core.forked import ForkedBatches, processors
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import CommitDiff, FileDiff
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.correction import Correction
from errata.provenance.commits import Commit

SMALLEST = 32
"""How many commits the first batches have, so that no processor waits long for work."""
_LARGEST, _GROWTH = 256, 1.2
_MAX_LINES = 20_000
"""A batch is complete with this many changed lines, however few commits it has."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit that may correct something.

    Attributes:
        files: those that have lines of agents' commits.
        hunks: of these files.
        in_window: the numbers of the agents' commits in the window.
    """

    diff: CommitDiff
    files: Sequence[FileDiff]
    hunks: Sequence[AttributedHunk]
    in_window: frozenset[int]

    @property
    def lines(self) -> int:
        """How many lines the commit changes."""
        return sum(len(h.old) + len(h.new) for file in self.diff.files for h in file.hunks)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What the candidates of a batch correct.

    Attributes:
        process: the id of the process that found it.
        carried: the changes of agents from elsewhere that some of the commits have.
    """

    process: int
    corrections: list[Correction]
    carried: list[tuple[Commit, Changes]]


class CandidateBatches:
    """Collects candidates, oldest first, and says in the same order what they correct.

    Args:
        detect: says it for some of them; runs in copies of this process if there are many.
        prepare: is called once before this process is copied.
        size: how many commits the first batches have.
    """

    def __init__(
        self,
        detect: Callable[[Sequence[Candidate]], BatchResult],
        prepare: Callable[[], object],
        size: int = SMALLEST,
    ) -> None:
        self._detect = detect
        self._prepare = prepare
        self._forked = ForkedBatches(detect)
        self._processors = processors()
        self._pending: list[Candidate] = []
        self._lines = 0
        self._size = float(size)
        self._may_fork = False

    def add(self, candidate: Candidate) -> Iterator[BatchResult]:
        """Add the next candidate; returns what is known by now."""
        self._pending.append(candidate)
        self._lines += candidate.lines
        is_complete = len(self._pending) >= self._size or self._lines >= _MAX_LINES
        if is_complete or self._processors == 1:
            yield from self._end_batch()

    def finish(self) -> Iterator[BatchResult]:
        """What the last candidates correct."""
        if self._pending:
            yield from self._end_batch()
        yield from self._forked.results()

    def restart(self) -> None:
        """Begin again with those that nothing is known about."""
        self._forked.restart()

    def close(self) -> None:
        """Stop."""
        self._forked.close()

    def _end_batch(self) -> Iterator[BatchResult]:
        batch, self._pending, self._lines = self._pending, [], 0
        if self._may_fork:
            self._size = min(self._size * _GROWTH, _LARGEST)
            self._forked.add(batch)
            yield from self._forked.results(self._processors)
            return
        # A short history needs no copies. In a long one, they begin with what this loads.
        yield self._detect(batch)
        if self._processors > 1:
            self._prepare()
            self._may_fork = True
