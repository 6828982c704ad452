"""How often agents' commits could have called for a correction, and how often they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from errata.core.config import Config
from errata.lessons import chances_log, statistics
from errata.lessons.chances_log import ByMonth, ChancesLine
from errata.lessons.facts import Form, form_of
from errata.lessons.kinds import Fact
from errata.lessons.outcome_counts import OutcomeCounts
from errata.patterns.lesson import Rate
from errata.records import instants

_NO_COUNTS: Mapping[str, ByMonth] = {}


class Chances:
    """What the newest line of ``chances.jsonl`` counts; false if there is none.

    Attributes:
        line: that line; None if there is none.
        as_of: the instant up to which it counts (microseconds UTC); 0 without a line.
        edits: fact -> the commits that could have called for it, and those that did, by month.
        kinds: kind -> the names that agents added, and those of them that were corrected, by month.
        files, folders: the commits that changed each, and those corrected there, by month.
        file_changes, folder_changes: the sums over all files, or folders, with enough changes.
        compared_files, compared_folders: how many those are.
        outcomes: name of a lesson or rule -> how often agents repeated it.
        invalid: the numbers of the lines that are left out.
    """

    def __init__(self, line: ChancesLine | None = None, invalid: Iterable[int] = ()) -> None:
        self.line = line
        self.invalid = tuple(invalid)
        self.as_of = line.when if line else 0
        self.edits = line.edits if line else _NO_COUNTS
        self.kinds = line.kinds if line else _NO_COUNTS
        self.files = line.files if line else _NO_COUNTS
        self.folders = line.folders if line else _NO_COUNTS
        self.file_changes: ByMonth = line.file_changes if line else {}
        self.folder_changes: ByMonth = line.folder_changes if line else {}
        self.compared_files = line.compared_files if line else 0
        self.compared_folders = line.compared_folders if line else 0
        self.outcomes: Mapping[str, OutcomeCounts] = line.outcomes if line else {}
        self._all = line.agent_commits if line else {}

    @classmethod
    def read(cls, root: Path, config: Config, until: int | None = None) -> Chances:
        """What the file of a repository counts; nothing without one.

        Args:
            until: see :func:`errata.lessons.chances_log.parse`.

        Raises:
            LogError: it cannot be read, or a link leads out of the work tree.
        """
        data = chances_log.read(root, config)
        return cls(*chances_log.parse(data, until)) if data else cls()

    def __bool__(self) -> bool:
        return bool(self.as_of)

    def of(self, fact: str, since: int | None = None, until: int | None = None) -> int | None:
        """Agents' commits in ``(since, until]`` that could have called for an edit.

        A month that is only partly in the window counts by its share.

        Returns:
            None if it is not known: the fact was not counted, or less than half of the window was.
        """
        return self._count(self.edits.get(fact), 0, since, until)

    def corrected_of(
        self, fact: str, since: int | None = None, until: int | None = None
    ) -> int | None:
        """Those of the commits of :meth:`of` that were corrected in this way."""
        return self._count(self.edits.get(fact), 1, since, until)

    def agent_commits(self, since: int | None = None, until: int | None = None) -> int | None:
        """Agents' commits in ``(since, until]``; None if that is not known."""
        return self._count(self._all, 0, since, until) if self else None

    def corrected(self, since: int | None = None, until: int | None = None) -> int | None:
        """Those of the agents' commits that were corrected in any way."""
        return self._count(self._all, 1, since, until) if self else None

    def base_rate(self, kind: str, without: str = "") -> float | None:
        """The share that is corrected of comparable work; None if there is none, or not known.

        A fact with a subject is compared with all other names that agents added, one with a place
        (``KIND in tests``) with the other places. A kind alone cannot be compared.

        Args:
            kind: of edits.
            without: the fact to compare; the kind alone by default.
        """
        return self._comparison(without or kind)[0]

    def _comparison(self, fact: str) -> tuple[float | None, str]:
        """The share that is corrected of comparable work, and what that is, as a noun phrase."""
        kind, form = Fact.parse(fact).kind, form_of(fact)
        part = self.edits.get(fact)
        if form is Form.AREA:
            return _difference(self.edits.get(kind), part), "the same edit elsewhere"
        if form is Form.SUBJECT:
            return _difference(self.kinds.get(kind), part), "other names in agents' commits"
        return None, ""

    def rate(self, fact: str, corrected: int | None = None) -> Rate | None:
        """How often an edit was made of all chances, and of how many; None if not known.

        Args:
            corrected: agents' commits that were corrected in this way; as counted by default.
        """
        chances, counted = self.of(fact), self.corrected_of(fact)
        if chances is None or counted is None:
            return None
        base, others = self._comparison(fact)
        is_comparable = base is not None
        if base is None:
            commits, in_any_way = totals(self._all)
            base, others = in_any_way / max(1, commits), "corrections of any kind"
        corrected = counted if corrected is None else corrected
        return statistics.rate(corrected, chances, base, others, is_comparable=is_comparable)

    def _count(
        self, counts: ByMonth | None, column: int, since: int | None, until: int | None
    ) -> int | None:
        if counts is None or (since is not None and since >= self.as_of):
            return None
        low = instants.FIRST if since is None else since
        high = self.as_of if until is None else min(until, self.as_of)
        if since is not None and until is not None and 2 * (high - since) < until - since:
            return None
        total = 0.0
        for month, pair in sorted(counts.items()):
            start, stop = instants.month_span(month)
            # Later days of the newest month are not known yet.
            stop = min(stop, max(self.as_of, start + 1))
            if (inside := min(high, stop) - max(low, start)) > 0:
                total += pair[column] * inside / (stop - start)
        return int(total + 0.5)


def _difference(everything: ByMonth | None, part: ByMonth | None) -> float | None:
    """The rate of everything but a part; None if nothing is left.

    By Laplace's rule: that none of few was corrected does not show that none ever is.
    """
    if everything is None or part is None:
        return None
    (chances, corrected), (less, fewer) = totals(everything), totals(part)
    if chances <= less:
        return None
    return (max(0, corrected - fewer) + 1) / (chances - less + 2)


def totals(counts: ByMonth) -> tuple[int, int]:
    """The sums over all months."""
    return sum(pair[0] for pair in counts.values()), sum(pair[1] for pair in counts.values())
