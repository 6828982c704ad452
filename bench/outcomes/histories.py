"""Simulated histories: sessions of agents' commits, what they repeat, and when a lesson comes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from errata.lessons.outcome_counts import OutcomeCounts
from errata.outcomes.tallies import tally
from errata.patterns.score import confidence

SESSION = 5
"""Mean number of commits of a session."""
CORRELATION = 0.1
"""How much commits of a session resemble each other, where they do."""
AUTHORS = (0.6, 1.0, 1.4)
"""By what factor each author's sessions repeat things more often."""
OTHERS = 0.2
"""Share of commits that are corrected for anything else."""
EVOLVE_EVERY = 20
"""Commits from one run of ``errata evolve`` to the next."""
BURST, BURST_COMMITS = 3, 20
MIN_OCCURRENCES, MIN_CONFIDENCE = 3, 0.6
"""The thresholds of promotion; tests hold them to the defaults of the settings."""


@dataclass(frozen=True)
class Scenario:
    """What is planted.

    Attributes:
        rate: share of commits that repeat the lesson, at the start; of lessons, the least and the
            greatest, from which it is drawn (uniformly, its logarithm).
        before, after: commits before a rule is written, and after; of lessons, all commits.
        effect: after / before of the lesson, apart from the drift.
        drift: how all corrections change: "none", "fall" (by half, evenly), "drop" (by half) and
            "rise" (by double) at the date of the rule.
        clustered: whether commits of a session and of an author resemble each other.
        start: when it comes into force: "date", after the commits before; "promoted", because it
            is repeated; "burst", when BURST of the last BURST_COMMITS commits repeat it.
    """

    rate: tuple[float, float]
    before: int
    after: int
    effect: float = 1.0
    drift: str = "none"
    clustered: bool = True
    start: str = "date"


@dataclass(frozen=True)
class Session:
    """One session: its commits, and how many repeat the lesson, and anything else.

    ``mean`` is the share that repeats the lesson in sessions at this time.
    """

    commits: int
    repeated: int
    others: int
    mean: float


@dataclass(frozen=True)
class Simulated:
    """The counts of a history, and the difference of the expected shares."""

    counts: OutcomeCounts
    difference: float


def simulate(rng: random.Random, scenario: Scenario) -> Simulated | None:
    """A history with a rule or a lesson; None if the lesson is never promoted."""
    low, high = scenario.rate
    rate = math.exp(rng.uniform(math.log(low), math.log(high)))
    before, after = (_dated if scenario.start == "date" else _repeated)(rng, scenario, rate)
    if not after:
        return None
    counts = OutcomeCounts(
        since="2026-01-01T00:00:00Z",
        before=tally((s.commits, s.repeated) for s in before),
        after=tally((s.commits, s.repeated) for s in after),
        others_before=tally((s.commits, s.others) for s in before),
        others_after=tally((s.commits, s.others) for s in after),
    )
    return Simulated(counts, _expected(after) - _expected(before))


def _dated(
    rng: random.Random, scenario: Scenario, rate: float
) -> tuple[list[Session], list[Session]]:
    before = list(_sessions(rng, scenario, rate, 0, scenario.before))
    total = scenario.before + scenario.after
    after = list(_sessions(rng, scenario, rate * scenario.effect, scenario.before, total))
    return before, after


def _repeated(
    rng: random.Random, scenario: Scenario, rate: float
) -> tuple[list[Session], list[Session]]:
    """Until it is repeated often enough; then the rest."""
    is_due = _promotion(rng) if scenario.start == "promoted" else _burst
    total = scenario.before + scenario.after
    before: list[Session] = []
    for session in _sessions(rng, scenario, rate, 0, total):
        before.append(session)
        if is_due(before):
            break
    done = sum(session.commits for session in before)
    return before, list(_sessions(rng, scenario, rate * scenario.effect, done, total))


def _promotion(rng: random.Random) -> Callable[[list[Session]], bool]:
    """Enough sessions repeat it, at one of the runs of ``errata evolve``."""
    occurrences = _occurrences(1 + rng.randrange(3), rng.choice((0.6, 0.8, 1.0)))
    done, repeating, evolve = 0, 0, rng.randrange(EVOLVE_EVERY)

    def is_due(sessions: list[Session]) -> bool:
        nonlocal done, repeating, evolve
        done += sessions[-1].commits
        repeating += sessions[-1].repeated > 0
        if done < evolve:
            return False
        evolve += EVOLVE_EVERY
        return repeating >= occurrences

    return is_due


def _burst(sessions: list[Session]) -> bool:
    """A person is annoyed."""
    commits = repeated = 0
    for session in reversed(sessions):
        if (commits := commits + session.commits) > BURST_COMMITS:
            break
        repeated += session.repeated
    return repeated >= BURST


@cache
def _occurrences(places: int, weight: float) -> int:
    """How many sessions must repeat a lesson before it is promoted."""
    count = MIN_OCCURRENCES
    while not confidence(
        count=count,
        severity_sum=0.6 * count,
        weight_sum=weight * count,
        last=0,
        now=0,
        services=1,
        agents=1,
        places=places,
    ).reaches(MIN_CONFIDENCE):
        count += 1
    return count


def _sessions(
    rng: random.Random, scenario: Scenario, rate: float, start: int, stop: int
) -> Iterator[Session]:
    total = scenario.before + scenario.after
    while start < stop:
        size = min(_size(rng), stop - start)
        level = _level(scenario, start / total)
        author = rng.choice(AUTHORS) if scenario.clustered else 1.0
        mean = rate * level
        repeated = _repeats(rng, size, mean * author, scenario.clustered)
        others = _repeats(rng, size, OTHERS * level * author, scenario.clustered)
        yield Session(size, repeated, others, mean)
        start += size


def _size(rng: random.Random) -> int:
    """Geometric with the mean of SESSION."""
    return 1 + int(math.log(1 - rng.random()) / math.log(1 - 1 / SESSION))


def _level(scenario: Scenario, time: float) -> float:
    """By what factor all corrections differ from the start, at a time from 0 to 1."""
    changed = time >= scenario.before / (scenario.before + scenario.after)
    match scenario.drift:
        case "fall":
            return 1 - time / 2
        case "drop":
            return 0.5 if changed else 1.0
        case "rise":
            return 1.0 if changed else 0.5
        case _:
            return 1.0


def _repeats(rng: random.Random, size: int, mean: float, clustered: bool) -> int:
    share = min(mean, 0.95)
    if clustered:
        weight = 1 / CORRELATION - 1
        share = rng.betavariate(share * weight, (1 - share) * weight)
    return sum(rng.random() < share for _ in range(size))


def _expected(sessions: list[Session]) -> float:
    commits = sum(session.commits for session in sessions)
    return math.fsum(session.mean * session.commits for session in sessions) / commits
