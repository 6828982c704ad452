"""Lessons that say the opposite of each other: both are shown, and neither is taught."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

from errata.lessons.instructions import Place, Statement, leading, where
from errata.lessons.kinds import ARROW, Fact
from errata.patterns.lesson import Lesson

_ENDINGS = (("-added", "-removed"), ("-to-top", "-into-function"))
# A removed call of console.log is debug output, an added one is a call.
_SAME = {"debug-output": "call"}


def marked(lessons: Mapping[str, Lesson]) -> dict[str, Lesson]:
    """The lessons, each with the names of those that contradict it."""
    opposites: defaultdict[str, set[str]] = defaultdict(set)
    for alike in _by_topic(lessons.values()):
        for first, second in combinations(alike, 2):
            if _contradict(first, second):
                opposites[first.name].add(second.name)
                opposites[second.name].add(first.name)
    return {
        name: replace(lesson, contradicts=tuple(sorted(opposites[name])))
        for name, lesson in lessons.items()
    }


def _by_topic(lessons: Iterable[Lesson]) -> Iterable[list[Lesson]]:
    """Only lessons about the same thing can contradict each other."""
    topics: defaultdict[tuple[str, tuple[str, ...]], list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        if lesson.facts:
            fact = leading(lesson.facts).fact
            names = tuple(sorted(fact.subject.split(ARROW)))
            topics[_stem(fact.kind)[0], names].append(lesson)
    return topics.values()


def _contradict(first: Lesson, second: Lesson) -> bool:
    fact = leading(first.facts).fact
    return _opposite(fact, leading(second.facts).fact) and _meet(
        where([Statement.parse(text) for text in first.facts]),
        where([Statement.parse(text) for text in second.facts]),
        exact=not fact.subject,
    )


def _opposite(first: Fact, second: Fact) -> bool:
    old, arrow, new = first.subject.partition(ARROW)
    if arrow and old != new:
        return first.kind == second.kind and second.subject == f"{new}{ARROW}{old}"
    sides = {_stem(first.kind)[1], _stem(second.kind)[1]}
    return first.subject == second.subject and any(sides == set(pair) for pair in _ENDINGS)


def _stem(kind: str) -> tuple[str, str]:
    """What edits of a kind are about, and in which direction they go, if they have one."""
    for ending in (ending for pair in _ENDINGS for ending in pair):
        if kind.endswith(ending):
            stem = kind.removesuffix(ending)
            return _SAME.get(stem, stem), ending
    return kind, ""


def _meet(first: Place, second: Place, *, exact: bool) -> bool:
    """Whether two places have code in common, so that both lessons hold for it.

    Args:
        exact: the lessons are about a kind of edits. Then what holds in a place is an exception to
            what holds everywhere, and contradicts only what holds in the same place.
    """
    if exact:
        return first == second
    languages = {first.language, second.language} - {""}
    folders = sorted(filter(None, (first.folder, second.folder)))
    return len(languages) < 2 and (len(folders) < 2 or folders[1].startswith(folders[0]))
