"""What grouping sees of an edit: its facts, and coarser forms of them.

``comment-removed`` and ``comment-removed in tests`` are coarser forms of the fact that a comment
was removed in a test. A coarse form says little of an edit that did many other things, so an edit
only has those of the kinds that it mostly consists of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache

from errata.lessons.kinds import Fact

IN = "in "
"""What the subject of a fact in an area begins with."""
TESTS = "tests"
_FEW = 4
"""An edit with at most so many facts has the coarse form of each of them."""
_SHARE = 0.4
"""The share of an edit's facts that are of a kind, from which on it consists mostly of that."""


class Form(IntEnum):
    """How much a fact says, in ascending order."""

    KIND = 0
    """A kind alone: ``comment-removed``."""
    AREA = 1
    """A kind in an area: ``comment-removed in tests``."""
    SUBJECT = 2
    """A kind with what it was done to: ``call-removed console.log``."""


@lru_cache(maxsize=65_536)
def form_of(fact: str) -> Form:
    """The form of a fact."""
    subject = Fact.parse(fact).subject
    if not subject:
        return Form.KIND
    return Form.AREA if subject.startswith(IN) else Form.SUBJECT


def expand(
    edits: Iterable[str], folders: Sequence[str] = (), languages: Sequence[str] = (), *, tests: bool
) -> frozenset[str]:
    """The facts of an edit with their coarser forms.

    Args:
        edits: as in a record.
        folders, languages, tests: the record's area. Of several folders or languages nobody can
            say in which of them a fact holds, so they count for none.
    """
    facts = frozenset(fact for fact in edits if form_of(fact) is not Form.AREA)
    kinds = Counter(Fact.parse(fact).kind for fact in facts)
    areas = [TESTS] if tests else []
    areas += languages if len(languages) == 1 else ()
    areas += [f"{folder.rstrip('/')}/" for folder in folders] if len(folders) == 1 else ()
    coarse = set()
    for kind, count in kinds.items():
        if len(facts) <= _FEW or count >= _SHARE * len(facts):
            coarse.add(kind)
            coarse.update(f"{kind} {IN}{area}" for area in areas)
    return facts | coarse
