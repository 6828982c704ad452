"""Compares what errata learnt with what readers found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.lessons.labels import Judgement, ReadLesson
from bench.lessons.learn import Learnt
from errata.lessons.chances import Chances
from errata.lessons.described import Described, described
from errata.patterns.lesson import Lesson
from errata.records.instants import parse
from errata.records.model import Kind

MEMBERS = 3
"""How many commits make a lesson, and a match."""


def is_found(lesson: ReadLesson, learnt: Iterable[Learnt]) -> bool:
    """Whether a pattern holds three of the lesson's commits, which are half of its members."""
    return any(
        shared >= MEMBERS and 2 * shared >= len(pattern.commits)
        for pattern in learnt
        if (shared := sum(sha.startswith(lesson.commits) for sha in pattern.commits))
    )


def is_within_reach(lesson: ReadLesson, captured: Iterable[str]) -> bool:
    """Whether three of the lesson's commits were captured, so that grouping can find it."""
    return sum(sha.startswith(lesson.commits) for sha in captured) >= MEMBERS


@dataclass(frozen=True, slots=True)
class Judged:
    """The patterns of some repositories, by what readers say of them.

    Attributes:
        right, followable: patterns of which every reader says so.
        total: patterns with a judgement.
        unread: patterns without one.
    """

    right: int
    followable: int
    total: int
    unread: int


def judge(
    patterns: Sequence[tuple[str, Learnt]], judgements: Mapping[tuple[str, str], Judgement]
) -> Judged:
    """Count (repository, pattern) pairs."""
    read = [j for repo, p in patterns if (j := judgements.get((repo, p.name)))]
    return Judged(
        sum(all(j.right) for j in read),
        sum(all(j.followable) for j in read),
        len(read),
        len(patterns) - len(read),
    )


@dataclass(frozen=True, slots=True)
class Foresight:
    """What lessons of the earlier part of a history say about the later part.

    Attributes:
        lessons: lessons at the cut.
        covered, later: corrections after the cut that show all facts of a lesson; all of them.
        before: the share of earlier corrections that show all facts of a lesson: these made it.
        spoke, uncorrected: agents' later commits to which a lesson applied, and those of them that
            nobody corrected for it; counted once for each lesson. Only of lessons whose chances
            are known.
    """

    lessons: int
    covered: int
    later: int
    before: float
    spoke: int
    uncorrected: int


def split(records: Sequence[Mapping[str, Any]], share: float = 0.7) -> int:
    """How many of the records, in the order of time, are the earlier part of a history."""
    return round(len(records) * share)


def foresee(
    learnt: Sequence[Learnt],
    earlier: Sequence[Mapping[str, Any]],
    later: Sequence[Mapping[str, Any]],
    chances: Chances,
) -> Foresight:
    """How many later corrections fall under a lesson that was learnt before.

    Args:
        learnt: from ``earlier`` alone.
        chances: of the whole history.
    """
    lessons = [pattern.lesson for pattern in learnt if pattern.lesson]
    cut = int(_parts(later[0]).when) if later else 0
    applied = [_applied(lesson, chances, cut) for lesson in lessons]
    spoke, corrected = (sum(column) for column in zip((0, 0), *applied, strict=True))
    return Foresight(
        len(lessons),
        sum(_covers(lessons, record) for record in later),
        len(later),
        sum(_covers(lessons, record) for record in earlier) / max(1, len(earlier)),
        spoke,
        spoke - corrected,
    )


def _applied(lesson: Lesson, chances: Chances, since: int) -> tuple[int, int]:
    """The agents' commits to which a lesson applied, and those of them that were corrected.

    A lesson of several facts applies where the rarest of them does.
    """
    counts = [
        (number, chances.corrected_of(fact, since) or 0)
        for fact in lesson.facts
        if (number := chances.of(fact, since)) is not None
    ]
    return min(counts, default=(0, 0))


def _covers(lessons: Sequence[Lesson], record: Mapping[str, Any]) -> bool:
    parts = _parts(record)
    return any(
        parts.facts.issuperset(lesson.facts) and parts.stems.issuperset(lesson.words)
        for lesson in lessons
    )


def _parts(record: Mapping[str, Any]) -> Described:
    when = parse(str(record["timestamp"]))
    return described(0, 0, when, Kind.CORRECTION, record)
