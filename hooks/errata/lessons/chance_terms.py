"""Which commits could have called for an edit: the key ``chance`` of ``rules/edits.toml``.

A chance is alternatives joined by `` | ``, each a list of terms that must all occur in what a
commit added: words, flags (``:comment``, see :data:`errata.lessons.agent_work.FLAGS`) and the names
in a part of the fact's subject (``{subject}``, ``{old}``, ``{new}``, ``{last}``, ``{argument}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from errata.lessons.agent_work import bit, hash_words
from errata.lessons.facts import TESTS, place_of
from errata.lessons.kinds import ARROW, Fact

_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a commit must have added to be a chance.

    Attributes:
        words: hashes of words that all occur somewhere.
        flags: bits that one added-to file has.
        place: a language, a folder with a final slash or a path that this file has; "" for any.
    """

    words: frozenset[int]
    flags: int
    place: str = ""


def alternatives(text: str, template: str) -> list[Alternative]:
    """The alternatives for a fact; none if its subject holds no names to look for.

    Args:
        text: the fact, as in the field ``edits`` of a record, or one of its coarser forms.
        template: the chance of its kind.
    """
    fact = Fact.parse(text)
    place, flags = place_of(text), bit("any")
    subject = "" if place else fact.subject
    if place == TESTS:
        place, flags = "", flags | bit("test")
    parsed = (_alternative(terms.split(), subject) for terms in template.split(" | "))
    return [
        Alternative(frozenset(words), flags | more, place)
        for words, more, empty in parsed
        # The coarser forms of a fact have no subject, and need none.
        if not (empty and subject)
    ]


def _alternative(terms: list[str], subject: str) -> tuple[set[int], int, bool]:
    """The words, the flags, and whether a part of the subject holds no name."""
    words, flags, empty = set[int](), 0, False
    for term in terms:
        if term.startswith(":"):
            flags |= bit(term[1:])
        elif part := _PART.fullmatch(term):
            names = set(_names(_part(subject, part[1])))
            empty |= not names
            words |= names
        else:
            words.update(hash_words([term.encode()]))
    return words, flags, empty


def _part(subject: str, name: str) -> str:
    old, _, new = subject.partition(ARROW)
    callee, _, argument = old.partition("(")
    parts = {
        "subject": subject,
        "old": callee,
        "new": new,
        "argument": argument,
        "last": re.split(r"[.:/\s]+", callee.rstrip("!?"))[-1],
    }
    return parts[name]


def _names(text: str) -> Iterator[int]:
    """The hashes to look for: of dotted names only the pairs, which say more than the parts."""
    for name in re.findall(r"[\w$.]+", text):
        parts = [part for part in name.split(".") if re.match(r"[^\W\d]|\$", part)]
        if len(parts) < 2:
            yield from (hash(part.encode()) for part in parts)
        else:
            yield from (hash(f"{left}.{right}".encode()) for left, right in pairwise(parts))
