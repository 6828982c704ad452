"""The outcomes of all lessons that are, or were, in a runbook."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from errata.core.config import EVERYONE, Config
from errata.core.git import Repository
from errata.lessons import kinds
from errata.lessons.agent_work import AgentWork
from errata.lessons.instructions import lead_fact
from errata.lessons.outcome_counts import OutcomeCounts
from errata.outcomes.count_outcomes import chances, count_outcomes
from errata.outcomes.members import CommitFinder, commits_by_pattern
from errata.outcomes.readers import Readers
from errata.outcomes.watched import STILL, Period, Watched
from errata.patterns.corpus import Corpus
from errata.provenance.identity import Provenance
from errata.records.model import DAY
from errata.runbooks import promotion_log, versions
from errata.runbooks.promotion_log import PromotionEvent


def count(
    repo: Repository,
    config: Config,
    work: AgentWork,
    makers: Mapping[str, Provenance],
    corpus: Corpus,
) -> dict[str, OutcomeCounts]:
    """Name of a lesson -> what agents repeated of it; nothing if none was ever promoted.

    Args:
        work: agents' commits.
        makers: who made each, by object id.
        corpus: all records, with the names of their lessons.

    Raises:
        LogError: the promotion log cannot be read.
    """
    events, _ = promotion_log.parse(promotion_log.read(repo.root, config))
    if not events:
        return {}
    window = config.capture.window_days * DAY
    commits = commits_by_pattern(corpus, CommitFinder(work, makers, window))
    everything = Counter[str]()
    for found in commits.values():
        everything.update(found)
    readers = Readers.of_clone(repo, versions.lessons_by_digest(repo, config))
    lessons = watched(events, corpus, work, commits)
    return count_outcomes(work, makers, lessons, everything, readers, window)


def watched(
    events: Iterable[PromotionEvent],
    corpus: Corpus,
    work: AgentWork,
    commits: Mapping[str, Mapping[str, int]],
) -> list[Watched]:
    """The lessons of a promotion log under their present names.

    Args:
        commits: name of a pattern -> agents' commits that repeated it -> records of that.
    """
    by_name = defaultdict[str, list[PromotionEvent]](list)
    for event in events:
        by_name[corpus.curation.name_of(event.pattern)].append(event)
    facts = {
        name: fact
        for name in by_name
        if (lesson := corpus.lessons.get(name)) and (fact := lead_fact(lesson.facts))
    }
    could = chances(work, facts, kinds.chance)
    return [
        Watched(
            name,
            in_force,
            commits.get(name, {}),
            could.get(name),
            _told(own),
            frozenset(versions.shown_name(each) for each in (name, *(e.pattern for e in own))),
        )
        for name, own in by_name.items()
        if (in_force := periods(own))
    ]


def periods(events: Iterable[PromotionEvent]) -> tuple[Period, ...]:
    """When a pattern was in a runbook, under any of its names; periods do not overlap."""
    by_name = defaultdict[str, list[PromotionEvent]](list)
    for event in promotion_log.in_order(events):
        by_name[event.pattern].append(event)
    found: list[Period] = []
    for own in by_name.values():
        since: int | None = None
        for event in own:
            if event.event != "archived":
                since = event.date if since is None else since
            elif since is not None:
                found.append((since, event.date))
                since = None
        if since is not None:
            found.append((since, STILL))
    return _merged(found)


def _merged(found: list[Period]) -> tuple[Period, ...]:
    merged: list[Period] = []
    for start, stop in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return tuple(merged)


def _told(events: Iterable[PromotionEvent]) -> frozenset[str]:
    """The agents that the newest event names; none if everyone is among them."""
    newest = promotion_log.in_order(events)[-1]
    return frozenset() if EVERYONE in newest.agents else frozenset(newest.agents)
