"""Groups of records that say the same, in at least three sessions.

A group is a set of facts that its members have in common. Sets with equal members are one set, the
closed one. A set is kept if it is over-represented: more frequent than its chances, or the
independence of its parts, let expect, after a correction for the number of sets that were tested
(:mod:`errata.lessons.candidates`). Then each record goes to at most one group, the best one that it
belongs to. Neither the order of the records nor their keys matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from errata.lessons import candidates, names
from errata.lessons.candidates import Candidate
from errata.lessons.chances import Chances
from errata.lessons.described import Described
from errata.lessons.facts import Form
from errata.lessons.index import Index
from errata.lessons.statistics import benjamini_hochberg

MIN_SESSIONS = 3
_FALSE_SHARE = {Form.KIND: 0.05, Form.AREA: 0.1, candidates.WORDS: 0.1, Form.SUBJECT: 0.2}
"""The share of the kept sets of a family that may be over-represented by chance.

A subject that recurs is rare by itself.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Records that have a set of facts, or of stems, in common.

    Attributes:
        name: kebab-case, made from the facts and stems alone.
        facts, stems: sorted by how much they say, the most specific ones first.
        members: keys of its records, in ascending order.
        sessions: number of sessions of the members.
        expected: sessions in which the set would be found if it were not over-represented.
        p_value: the probability of at least as many sessions as have the set.
        q_value: the same, corrected for the number of sets that were tested.
    """

    name: str
    facts: tuple[str, ...]
    stems: tuple[str, ...]
    members: tuple[int, ...]
    sessions: int
    expected: float
    p_value: float
    q_value: float


def group(
    records: Iterable[Described], chances: Chances | None = None, taken: Collection[str] = ()
) -> list[Group]:
    """The groups, ordered by name.

    Args:
        chances: what agents wrote, corrected or not; None if that is not known.
        taken: names that no group may have.
    """
    return of_index(Index.of(records), chances, taken)


def of_index(
    index: Index, chances: Chances | None = None, taken: Collection[str] = ()
) -> list[Group]:
    """The groups of indexed records; see :func:`group`."""
    tested = candidates.find(index, chances, MIN_SESSIONS)
    kept: list[tuple[Candidate, float]] = []
    for family, false_share in _FALSE_SHARE.items():
        members = [candidate for candidate in tested if candidate.rank == family]
        q_values = benjamini_hochberg([candidate.test.p_value for candidate in members])
        kept += [
            (candidate, q)
            for candidate, q in zip(members, q_values, strict=True)
            if q <= false_share and candidate.is_far_above
        ]
    sets = [(candidate.facts, candidate.words) for candidate, _ in kept]
    frequent = {(c.facts, c.words): partial(_frequent_since, index, c) for c in tested}
    named = zip(names.distinct(sets, taken, frequent), kept, strict=True)
    return sorted(_assigned(index, list(named)), key=lambda group: group.name)


def _frequent_since(index: Index, candidate: Candidate) -> int:
    return index.instants(candidate.mask)[MIN_SESSIONS - 1]


_Named = tuple[str, tuple[Candidate, float]]


def _assigned(index: Index, named: Sequence[_Named]) -> Iterable[Group]:
    """Give each record to the best set that it belongs to."""
    free = index.everything
    for name, (candidate, q) in sorted(named, key=_rank):
        mask = candidate.mask & free
        sessions = index.sessions(mask)
        # What better groups left over must be surprising, too.
        if sessions < MIN_SESSIONS or sessions <= candidate.test.expected:
            continue
        free &= ~mask
        yield Group(
            name,
            facts=candidate.facts,
            stems=candidate.words,
            members=tuple(sorted(index.keys[bit] for bit in index.bits(mask))),
            sessions=sessions,
            expected=candidate.test.expected,
            p_value=candidate.test.p_value,
            q_value=q,
        )


def _rank(named: _Named) -> tuple[int, float, int, str]:
    name, (candidate, q) = named
    return _magnitude(q), -candidate.rank, -candidate.sessions, name


def _magnitude(q: float) -> int:
    """The order of magnitude: the last bits of a probability decide nothing."""
    return next(n for n in range(-12, 1) if q <= 10.0**n or n == 0)
