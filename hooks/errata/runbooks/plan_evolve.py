"""From logs to runbooks: decide which promotions and which runbook changes are due.

The result depends on the logs alone. ``now`` for every decision is the time of the newest record,
not the clock: two people with the same logs get the same bytes, and a quiet week changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core.config import AGENT_NAME, EVERYONE, Config, Evolve
from errata.core.errors import RunbookError
from errata.core.git import Repository
from errata.lessons import hot_spots
from errata.lessons.load import load_corpus
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.corpus import Corpus
from errata.records.model import FUTURE_TOLERANCE
from errata.runbooks import entry, exports, paths, promote, promotion_log, store
from errata.runbooks.entry import Entry
from errata.runbooks.promotion_log import PromotionEvent, Standing


@dataclass(frozen=True, slots=True)
class EvolveScope:
    """What an evolve is limited to; everything by default.

    Attributes:
        since: promote only what the last ``since`` days justify.
        agent: change only this agent's runbook.
        pattern: decide only about this pattern.
        rebuild: overwrite blocks that were edited by hand.
    """

    since: int | None = None
    agent: str | None = None
    pattern: str | None = None
    rebuild: bool = False


@dataclass(frozen=True)
class EvolvePlan:
    """What an evolve does, or would do.

    Attributes:
        corpus: all records.
        decided: every pattern as of the newest record; None without records.
        standings: of every pattern, after ``events``.
        events: new lines of the promotion log.
        changes: all runbooks, including those that stay as they are.
        exports: the files for agents' tools that there are (:mod:`errata.runbooks.exports`).
        invalid_events: numbers of the promotion log's invalid lines.
        rules: the thresholds that were applied.
        resolved_log: the promotion log without conflict markers, if it had any.
    """

    corpus: Corpus
    decided: Analysis | None
    standings: Mapping[str, Standing]
    events: list[PromotionEvent]
    changes: list[store.RunbookChange]
    invalid_events: list[int]
    rules: Evolve
    resolved_log: bytes | None = None
    exports: Sequence[store.RunbookChange] = ()

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
) -> EvolvePlan:
    """Decide what to change; writes at most the cache.

    Args:
        limit: records later than this (microseconds UTC, plus the tolerance) are in the future.
        code: decides which lessons retire because what they speak of is gone. Without it, as in a
            hook, those that the log retired stay so, and no other does.
        with_outbox: whether captured corrections count that are not in their log yet.

    Raises:
        LogError, RunbookError: an input is damaged.
    """
    scope = scope or EvolveScope()
    corpus = load_corpus(repo, config, write=write_cache, with_outbox=with_outbox)
    raw_log = promotion_log.read(repo.root, config)
    log = promotion_log.resolve_conflicts(raw_log)
    events, invalid = promotion_log.parse(log)
    standings = promotion_log.fold(events)
    newest = corpus.newest_until(limit + FUTURE_TOLERANCE)
    if newest is None:
        return EvolvePlan(corpus, None, standings, [], [], invalid, config.evolve)
    decided = analyse(corpus, config, newest, ahead=0)
    candidates = _candidates(corpus, config, decided, scope)
    why_gone = _why_gone(corpus, code) if code else None
    rules, agent = config.evolve, scope.agent
    new = [*promote.new_events(decided, candidates, standings, rules, agent, why_gone)]
    standings = promotion_log.fold([*events, *new])
    changes = list(_changes(repo.root, config, decided, standings, scope, corpus))
    return EvolvePlan(
        corpus,
        decided,
        standings,
        new,
        changes,
        invalid,
        config.evolve,
        resolved_log=log if log != raw_log else None,
        exports=_exports(repo.root, config, decided, standings, scope),
    )


def _changes(
    root: Path,
    config: Config,
    decided: Analysis,
    standings: Mapping[str, Standing],
    scope: EvolveScope,
    corpus: Corpus,
) -> Iterator[store.RunbookChange]:
    """The change of every runbook in scope; hot spots are for everyone."""
    entries = _entries(root, config, decided, standings)
    if spots := hot_spots.of_corpus(corpus):
        entries.setdefault(EVERYONE, [])
    for agent, current in sorted(entries.items()):
        if scope.agent in (None, agent):
            shown = spots if agent == EVERYONE else ()
            yield store.plan_change(root, config, agent, current, shown, rebuild=scope.rebuild)


def _exports(
    root: Path,
    config: Config,
    decided: Analysis,
    standings: Mapping[str, Standing],
    scope: EvolveScope,
) -> list[store.RunbookChange]:
    formats = exports.existing(root) if scope.agent is None else []
    if not formats:
        return []
    entries = exports.promoted(decided, standings)
    return exports.plan_exports(root, config, entries, formats, rebuild=scope.rebuild)


def _why_gone(corpus: Corpus, code: Code) -> promote.WhyGone:
    def why_gone(pattern: Pattern) -> str:
        lesson = pattern.lesson
        return code.why_gone(lesson.facts, corpus.files(pattern.columns.place)) if lesson else ""

    return why_gone


def _candidates(
    corpus: Corpus, config: Config, decided: Analysis, scope: EvolveScope
) -> Mapping[str, Pattern]:
    """The patterns that may be promoted."""
    patterns = decided.patterns
    if scope.since is not None:
        now = decided.windows.now
        patterns = analyse(corpus, config, now, since=scope.since, ahead=0).patterns
    if scope.pattern is None:
        return patterns
    return {name: pattern for name, pattern in patterns.items() if name == scope.pattern}


def _entries(
    root: Path, config: Config, decided: Analysis, standings: Mapping[str, Standing]
) -> dict[str, list[Entry]]:
    """The entries of every runbook that has, or had, any."""
    agents = _agents_with_runbook(root / config.paths.runbooks)
    entries: dict[str, list[Entry]] = {agent: [] for agent in agents}
    for name, standing in standings.items():
        pattern = decided.patterns.get(name)
        active = pattern is not None and not standing.archived
        current = [entry.from_pattern(pattern, standing)] if pattern and active else []
        for agent in standing.agents:
            entries.setdefault(agent, []).extend(current)
    return dict(sorted(entries.items()))


def _agents_with_runbook(folder: Path) -> list[str]:
    try:
        names = [child.name for child in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunbookError(f"{folder}: {error.strerror}") from error
    return [n for n in names if AGENT_NAME.match(n) and (folder / n / paths.FILE_NAME).exists()]
