"""Count what agents repeated before a lesson or rule was in force, and after.

A chance is an agent's commit that could have repeated it. Commits that people have had no time to
correct do not count: those that are younger than the capture window. Where only people and agents
can tell what repeats a lesson, neither do those that they had no time to name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from errata.lessons.agent_work import AddedLines, AgentWork, files_of
from errata.lessons.chance_terms import alternatives
from errata.lessons.chances_log import MAX_LABEL
from errata.lessons.count_chances import Matcher
from errata.lessons.facts import Form, form_of
from errata.lessons.kinds import Fact
from errata.lessons.outcome_counts import MAX_OUTCOMES, OutcomeCounts, Tally
from errata.outcomes.readers import Readers
from errata.outcomes.shifts import Circumstances, area_of, shifts
from errata.outcomes.tallies import tally
from errata.outcomes.watched import STILL, Watched
from errata.provenance.identity import Provenance
from errata.records import instants
from errata.records.instants import day

_UNKNOWN = Provenance("agent")


class _Trial(NamedTuple):
    """An agent's commit.

    Attributes:
        cluster: the session, or the author and the day: commits of one cluster resemble each other.
    """

    commit: AddedLines
    maker: Provenance
    cluster: str
    areas: frozenset[str]


def count_outcomes(
    work: AgentWork,
    makers: Mapping[str, Provenance],
    watched: Iterable[Watched],
    records: Mapping[str, int],
    readers: Readers,
    window: int,
) -> dict[str, OutcomeCounts]:
    """Name -> counts, of at most 200: those in force first, then the newest.

    A lesson that no commit of an agent ever repeated is left out: its records match no commit. So
    is a rule that none could have broken.

    Args:
        makers: who made each agent's commit, by object id.
        records: object id of an agent's commit -> all records about it, of whatever pattern.
        window: how long people may take to correct a commit (microseconds). A commit shows by
            itself whether it broke a rule, so the newest ones count; their corrections do not.
    """
    settled = work.newest - window
    everything = [*_trials(work, makers)]
    trials = [trial for trial in everything if trial.commit.time <= settled]
    known = {commit.sha for commit in work.commits}
    roles = {trial.maker.role for trial in trials}
    chosen = [
        each
        for each in watched
        if len(each.name) <= MAX_LABEL and not known.isdisjoint(_evidence(each))
    ]
    chosen.sort(key=lambda each: (-each.until, -each.since, each.name))
    outcomes = {}
    for each in chosen[:MAX_OUTCOMES]:
        able = _could_repeat(each, everything if each.source == "rule" else trials, roles)
        if each.named_until is not None:
            able = [t for t in able if t.commit.time <= each.named_until - window]
        outcomes[each.name] = _count(each, able, records, readers, settled)
    return dict(sorted(outcomes.items()))


def chances(
    work: AgentWork,
    facts: Mapping[str, str],
    template: Callable[[str], str | None],
) -> dict[str, frozenset[str]]:
    """Name -> the agents' commits that could have called for its fact.

    Args:
        facts: name -> fact; those for which nothing says what could call for it are left out.
        template: kind -> the chance in ``rules/edits.toml``; None if it is not known.
    """
    terms = {}
    for fact in set(facts.values()):
        chance = ":any" if form_of(fact) is Form.PLACE else template(Fact.parse(fact).kind)
        if chance is not None and (wanted := alternatives(fact, chance)):
            terms[fact] = wanted
    shas = {fact: set[str]() for fact in terms}
    matcher = Matcher(terms, work.paths())
    for commit in work.commits if terms else ():
        for fact in matcher.facts(commit):
            shas[fact].add(commit.sha)
    return {name: frozenset(shas[fact]) for name, fact in facts.items() if fact in shas}


def _trials(work: AgentWork, makers: Mapping[str, Provenance]) -> Iterable[_Trial]:
    areas = [area_of(path) for path in work.paths()]
    for commit in work.commits:
        # A damaged date is 0.
        if commit.time > 0:
            maker = makers.get(commit.sha, _UNKNOWN)
            cluster = maker.session or f"{commit.author} {day(commit.time)}"
            changed = frozenset(areas[number] for number, _ in files_of(commit))
            yield _Trial(commit, maker, cluster, changed)


def _could_repeat(watched: Watched, trials: Sequence[_Trial], roles: set[str]) -> list[_Trial]:
    """The chances: commits of the roles that get the lesson, and any commit that repeated it."""
    readers = watched.agents & roles
    return [
        trial
        for trial in trials
        if (not readers or trial.maker.role in readers)
        and (
            watched.chances is None
            or trial.commit.sha in watched.chances
            or trial.commit.sha in watched.repeated
        )
    ]


def _count(
    watched: Watched,
    trials: Sequence[_Trial],
    records: Mapping[str, int],
    readers: Readers,
    settled: int,
) -> OutcomeCounts:
    before = [trial for trial in trials if trial.commit.time < watched.since]
    after = [trial for trial in trials if watched.is_in_force(trial.commit.time)]
    by_reading = defaultdict[bool | None, list[_Trial]](list)
    for trial in after:
        by_reading[readers.has_read(trial.commit, trial.maker, watched)].append(trial)
    # A correction of anything else, whether or not the commit repeated this, too.
    others = Counter(records)
    if watched.source == "lesson":
        # A commit shows by itself whether it broke a rule; no record says so.
        others.subtract(watched.repeated)
    return OutcomeCounts(
        source=watched.source,
        since=instants.iso(watched.since),
        until="" if watched.until == STILL else instants.iso(watched.until),
        named_until="" if watched.named_until is None else instants.iso(watched.named_until),
        says=watched.says,
        file=watched.file,
        before=_tally(before, watched.repeated),
        after=_tally(after, watched.repeated),
        read=_tally(by_reading[True], watched.repeated),
        unread=_tally(by_reading[False], watched.repeated),
        others_before=_tally((t for t in before if t.commit.time <= settled), others),
        others_after=_tally((t for t in after if t.commit.time <= settled), others),
        shifts=shifts(_circumstances(before), _circumstances(after)),
    )


def _evidence(watched: Watched) -> Iterable[str]:
    """The commits without which there is nothing to count."""
    return watched.chances or () if watched.source == "rule" else watched.repeated


def _tally(trials: Iterable[_Trial], repeated: Mapping[str, int]) -> Tally:
    clusters = defaultdict[str, list[int]](lambda: [0, 0])
    for trial in trials:
        counts = clusters[trial.cluster]
        counts[0] += 1
        counts[1] += repeated.get(trial.commit.sha, 0) > 0
    return tally((count, part) for count, part in clusters.values())


def _circumstances(trials: Iterable[_Trial]) -> list[Circumstances]:
    return [Circumstances(trial.maker, trial.commit.author, trial.areas) for trial in trials]
