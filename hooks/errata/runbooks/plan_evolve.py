"""From logs to runbooks: decide which promotions and which runbook changes are due.

The result depends on the logs alone. ``now`` for every decision is the time of the newest record,
not the clock: two people with the same logs get the same bytes, and a quiet week changes nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from errata.core.config import AGENT_NAME, EVERYONE, Config
from errata.core.errors import RunbookError
from errata.core.git import Repository
from errata.lessons import hot_spots
from errata.lessons.chances import Chances
from errata.lessons.load import load_corpus
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis
from errata.patterns.corpus import Corpus
from errata.records.model import FUTURE_TOLERANCE
from errata.runbooks import entry, exports, paths, promotion_log, store
from errata.runbooks.entry import Entry
from errata.runbooks.promotion_log import PromotionEvent, Standing
from errata.runbooks.promotions import EvolveScope, Promotions, promotions

if TYPE_CHECKING:
    from errata.outcomes.outcome import Outcome


@dataclass(frozen=True)
class EvolvePlan:
    """What an evolve does, or would do.

    Attributes:
        corpus: all records.
        promotions: the decision about every pattern; None without records.
        standings: of every pattern, after ``events``.
        events: new lines of the promotion log.
        changes: all runbooks, including those that stay as they are.
        exports: the files for agents' tools that there are (:mod:`errata.runbooks.exports`).
        invalid_events: numbers of the promotion log's invalid lines.
        resolved_log: the promotion log without conflict markers, if it had any.
        not_helping: the lessons in force that agents repeat although they are taught.
    """

    corpus: Corpus
    promotions: Promotions | None
    standings: Mapping[str, Standing]
    events: list[PromotionEvent]
    changes: list[store.RunbookChange]
    invalid_events: list[int]
    resolved_log: bytes | None = None
    exports: Sequence[store.RunbookChange] = ()
    not_helping: Sequence[Outcome] = ()

    @property
    def decided(self) -> Analysis | None:
        """Every pattern as of the newest record; None without records."""
        return self.promotions.decided if self.promotions else None

    @property
    def files(self) -> list[store.RunbookChange]:
        """All files with a generated block: runbooks, then exports."""
        return [*self.changes, *self.exports]


def plan_evolve(
    repo: Repository,
    config: Config,
    limit: int,
    scope: EvolveScope | None = None,
    *,
    write_cache: bool = True,
    with_outbox: bool = True,
    code: Code | None = None,
    until: int | None = None,
    corpus: Corpus | None = None,
) -> EvolvePlan:
    """Decide what to change; writes at most the cache.

    Args:
        limit: records later than this (microseconds UTC, plus the tolerance) are in the future.
        until: plan as if nothing later than this instant were logged, to look back.
        code: decides which lessons retire because what they speak of is gone. Without it, as in a
            hook, those that the log retired stay so, and no other does.
        with_outbox: whether captured corrections count that are not in their log yet.
        corpus: all records, if they were read already.

    Raises:
        LogError, RunbookError: an input is damaged.
    """
    scope = scope or EvolveScope()
    limit += FUTURE_TOLERANCE
    if corpus is None:
        corpus = load_corpus(
            repo, config, write=write_cache, with_outbox=with_outbox, until=until, limit=limit
        )
    raw_log = promotion_log.read(repo.root, config)
    log = promotion_log.resolve_conflicts(raw_log)
    events, invalid = promotion_log.parse(log)
    events = [event for event in events if until is None or event.date <= until]
    standings = promotion_log.fold(events)
    if corpus.later:
        code = None  # What was in the code then is not known.
    decisions = promotions(corpus, config, standings, limit, scope, code)
    if decisions is None:
        return EvolvePlan(corpus, None, standings, [], [], invalid)
    standings = promotion_log.fold([*events, *decisions.events])
    if corpus.later:  # Nor what the runbooks said.
        return EvolvePlan(corpus, decisions, standings, decisions.events, [], invalid)
    unhelpful = _not_helping(corpus)
    entries = _Entries(decisions.decided, standings, {outcome.name for outcome in unhelpful})
    changes = list(_changes(repo.root, config, entries, scope, corpus))
    return EvolvePlan(
        corpus,
        decisions,
        standings,
        decisions.events,
        changes,
        invalid,
        resolved_log=log if log != raw_log else None,
        exports=_exports(repo.root, config, entries, scope),
        not_helping=unhelpful,
    )


class _Entries(NamedTuple):
    """What runbooks say.

    Attributes:
        unhelpful: names of the lessons that agents repeat although they are taught.
    """

    decided: Analysis
    standings: Mapping[str, Standing]
    unhelpful: Container[str]

    def by_agent(self, root: Path, config: Config) -> dict[str, list[Entry]]:
        """The entries of every runbook that has, or had, any."""
        agents = _agents_with_runbook(root / config.paths.runbooks)
        entries: dict[str, list[Entry]] = {agent: [] for agent in agents}
        for name, standing in self.standings.items():
            pattern = self.decided.patterns.get(name)
            current = []
            if pattern and not standing.archived:
                is_last = name in self.unhelpful
                current = [entry.from_pattern(pattern, standing, unhelpful=is_last)]
            for agent in standing.agents:
                entries.setdefault(agent, []).extend(current)
        return dict(sorted(entries.items()))


def _not_helping(corpus: Corpus) -> list[Outcome]:
    """The lessons in force that agents repeat although they are taught, by the newest counts."""
    work = corpus.work
    if not (isinstance(work, Chances) and work.outcomes):
        return []
    # It needs statistics, which take a while to import.
    from errata.outcomes.outcome import not_helping

    return [*not_helping(work.outcomes)]


def _changes(
    root: Path, config: Config, entries: _Entries, scope: EvolveScope, corpus: Corpus
) -> Iterator[store.RunbookChange]:
    """The change of every runbook in scope; hot spots are for everyone."""
    by_agent = entries.by_agent(root, config)
    if spots := hot_spots.of_corpus(corpus):
        by_agent.setdefault(EVERYONE, [])
    for agent, current in sorted(by_agent.items()):
        if scope.agent in (None, agent):
            shown = spots if agent == EVERYONE else ()
            yield store.plan_change(root, config, agent, current, shown, rebuild=scope.rebuild)


def _exports(
    root: Path, config: Config, entries: _Entries, scope: EvolveScope
) -> list[store.RunbookChange]:
    formats = exports.existing(root) if scope.agent is None else []
    if not formats:
        return []
    return exports.plan_exports(
        root, config, exports.promoted(*entries), formats, rebuild=scope.rebuild
    )


def _agents_with_runbook(folder: Path) -> list[str]:
    try:
        names = [child.name for child in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunbookError(f"{folder}: {error.strerror}") from error
    return [n for n in names if AGENT_NAME.match(n) and (folder / n / paths.FILE_NAME).exists()]
