"""How long lines live on the main line: when they came, who wrote them, and when they went.

Kept for each commit that wrote lines, and for each age in days at which some of them went: so
memory grows with the commits of the history, not with its lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from errata.corrections.attribution.file_lines import Tree
from errata.corrections.attribution.line_changes import Before, line_changes
from errata.corrections.attribution.moved_lines import MovedLines
from errata.corrections.classify.generated_paths import is_generated
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.records.model import DAY


@dataclass(frozen=True, slots=True)
class CommitLines:
    """What became of the lines of one commit.

    Attributes:
        writer: who made the commit: an agent or a person.
        gone: age in days -> how many lines went at that age.
        age: how old the other lines are when the history ends.
        alive: how many those are.
    """

    writer: Provenance
    gone: Mapping[int, int]
    age: int
    alive: int


@dataclass(slots=True)
class _Landed:
    """The lines of one commit on the main line so far."""

    writer: Provenance
    when: int
    alive: int = 0
    gone: Counter[int] = field(default_factory=Counter)


class LineLifetimes:
    """Collects them in one pass; :meth:`commits` are the result.

    Lines that came before the first line of an agent do not count: in the years before, a project
    was another one, and all its lines were people's.

    Args:
        now: the latest instant that a commit can be from, whatever its clock said.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self.start(frozenset(), [], lambda _: Provenance("unknown"))

    def start(
        self,
        main_line: frozenset[str],
        commits: Sequence[Commit | None],
        classify: Callable[[Commit], Provenance],
    ) -> None:
        """Begin a pass, and forget any earlier one.

        Args:
            commits: every commit read, by number; the pass adds them.
        """
        self._main_line = main_line
        self._commits = commits
        self._classify = classify
        self._landed: dict[int, _Landed] = {}
        self._has_agent = False
        self._time = 0

    def wants(self, commit: Commit) -> bool:
        """Whether a commit is on the main line."""
        return commit.sha in self._main_line

    def observe(self, commit: Commit, before: Before, after: Tree, moved: MovedLines) -> None:
        """Take the next commit of the main line. Raises GitError: an object is missing."""
        # Clocks differ; no line goes before it comes.
        self._time = max(self._time, min(commit.committer_time, self._now))
        changes = line_changes(before, after, moved, is_generated)
        # The agent's first, so that people's lines of the same merge count.
        writers = {number: self._writer(number) for number in changes.keys() - self._landed.keys()}
        self._has_agent = self._has_agent or any(w.kind == "agent" for w in writers.values())
        for number, change in changes.items():
            self._add(number, change, writers.get(number))

    def _writer(self, number: int) -> Provenance:
        commit = self._commits[number]
        assert commit is not None, "only number 0 stands for no commit"
        return self._classify(commit)

    def _add(self, number: int, change: int, writer: Provenance | None) -> None:
        landed = self._landed.get(number)
        if landed is None:
            if not (writer and self._has_agent and change > 0):
                return
            landed = self._landed[number] = _Landed(writer, self._time)
        if change < 0:
            change = -min(-change, landed.alive)
            landed.gone[(self._time - landed.when) // DAY] -= change
        landed.alive += change

    def commits(self) -> Iterator[CommitLines]:
        """The lines of each commit of an agent or a person, oldest first."""
        for landed in self._landed.values():
            if landed.writer.kind in ("agent", "person"):
                age = (self._time - landed.when) // DAY
                yield CommitLines(landed.writer, +landed.gone, age, landed.alive)
