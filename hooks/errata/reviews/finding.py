"""One finding of a reviewer, as its export tells it, and what is wrong with an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

By = Literal["bot", "person"]


class Lines(NamedTuple):
    """A range of lines, from 1, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFinding:
    """One finding.

    Attributes:
        place: where the export has it: ``$.runs[0].results[3]``, or the number of a line.
        format: ``sarif``, ``coderabbit``, ``github`` or ``gitlab``.
        by: whether a program or a person found it.
        tool: the program; "" for a person.
        key: what makes it the same finding in a later export; empty if only its content does.
        severity: the reviewer's word for it; "" if there is none.
        rule: the tool's own id of the rule; "" without one.
        name: a name for the pattern; "" if there is none.
        file: the path as the export spells it; "" for the repository as a whole.
        lines: the lines in question in the reviewed version; None if unknown.
        code: these lines, where the export quotes them.
        when: instant in microseconds; None if the export does not say.
        session: the review that it is part of; "" if unknown.
        commit: the reviewed commit; "" if unknown.
        resolved: what the export itself says; None if nothing.
        pr: number of the pull request; None if unknown.
    """

    place: str
    format: str
    by: By
    tool: str
    description: str
    key: tuple[str, ...] = ()
    severity: str = ""
    rule: str = ""
    name: str = ""
    category: str = ""
    fix: str = ""
    file: str = ""
    lines: Lines | None = None
    code: str = ""
    when: int | None = None
    session: str = ""
    commit: str = ""
    resolved: bool | None = None
    pr: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of an export that cannot be read, or that says that the review failed."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of an export that is not a finding, and why: "a reply", "praise"."""

    why: str


Item = ReviewFinding | Fault | Skipped
Items = Iterator[Item]
