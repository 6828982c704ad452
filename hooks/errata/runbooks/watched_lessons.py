"""The outcomes of all lessons that are, or were, in a runbook."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from errata.core.config import EVERYONE, Config
from errata.core.git import Repository
from errata.lessons import kinds
from errata.lessons.agent_work import AgentWork
from errata.lessons.instructions import lead_fact
from errata.lessons.outcome_counts import OutcomeCounts
from errata.outcomes.count_outcomes import chances, count_outcomes
from errata.outcomes.members import CommitFinder, Repetition, repeated, repetitions
from errata.outcomes.readers import Readers
from errata.outcomes.watched import STILL, Period, Watched, union
from errata.patterns.corpus import Corpus
from errata.provenance.identity import Provenance
from errata.records.model import DAY
from errata.runbooks import promotion_log, versions
from errata.runbooks.promotion_log import PromotionEvent


def count(
    repo: Repository,
    logs: Repository,
    config: Config,
    work: AgentWork,
    makers: Mapping[str, Provenance],
    corpus: Corpus,
) -> dict[str, OutcomeCounts]:
    """Name of a lesson -> what agents repeated of it; nothing if none was ever promoted.

    Args:
        logs: where the promotion log is.
        work: agents' commits.
        makers: who made each, by object id.
        corpus: all records, with the names of their lessons.

    Raises:
        LogError: the promotion log cannot be read.
    """
    events, _ = promotion_log.parse(promotion_log.read(logs.root, config))
    if not events:
        return {}
    window = config.capture.window_days * DAY
    rows = repetitions(corpus, CommitFinder(work, makers, window))
    history = versions.read(repo, config)
    lessons = watched(events, corpus, work, rows, history.first)
    records = Counter(row.sha for row in rows)
    readers = Readers.of_clone(repo, history.lessons)
    return count_outcomes(work, makers, lessons, records, readers, window)


def watched(
    events: Iterable[PromotionEvent],
    corpus: Corpus,
    work: AgentWork,
    rows: Sequence[Repetition],
    first: Mapping[str, int],
) -> list[Watched]:
    """The lessons of a promotion log under their present names.

    Args:
        first: name, as an entry shows it -> when the first commit has it in a runbook.
    """
    by_name = defaultdict[str, list[PromotionEvent]](list)
    for event in promotion_log.in_order(events):
        by_name[corpus.curation.name_of(event.pattern)].append(event)
    facts = {name: _facts(name, own, corpus) for name, own in by_name.items()}
    leads = {name: lead for name, every in facts.items() if (lead := lead_fact(every))}
    could = chances(work, leads, kinds.chance)
    lessons = []
    for name, own in by_name.items():
        known_as = {versions.shown_name(each) for each in (name, *(e.pattern for e in own))}
        in_force = periods(own, min((first[n] for n in known_as if n in first), default=0))
        stored = next((event.facts for event in reversed(own) if event.facts), ())
        members = repeated(rows, {name}, stored)
        lessons.append(
            Watched(
                name,
                in_force,
                members,
                could.get(name),
                _readers(own[-1]),
                frozenset(known_as),
                None if facts[name] else corpus.curation.named_until(name),
            )
        )
    return [each for each in lessons if each.periods]


def _facts(name: str, events: Sequence[PromotionEvent], corpus: Corpus) -> tuple[str, ...]:
    """What a lesson was made of when it was promoted; earlier versions of errata did not say."""
    lesson = corpus.lessons.get(name)
    stored = (event.facts for event in reversed(events) if event.facts)
    return next(stored, lesson.facts if lesson else ())


def periods(events: Iterable[PromotionEvent], first: int = 0) -> tuple[Period, ...]:
    """When a pattern was in a runbook, under any of its names; periods do not overlap.

    An event has the time of the newest record that it rests on, and what it decides may be
    committed much later.

    Args:
        events: in their order.
        first: when the first commit has it in a runbook; 0 if none has.
    """
    by_name = defaultdict[str, list[PromotionEvent]](list)
    for event in events:
        by_name[event.pattern].append(event)
    known: list[Period] = []
    for own in by_name.values():
        since: int | None = None
        for event in own:
            if event.event != "archived":
                since = event.date if since is None else since
            elif since is not None:
                known.append((since, event.date))
                since = None
        if since is not None:
            known.append((since, STILL))
    merged = union(known)
    if merged and merged[0][0] < first < merged[0][1]:
        return ((first, merged[0][1]), *merged[1:])
    return merged


def _readers(newest: PromotionEvent) -> frozenset[str]:
    """The agents that an event names; none if everyone is among them."""
    return frozenset() if EVERYONE in newest.agents else frozenset(newest.agents)
