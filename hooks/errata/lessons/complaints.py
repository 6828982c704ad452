"""Complaints: what the subject of a correction says was wrong (``rules/complaints.toml``).

A complaint is a fact like those of the edit, and corrections with the same complaint are a group.
Nothing has to be compared: what nobody corrected says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import cache
from itertools import chain
from typing import Any

from errata import rules

KIND = "complaint-"
"""What the kind of a complaint's fact begins with; its name follows."""
_LIMIT = 200
"""Characters of a text that are read: a complaint is short, or it is about more than that."""
_TYPE = re.compile(r"^[^\w(\[]*(\w+)(?:\([^)]*\))*!?:\s")
_LABEL = re.compile(r"^[^\w(\[]*[(\[][\w ,-]{1,20}[)\]]:?\s")


def complaints_in(
    text: str, edits: Collection[str] | None = None, *, tests: bool = False
) -> list[str]:
    """The facts of the complaints that a text makes, in the order of the file.

    Args:
        edits: the facts of the edit that it is about; None for a text alone, which says itself
            what is wrong.
        tests: whether that edit is in tests.
    """
    plain = _without_label(text)
    if not plain.strip():
        return []
    possible = _possible(plain)
    if not possible:
        return []
    return [
        f"{KIND}{name}"
        for name, row in _rows().items()
        if name in possible and _complains(row, plain, edits, tests)
    ]


def quote(fact: str, text: str) -> str:
    """The words of a text that make it a complaint; "" if it does not make this one."""
    row = _rows().get(fact.removeprefix(KIND), {})
    match = row["words"].search(_without_label(text)) if row else None
    words = match[0].strip() if match else ""
    start = text.lower().find(words)
    # The type "docs" counts as a word, without the colon that the text has.
    return text[start : start + len(words)] if start >= 0 else text[:_LIMIT]


def _without_label(text: str) -> str:
    """What is read of a text, in lower case: neither a label nor the type of the commit."""
    plain = _LABEL.sub("", text[:_LIMIT].lower(), count=1)
    return _TYPE.sub(lambda match: "docs " if match[1] == "docs" else "", plain, count=1)


def _possible(text: str) -> set[str]:
    """The complaints that a text may make: those of whose words it contains a literal."""
    starts, by_start, short = _literals()
    # One pass over the text finds the few literals of which it has the first characters.
    triples = zip(text, text[1:], text[2:], strict=False)
    nearby = (by_start[start] for start in starts.intersection(triples))
    literals = chain(short, chain.from_iterable(nearby))
    return {name for literal, names in literals if literal in text for name in names}


_Literal = tuple[str, list[str]]
"""A literal, and the names of the complaints in whose words it is."""
_Start = tuple[str, str, str]


@cache
def _literals() -> tuple[frozenset[_Start], dict[_Start, list[_Literal]], list[_Literal]]:
    """The literals of all complaints by their first three characters, and the shorter ones.

    One that has none in all its words has "", which is in every text.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, row in _rows().items():
        for literal in row["words"].literals or ("",):
            names[literal].append(name)
    by_start: defaultdict[_Start, list[_Literal]] = defaultdict(list)
    for literal, users in names.items():
        if len(literal) >= 3:
            by_start[literal[0], literal[1], literal[2]].append((literal, users))
    short = [(literal, users) for literal, users in names.items() if len(literal) < 3]
    return frozenset(by_start), by_start, short


def _complains(row: dict[str, Any], text: str, edits: Collection[str] | None, tests: bool) -> bool:
    if not row["words"].search(text) or ("unless" in row and row["unless"].search(text)):
        return False
    if edits is None:
        return True
    if row.get("tests") and not tests:
        return False
    return "edits" not in row or any(row["edits"].search(edit) for edit in edits)


def shows(kind: str, edit: str) -> bool:
    """Whether lines with a fact are an example of a complaint."""
    row = _rows()[kind.removeprefix(KIND)]
    expected = row.get("example") or row.get("edits")
    return expected is None or bool(expected.search(edit))


def is_complaint(fact: str) -> bool:
    """Whether a fact, or its kind, is a complaint."""
    return fact.startswith(KIND)


@cache
def as_kinds() -> dict[str, dict[str, Any]]:
    """The complaints as kinds of facts; see :mod:`errata.lessons.kinds`."""
    return {
        f"{KIND}{name}": {
            "teaches": row["teaches"],
            "reason": row["reason"],
            "severity": row.get("severity", ""),
            "slug_alone": name,
            "weight": 3,
        }
        for name, row in _rows().items()
    }


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rules.load("complaints")["complaint"]}
