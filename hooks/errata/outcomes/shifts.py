"""What else changed between two sets of agents' commits: model, agent, person, part of the code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from errata.lessons.outcome_counts import MAX_SHIFTS
from errata.provenance.identity import Provenance

_LEAST = 0.15
"""The least change of a share that is named."""
_FEWEST = 5
"""Fewer commits on one side show no change."""
_PER_ASPECT = 2
_MAX_VALUE = 80
_PERSON = "another person"
_LEVELS = 2


class Circumstances(NamedTuple):
    """How one commit came about.

    Attributes:
        person: who ran the agent, by address.
        areas: the top two folders of the files that it changed.
    """

    maker: Provenance
    person: str
    areas: frozenset[str]


def area_of(path: str) -> str:
    """The top two folders of a file, with a final slash; ``./`` for a file at the top."""
    folders = PurePosixPath(path).parts[:-1][:_LEVELS]
    return "/".join(folders) + "/" if folders else "./"


def shifts(before: Sequence[Circumstances], after: Sequence[Circumstances]) -> tuple[str, ...]:
    """The greatest changes of shares of at least 15 points, such as ``model opus-4: 12% -> 71%``.

    People are not named.
    """
    if min(len(before), len(after)) < _FEWEST:
        return ()
    changes = [
        (abs(new - old), f"{_title(aspect, value)}: {old:.0%} -> {new:.0%}")
        for aspect, values in _ASPECTS.items()
        for value, old, new in _changes(values, before, after)
        # Those who ran it less are not "another" person.
        if aspect != _PERSON or new > old
    ]
    changes.sort(key=lambda change: (-change[0], change[1]))
    return tuple(text for _, text in changes[:MAX_SHIFTS])


def _changes(
    values: Callable[[Circumstances], Iterable[str]],
    before: Sequence[Circumstances],
    after: Sequence[Circumstances],
) -> Iterator[tuple[str, float, float]]:
    """The values of one aspect whose share changed most: value, old and new share."""
    olds, news = (Counter(v for each in side for v in values(each)) for side in (before, after))
    rows = [
        (value, olds[value] / len(before), news[value] / len(after))
        for value in sorted(olds.keys() | news.keys())
        if value
    ]
    rows = [row for row in rows if abs(row[2] - row[1]) >= _LEAST]
    rows.sort(key=lambda row: (-abs(row[2] - row[1]), row[0]))
    yield from rows[:_PER_ASPECT]


_ASPECTS: dict[str, Callable[[Circumstances], Iterable[str]]] = {
    "model": lambda each: (each.maker.model,),
    "agent": lambda each: (each.maker.name,),
    _PERSON: lambda each: (each.person,),
    "work in": lambda each: each.areas,
}


def _title(aspect: str, value: str) -> str:
    if aspect == _PERSON:
        return aspect
    printable = "".join(char for char in value if char.isprintable())
    return f"{aspect} {printable[:_MAX_VALUE]}"
