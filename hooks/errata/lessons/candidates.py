"""Sets of facts that may be groups, and how surprising it is that they recur.

Three forms of sets are tested:

- Facts with a subject (``call-removed console.log``). Facts that the same records have are one set.
  Where it is known how often agents wrote what the fact is about, the share of it that was
  corrected is compared with that of the kind. Otherwise the subject is compared with its share of
  the facts of other kinds: what is added as often as it is removed teaches nothing.
- Kinds (``comment-removed``) that say something without a subject. They are compared with their
  chances likewise, else with the opposite kind.
- Kinds in an area (``comment-removed in tests``), compared with the area's share of all records,
  too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from errata.lessons import kinds
from errata.lessons.chances import Chances
from errata.lessons.facts import IN, Form, form_of
from errata.lessons.index import Index
from errata.lessons.kinds import Fact
from errata.lessons.statistics import p_value

_OPPOSITES = {"removed": "added", "to-top": "into-function"}
_UNUSUAL = 0.05
"""The share of records that a kind without an opposite is expected to have at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set of facts.

    Attributes:
        facts: the most specific ones first.
        form: that of its most specific fact.
        mask: the records that have all facts.
        sessions: their sessions.
        expected: sessions that would be no surprise.
        p_value: the probability of at least so many.
    """

    facts: tuple[str, ...]
    form: Form
    mask: int
    sessions: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Test:
    """``sessions`` of ``trials``, where a share of ``base`` is expected."""

    sessions: int
    trials: int
    base: float

    @property
    def expected(self) -> float:
        return self.trials * self.base

    @property
    def p_value(self) -> float:
        return p_value(self.sessions, self.trials, self.base)


_MAX_FACTS = 8
"""More facts that the same records have are copies of one change."""


def find(index: Index, chances: Chances | None, minimum: int) -> list[Candidate]:
    """All sets that at least ``minimum`` sessions have, tested; in no particular order."""
    return list(_Finder(index, chances, minimum).find())


class _Finder:
    def __init__(self, index: Index, chances: Chances | None, minimum: int) -> None:
        self._index = index
        self._chances = chances
        self._minimum = minimum

    def find(self) -> Iterator[Candidate]:
        equal: defaultdict[tuple[int, Form], list[str]] = defaultdict(list)
        for fact in self._frequent:
            equal[self._index.masks[fact], form_of(fact)].append(fact)
        for (mask, form), facts in equal.items():
            facts.sort(key=specificity)
            test = min((self._test(fact) for fact in facts), key=lambda test: test.p_value)
            chosen = tuple(facts[:_MAX_FACTS])
            sessions = self._sessions[facts[0]]
            yield Candidate(chosen, form, mask, sessions, test.expected, test.p_value)

    @cached_property
    def _sessions(self) -> dict[str, int]:
        """The sessions of each fact."""
        return {fact: self._index.sessions(mask) for fact, mask in self._index.masks.items()}

    @cached_property
    def _frequent(self) -> list[str]:
        """The facts that can make a group alone, and are frequent enough."""
        return [
            fact
            for fact, sessions in self._sessions.items()
            if sessions >= self._minimum and can_stand_alone(fact)
        ]

    @cached_property
    def _totals(self) -> tuple[Mapping[str, int], Mapping[str, int], int]:
        """The sessions of the facts with a subject: by kind, by subject, and of all."""
        by_kind: Counter[str] = Counter()
        by_subject: Counter[str] = Counter()
        for fact, sessions in self._sessions.items():
            if form_of(fact) is Form.SUBJECT:
                kind, subject = Fact.parse(fact)
                by_kind[kind] += sessions
                by_subject[subject] += sessions
        return by_kind, by_subject, by_kind.total()

    @cached_property
    def _areas(self) -> dict[str, int]:
        """The sessions of each area, and of all records ("")."""
        masks: defaultdict[str, int] = defaultdict(int)
        for fact, mask in self._index.masks.items():
            subject = Fact.parse(fact).subject
            masks[subject.removeprefix(IN) if form_of(fact) is Form.AREA else ""] |= mask
        return {area: self._index.sessions(mask) for area, mask in masks.items()}

    def _test(self, fact: str) -> _Test:
        if test := self._against_chances(fact):
            return test
        form = form_of(fact)
        if form is Form.SUBJECT:
            return self._against_other_kinds(fact)
        direction = self._against_opposite(fact)
        if form is Form.KIND:
            return direction
        return max(direction, self._against_area(fact), key=lambda test: test.p_value)

    def _against_chances(self, fact: str) -> _Test | None:
        if not self._chances or not (trials := self._chances.of(fact)):
            return None
        base = self._chances.base_rate(Fact.parse(fact).kind, without=fact)
        corrected = self._chances.corrected_of(fact)
        if base is None or corrected is None:
            return None
        return _Test(corrected, trials, base)

    def _against_other_kinds(self, fact: str) -> _Test:
        by_kind, by_subject, total = self._totals
        kind, subject = Fact.parse(fact)
        return _Test(self._sessions[fact], by_kind[kind], by_subject[subject] / total)

    def _against_opposite(self, fact: str) -> _Test:
        kind, subject = Fact.parse(fact)
        sessions = self._sessions[fact]
        if (opposite := opposite_of(kind)) is None:
            return _Test(sessions, self._areas[subject.removeprefix(IN)], _UNUSUAL)
        against = self._sessions.get(str(Fact(opposite, subject)), 0)
        return _Test(sessions, sessions + against, 0.5)

    def _against_area(self, fact: str) -> _Test:
        kind, subject = Fact.parse(fact)
        share = self._areas[subject.removeprefix(IN)] / self._areas[""]
        return _Test(self._sessions[fact], self._sessions[kind], share)


def specificity(fact: str) -> tuple[int, int, int, str]:
    """A key that sorts the fact that says most first; it depends on the fact alone."""
    rank = kinds.names()
    kind, subject = Fact.parse(fact)
    return -form_of(fact), rank.index(kind) if kind in rank else len(rank), len(subject), fact


def can_stand_alone(fact: str) -> bool:
    """Whether records that have only this fact in common teach something."""
    parsed = Fact.parse(fact)
    if form_of(fact) is Form.SUBJECT:
        return bool(kinds.instruction(parsed))
    return bool(kinds.slug_alone(parsed.kind))


def opposite_of(kind: str) -> str | None:
    """The kind that undoes what this one does; None if there is none."""
    for ending, reverse in _OPPOSITES.items():
        for old, new in ((ending, reverse), (reverse, ending)):
            opposite = f"{kind.removesuffix(old)}{new}"
            if kind.endswith(old) and opposite in kinds.names():
                return opposite
    return None
