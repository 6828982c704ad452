"""What a view shows: the records up to a moment, and the one decision about each pattern.

All figures are as of the newest record, as they are in runbooks. The clock only decides whether
the newest record is recent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from errata.commands import place
from errata.commands.screen import START, find, safe
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.lessons.chances import Chances
from errata.lessons.load import load_corpus
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.corpus import Corpus
from errata.records.instants import clock, day
from errata.records.model import DAY, FUTURE_TOLERANCE
from errata.records.pattern_names import normal_name
from errata.runbooks import promotion_log
from errata.runbooks.promotion_log import Standing
from errata.runbooks.promotions import Promotions, Verdict, promotions

if TYPE_CHECKING:
    from errata.outcomes.outcome import Outcome


@dataclass(frozen=True)
class View:
    """The records of a repository up to a moment.

    Attributes:
        today: the moment of --as-of, or the current one.
        until: later records do not count.
        is_past: whether there are later ones, which are as if nobody had logged them yet.
    """

    repo: Repository
    config: Config
    corpus: Corpus
    today: int
    until: int
    is_past: bool

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """What the promotion log said of every pattern."""
        until = self.until if self.is_past else None
        return promotion_log.load(self.repo.root, self.config, until)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """What became of each lesson, as `errata backfill` counted it."""
        counts = Chances.read(self.repo.root, self.config, self.until if self.is_past else None)
        if not counts.outcomes:
            return {}
        from errata.outcomes.outcome import ranked

        return {outcome.name: outcome for outcome in ranked(counts.outcomes)}

    @cached_property
    def promotions(self) -> Promotions | None:
        """The decision about every pattern; None without records."""
        # What was in the code on another day is not known.
        code = None if self.is_past else Code(self.repo, self.config)
        return promotions(self.corpus, self.config, self.standings, self.until, code=code)

    @property
    def analysis(self) -> Analysis | None:
        """Every pattern as of the newest record; None without records."""
        return self.promotions.decided if self.promotions else None

    @cached_property
    def now(self) -> int:
        """The instant that all figures are as of: that of the newest record."""
        newest = self.corpus.newest_until(self.until)
        return self.today if newest is None else newest

    def verdict(self, name: str) -> Verdict:
        """What is to be said about the promotion of a known pattern."""
        assert self.promotions is not None, "a known pattern has records"
        return self.promotions.verdict(name)

    def is_recent(self, newest: int | None, days: int) -> bool:
        """Whether something happened in the last ``days`` days."""
        return newest is not None and newest > self.today - days * DAY

    def window(self, days: int) -> str:
        """The window of so many days that figures are about: ``last 30 days``, or its last day."""
        if self.now // DAY >= self.today // DAY - 1:
            return f"last {days} days"
        return f"{days} days to {day(self.now)}"

    def knows(self, name: str) -> bool:
        """Whether there is a pattern with this name in any spelling."""
        return self.analysis is not None and self._present(name) in self.analysis.patterns

    def find(self, name: str) -> Pattern:
        """The pattern with this name in any spelling, or that had it before it was renamed.

        Raises:
            ErrataError: there is none, or agents only propose it.
        """
        present = self._present(name)
        if not self.knows(name) and self.corpus.curation.proposed(present):
            raise ErrataError(f"{safe(name)!r} is only proposed", "`errata review` shows it")
        if self.analysis is None:
            hint = (
                "no record was logged by then"
                if self.is_past
                else f"nothing is logged yet: {START}"
            )
            raise ErrataError(f"no pattern named {safe(name)!r}", hint)
        return find(self.analysis, present if present in self.analysis.patterns else name)

    def _present(self, name: str) -> str:
        """A name that people may have changed, as it is now."""
        return self.corpus.curation.name_of(normal_name(name))

    @property
    def future(self) -> int:
        """How many records are left out because they are in the future."""
        return self.corpus.future + self.corpus.occurrences.count_after(self.until)


def open_view(as_of: int | None) -> View:
    """What there is to show about the repository of the current directory.

    Args:
        as_of: look back to this instant (microseconds UTC): nothing later is shown.
    """
    repo, config = place.with_logs()
    limit = clock() + FUTURE_TOLERANCE
    corpus = load_corpus(repo, config, until=as_of, limit=limit)
    today = clock() if as_of is None else as_of
    until = limit if as_of is None else as_of
    return View(repo, config, corpus, today, until, corpus.later > 0)
