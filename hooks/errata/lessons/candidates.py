"""Sets of facts that may be groups, and how surprising it is that they recur.

Four forms of sets are tested:

- Facts with a subject (``call-removed console.log``). Facts that the same records have are a set.
  Where it is known how often agents wrote what the fact is about, the share of it that was
  corrected is compared with that of the kind. Otherwise the subject is compared with its share of
  the facts of other kinds: what is added as often as it is removed teaches nothing.
- Kinds (``comment-removed``) that say something without a subject. They are compared with their
  chances likewise, else with the opposite kind.
- Kinds in an area (``comment-removed in tests``), compared with the area's share of all records,
  too.
- Words that were said together, or of a place (``lint`` and ``in tests``), compared with how often
  each of both occurs. Words that only repeat names of files say what was edited, not why.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from errata import rules
from errata.lessons import kinds
from errata.lessons.chances import Chances
from errata.lessons.complaints import is_complaint
from errata.lessons.facts import IN, TESTS, Form, form_of, is_file, is_language, place_of
from errata.lessons.index import WORD, Index, goes_with_words
from errata.lessons.kinds import Fact
from errata.lessons.statistics import co_occurrence, p_value
from errata.lessons.stems import stem_of

_OPPOSITES = {"removed": "added", "to-top": "into-function"}
_NO_DIRECTION = ("-reworded", "-changed")
"""How kinds end of which nobody can say that they are more frequent than their opposite."""
_NAMES, _FILE_REMOVED = ("name-added", "name-removed"), "file-removed"
_DATA_LANGUAGES = ("", "json", "yaml")
"""Whoever removes a program did not want that program; a note or a settings file is of a sort."""
_PLACED = ("config-", "string-", "text-", "message-", "expected-value-")
"""How kinds begin that say something where the place is named, even if they say little alone."""
_PROSE = ("prose-", "heading-", "list-item-", "link-", "code-block-")
"""How kinds begin that occur in documents only."""
_LIGHT = 2
"""Kinds of less weight say nothing alone."""
_OFTEN = 0.05
"""What agents write is not wrong as such if less than this share of it was corrected."""
_UNUSUAL = 0.05
"""The share of records that a kind without an opposite is expected to have at most."""


class Test(NamedTuple):
    """How much was seen and expected, and how probable it is to see as much."""

    seen: int
    expected: float
    p_value: float

    @classmethod
    def share(cls, sessions: int, trials: int, base: float) -> Test:
        """``sessions`` of ``trials``, where a share of ``base`` is expected."""
        expected = trials * base
        # What is not above the expected number is not surprising, however improbable it is.
        p = p_value(sessions, trials, base) if sessions > expected else 1.0
        return cls(sessions, expected, p)

    @classmethod
    def pair(cls, both: int, first: int, second: int, total: int) -> Test:
        """``both`` of two marks that are expected to be independent."""
        expected = first * second / total
        p = co_occurrence(both, first, second, total) if both > expected else 1.0
        return cls(both, expected, p)


_CERTAIN = Test(1, 0.0, 0.001)
"""That somebody says what is wrong needs no comparison."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set of facts and words.

    Attributes:
        facts: the most specific ones first; ``words`` in alphabetical order.
        rank: how much the set says: the form of its most specific fact, or :data:`WORDS`.
        mask: the records that have all of them.
        sessions: their sessions.
        test: the most surprising test of the set.
    """

    facts: tuple[str, ...]
    words: tuple[str, ...]
    rank: float
    mask: int
    sessions: int
    test: Test

    @property
    def is_far_above(self) -> bool:
        """Whether it was seen so much more often than expected that it matters."""
        return self.test.seen >= _FAR[self.rank >= WORDS] * self.test.expected


_MAX_FACTS = 8
"""More facts that the same records have are copies of one change."""
WORDS = 2.5
"""The rank of a set with words."""
_FAR = {True: 2.0, False: 1.2}
"""How many times as often as expected: a subject or words, and a kind."""
_FREQUENT = 0.3
"""What more than this share of the records has says nothing of any of them."""
_LARGE, _FEW = 0.1, 5
"""The same for a folder that holds no tests; a few sessions are allowed in any case."""


def find(index: Index, chances: Chances | None, minimum: int) -> list[Candidate]:
    """All sets that at least ``minimum`` sessions have, tested; in no particular order."""
    finder = _Finder(index, chances, minimum)
    tested = [*finder.facts(), *finder.pairs()]
    closed: defaultdict[tuple[int, float], list[tuple[tuple[str, ...], Test]]] = defaultdict(list)
    for items, mask, test in tested:
        closed[mask, _rank(items)].append((items, test))
    candidates = (_candidate(index, mask, rank, sets) for (mask, rank), sets in closed.items())
    return [candidate for candidate in candidates if not is_reversed(candidate.facts)]


def _rank(items: Sequence[str]) -> float:
    if any(item[0] == WORD or is_complaint(item) for item in items):
        return WORDS
    return max(map(form_of, items))


def _candidate(
    index: Index, mask: int, rank: float, tested: Sequence[tuple[tuple[str, ...], Test]]
) -> Candidate:
    """Sets that the same records have, as one."""
    items = sorted({item for items, _ in tested for item in items})
    facts = sorted((item for item in items if item[0] != WORD), key=specificity)
    words = tuple(item[1:] for item in items if item[0] == WORD)
    test = min((test for _, test in tested), key=lambda test: (test.p_value, test))
    sessions = index.sessions(mask)
    return Candidate(tuple(facts[:_MAX_FACTS]), words[:_MAX_FACTS], rank, mask, sessions, test)


class _Finder:
    def __init__(self, index: Index, chances: Chances | None, minimum: int) -> None:
        self._index = index
        self._chances = chances
        self._minimum = minimum
        self._sessions = index.sessions_of

    def facts(self) -> Iterator[tuple[tuple[str, ...], int, Test]]:
        """The facts that can make a group alone, with the records that have them."""
        for fact, sessions in self._sessions.items():
            if sessions >= self._minimum and fact[0] != WORD and can_stand_alone(fact):
                yield (fact,), self._index.masks[fact], self._test(fact)

    def pairs(self) -> Iterator[tuple[tuple[str, ...], int, Test]]:
        """Two words, or a word and a fact or a place, with the records that have both."""
        masks, total = self._index.masks, self._index.total
        eligible = {item for item in self._sessions if self._is_eligible(item)}
        for pair in self._index.pairs:
            if not eligible.issuperset(pair) or self._is_topic(pair):
                continue
            mask = masks[pair[0]] & masks[pair[1]]
            if (sessions := self._index.sessions(mask)) >= self._minimum:
                first, second = (self._sessions[item] for item in pair)
                yield pair, mask, Test.pair(sessions, first, second, total)

    def _is_eligible(self, item: str) -> bool:
        """Whether an item is frequent enough for a pair, and rare enough to say something."""
        if item[0] != WORD and not goes_with_words(item):
            return False
        most = _FREQUENT * self._index.total
        if item.endswith("/") and not item.endswith(("tests/", "test/")):
            most = max(_FEW, _LARGE * self._index.total)
        return self._minimum <= self._sessions[item] <= most

    def _is_topic(self, pair: tuple[str, str]) -> bool:
        """Whether the words only say in which part of the code something was edited."""
        return any(item[0] == WORD and item[1:] in self._path_words for item in pair)

    @cached_property
    def _path_words(self) -> frozenset[str]:
        """The words of the names of folders and files, without documents."""
        items = filter(goes_with_words, self._sessions)
        places = " ".join(place_of(item) for item in items if not item.endswith(".md"))
        return frozenset(map(stem_of, re.findall(r"[^\W\d_]+", places.lower())))

    @cached_property
    def _totals(self) -> tuple[Mapping[str, int], Mapping[str, int], int]:
        """The sessions of the facts with a subject: by kind, by subject, and of all."""
        by_kind: Counter[str] = Counter()
        by_subject: Counter[str] = Counter()
        for fact, sessions in self._sessions.items():
            kind, blank, subject = fact.partition(" ")
            if blank and not subject.startswith(IN) and not fact.startswith((IN, WORD)):
                by_kind[kind] += sessions
                by_subject[subject] += sessions
        return by_kind, by_subject, by_kind.total()

    @cached_property
    def _added(self) -> float:
        """The share of additions among the kinds that add or remove; at least a half."""
        sums = {"added": 0, "removed": 0}
        for fact, sessions in self._sessions.items():
            ending = fact.rpartition("-")[2]
            if ending in sums:
                sums[ending] += sessions
        return max(0.5, sums["added"] / (sum(sums.values()) or 1))

    def _test(self, fact: str) -> Test:
        if test := self._against_chances(fact):
            return test
        if is_complaint(fact):
            return _CERTAIN
        form = form_of(fact)
        subject = Fact.parse(fact).subject
        if form is Form.SUBJECT and not is_shape(subject):
            return self._against_other_kinds(fact)
        tests = []
        kind = Fact.parse(fact).kind
        named_place = form is Form.AREA and kind.startswith(_PLACED)
        if form is Form.SUBJECT or (kinds.slug_alone(kind) and not named_place):
            tests.append(self._against_opposite(fact))
        if form is Form.AREA:
            tests.append(self._against_place(fact))
        return max(tests, key=lambda test: test.p_value)

    def _against_chances(self, fact: str) -> Test | None:
        # A chance that does not depend on the subject is hardly ever missing.
        kind = Fact.parse(fact).kind
        if not self._chances or "{" not in (kinds.chance(kind) or ""):
            return None
        trials, corrected = self._chances.of(fact), self._chances.corrected_of(fact)
        base = self._chances.base_rate(kind, without=fact)
        if not trials or corrected is None or base is None:
            return None
        if form_of(fact) is Form.SUBJECT and corrected < _OFTEN * trials:
            return Test(corrected, trials, 1.0)
        return Test.share(corrected, trials, base)

    def _against_other_kinds(self, fact: str) -> Test:
        by_kind, by_subject, total = self._totals
        kind, subject = Fact.parse(fact)
        return Test.share(self._sessions[fact], by_kind[kind], by_subject[subject] / total)

    def _against_opposite(self, fact: str) -> Test:
        kind, subject = Fact.parse(fact)
        sessions = self._sessions[fact]
        if (opposite := opposite_of(kind)) is None:
            place = place_of(fact)
            trials = self._sessions.get(f"{IN}{place}", sessions) if place else self._index.total
            return Test.share(sessions, trials, _UNUSUAL)
        against = self._sessions.get(str(Fact(opposite, subject)), 0)
        base = self._added if kind.endswith("-added") else 0.5
        return Test.share(sessions, sessions + against, base)

    def _against_place(self, fact: str) -> Test:
        """Against the kind's share of all records."""
        kind, place = Fact.parse(fact).kind, place_of(fact)
        inside = self._sessions.get(f"{IN}{place}", self._sessions[fact])
        # Text that people read is hardly ever elsewhere.
        share = kind.startswith(_PROSE) and self._sessions.get(f"{IN}markdown")
        return Test.pair(
            self._sessions[fact], self._sessions[kind], inside, share or self._index.total
        )


def specificity(fact: str) -> tuple[int, int, int, int, str]:
    """A key that sorts the fact that says most first; it depends on the fact alone."""
    order = kinds.names()
    kind, subject = Fact.parse(fact)
    place = place_of(fact)
    where = 0 if is_file(place) else 1 if place.endswith("/") else 2 if place == TESTS else 3
    rank = order.index(kind) if kind in order else len(order)
    return -form_of(fact), where, rank, len(subject), fact


def is_specific(subject: str) -> bool:
    """Whether a subject has a name that is not found in any code."""
    names = re.findall(r"[^\W\d_]\w+", subject.lower())
    return not all(name in _everywhere() for name in names)


def is_reversed(facts: Collection[str]) -> bool:
    """Whether one of the facts undoes another."""
    for fact in facts:
        kind, subject = Fact.parse(fact)
        old, arrow, new = subject.partition(kinds.ARROW)
        if arrow and str(Fact(kind, f"{new}{kinds.ARROW}{old}")) in facts:
            return True
    return False


def is_shape(subject: str) -> bool:
    """Whether a subject is not a name, but says what something looks like: ``null check``."""
    return " " in subject and kinds.ARROW not in subject


@cache
def _everywhere() -> frozenset[str]:
    return frozenset(rules.load("topics")["everywhere"].split())


def can_stand_alone(fact: str) -> bool:
    """Whether records that have only this fact in common teach something."""
    kind, subject = Fact.parse(fact)
    form, weight = form_of(fact), kinds.weight(kind)
    if form is Form.SUBJECT:
        is_program = kind == _FILE_REMOVED and _is_program(subject)
        # That a name came or went in several repairs is mostly chance.
        says_much = weight >= _LIGHT and kind not in _NAMES
        return says_much and kinds.has_slug(kind) and is_specific(subject) and not is_program
    if form is Form.PLACE:
        return False
    if form is Form.AREA and kind.startswith(_PLACED) and not is_language(place_of(fact)):
        return True
    if weight < _LIGHT:
        return False
    if form is Form.AREA and is_file(place_of(fact)) and kinds.instruction(Fact(kind)):
        return True
    has_direction = weight > _LIGHT or not kind.endswith(_NO_DIRECTION)
    return bool(kinds.slug_alone(kind)) and has_direction


def _is_program(path: str) -> bool:
    from errata.lessons.elements import language_of  # Imports most of what reads an edit.

    return language_of(path) not in _DATA_LANGUAGES


def opposite_of(kind: str) -> str | None:
    """The kind that undoes what this one does; None if there is none."""
    for ending, reverse in _OPPOSITES.items():
        for old, new in ((ending, reverse), (reverse, ending)):
            opposite = f"{kind.removesuffix(old)}{new}"
            if kind.endswith(old) and opposite in kinds.names():
                return opposite
    return None
