"""What grouping sees of an edit: its facts, and coarser forms of them.

``comment-removed`` and ``comment-removed in tests`` are coarser forms of the fact that a comment
was removed in a test. A coarse form says little of an edit that did many other things, so an edit
only has those of the kinds that it mostly consists of, and of a long edit only the facts that say
most are left. ``in tests`` says where an edit was made, and nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache

from errata.lessons import kinds
from errata.lessons.kinds import Fact

IN = "in "
"""What the subject of a fact in an area begins with."""
TESTS = "tests"
_FILES = 5
"""The most files of an edit that are places of their own."""
_FEW = 4
"""An edit with at most so many facts has the coarse form of each of them."""
_MANY = 12
"""An edit with more facts is a long one."""
_HEAVY = 3
"""The weight of the kinds that say most."""
_SHARE = 0.4
"""The share of an edit's facts that are of a kind, from which on it consists mostly of that."""


class Form(IntEnum):
    """How much a fact says, in ascending order."""

    PLACE = 0
    """Only where: ``in tests``."""
    KIND = 1
    """A kind alone: ``comment-removed``."""
    AREA = 2
    """A kind in a place: ``comment-removed in tests``."""
    SUBJECT = 3
    """A kind with what it was done to: ``call-removed console.log``."""


@lru_cache(maxsize=65_536)
def form_of(fact: str) -> Form:
    """The form of a fact."""
    subject = Fact.parse(fact).subject
    if fact.startswith(IN):
        return Form.PLACE
    if not subject:
        return Form.KIND
    return Form.AREA if subject.startswith(IN) else Form.SUBJECT


def place_of(fact: str) -> str:
    """The place of a fact; "" if it has none."""
    form = form_of(fact)
    if form is Form.PLACE:
        return Fact.parse(fact).subject
    return Fact.parse(fact).subject.removeprefix(IN) if form is Form.AREA else ""


def _says_enough(fact: str, edits: int) -> bool:
    """Whether a fact says something of an edit with so many facts."""
    weight = kinds.weight(Fact.parse(fact).kind)
    if form_of(fact) is Form.KIND:
        return weight >= _HEAVY and edits <= _MANY
    return weight >= _HEAVY or edits <= _MANY or fact.startswith("name-")


def is_file(place: str) -> bool:
    """Whether a place is a file, not a folder, a language or all tests."""
    return not place.endswith("/") and ("/" in place or "." in place)


def is_language(place: str) -> bool:
    """Whether a place is a language."""
    return bool(place) and place != TESTS and not place.endswith("/") and not is_file(place)


def expand(
    edits: Iterable[str],
    folders: Sequence[str] = (),
    languages: Sequence[str] = (),
    files: Sequence[str] = (),
    *,
    tests: bool,
) -> frozenset[str]:
    """The facts of an edit with their coarser forms.

    Args:
        edits: as in a record.
        folders, languages, tests: the record's area. Of several folders or languages nobody can
            say in which of them a fact holds.
        files: paths of the edited files, likewise.
    """
    all_facts = {fact for fact in edits if form_of(fact) >= Form.KIND}
    counts = Counter(Fact.parse(fact).kind for fact in all_facts)
    facts = {fact for fact in all_facts if _says_enough(fact, len(all_facts))}
    paths = [f"{folder.rstrip('/')}/" for folder in folders if folder.strip("./")]
    facts_in = [TESTS] if tests else []
    for single in (paths, files, languages):
        facts_in += single if len(single) == 1 else ()
    coarse = {f"{IN}{place}" for place in (*facts_in, *paths, *files[:_FILES])}
    for kind, count in counts.items():
        if len(all_facts) <= _FEW or count >= _SHARE * len(all_facts):
            coarse.add(kind)
            coarse.update(f"{kind} {IN}{place}" for place in facts_in)
    return frozenset(facts | coarse)
