"""Kinds of facts about edits, and what each of them teaches (``rules/edits.toml``).

A fact is a kind with its subject, written as in the field ``edits`` of a record:
``call-removed console.log``, ``callee-changed os.path.join → Path``, ``comment-removed``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from errata import rules
from errata.lessons import complaints
from errata.records.model import Severity

ARROW = " → "
"""Between the old and the new name in the subject of a pair."""
_PLACEHOLDER = re.compile(r"\{(subject|old|new|last|callee|argument)\}")


class Fact(NamedTuple):
    """One thing that an edit did.

    Attributes:
        kind: name of a row of ``rules/edits.toml``.
        subject: what it was done to, on one line; "" if the kind says it all.
    """

    kind: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}" if self.subject else self.kind

    @classmethod
    def parse(cls, text: str) -> Fact:
        """The fact that :meth:`__str__` wrote."""
        kind, _, subject = text.partition(" ")
        return cls(kind, subject)


def names() -> list[str]:
    """The names of all kinds, in the order of the file."""
    return list(_kinds())


def instruction(fact: Fact) -> str:
    """What the fact teaches, as one or two sentences; "" if it teaches nothing by itself.

    A fact without a subject stands for all of its kind.
    """
    kind = _kinds().get(fact.kind, {})
    alone: str = kind.get("teaches_alone", "")
    return _filled(kind.get("teaches", ""), fact) or ("" if fact.subject else alone)


def reason(fact: Fact) -> str:
    """Why, in one sentence; "" if no general reason is known."""
    return _filled(_kinds().get(fact.kind, {}).get("reason", ""), fact)


def slug(fact: Fact) -> str:
    """What the fact teaches in a few words, from which a name can be made; "" if nothing."""
    return _filled(_kinds().get(fact.kind, {}).get("slug", ""), fact)


def has_slug(kind: str) -> bool:
    """Whether facts of a kind that have a subject teach something."""
    return bool(_kinds().get(kind, {}).get("slug"))


def slug_alone(kind: str) -> str:
    """What edits of a kind teach whatever their subject is, as a name; "" if nothing."""
    alone: str = _kinds().get(kind, {}).get("slug_alone", "")
    return alone


def weight(kind: str) -> int:
    """How much facts of a kind say: 3 most, 0 hardly anything."""
    number: int = _kinds().get(kind, {}).get("weight", 0)
    return number


def severity(kind: str) -> Severity | None:
    """How bad the mistakes of a kind are; None if their records say that."""
    word = _kinds().get(kind, {}).get("severity")
    return Severity(word) if word else None


def chance(kind: str) -> str | None:
    """What an agent's commit adds that could have called for such an edit; None if nothing tells.

    The header of ``rules/edits.toml`` describes the terms.
    """
    return _kinds().get(kind, {}).get("chance")


def _filled(template: str, fact: Fact) -> str:
    values = _values(fact)
    if not all(values[name] for name in _PLACEHOLDER.findall(template)):
        return ""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _values(fact: Fact) -> dict[str, str]:
    """What the placeholders of a template stand for."""
    old, arrow, new = fact.subject.partition(ARROW)
    callee, parenthesis, argument = old.partition("(")
    return {
        "subject": fact.subject,
        "old": old if arrow else "",
        "new": new,
        "last": re.split(r"[.:/\s]+", callee.rstrip("!?"))[-1],
        "callee": callee if parenthesis else "",
        "argument": argument.rstrip("=)"),
    }


@cache
def _kinds() -> dict[str, dict[str, Any]]:
    return {kind["name"]: kind for kind in rules.load("edits")["kind"]} | complaints.as_kinds()
