"""Is this log's new content acceptable? Pure: bytes in, problems out.

What is already committed is compared as bytes and never parsed, so the cost follows the new lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from errata.core.config import Alias
from errata.records import committed_ids, schema
from errata.records.append_only import Additions, compare
from errata.records.line_checker import LineChecker, Problem
from errata.records.model import Kind

__all__ = ["Problem", "Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """The result for one log.

    Attributes:
        checked: number of lines that were checked.
        problems: by line; empty if the log is fine.
    """

    checked: int
    problems: list[Problem]


def check(
    kind: Kind,
    new: bytes,
    olds: Sequence[bytes | int] = (),
    *,
    now: int,
    alias: Alias | None = None,
    allow_rewrite: bool = False,
    detail: int | None = None,
) -> Report:
    """Check a log's new content.

    Args:
        olds: the log in each parent of the commit to be: b"" where a parent has none, or the number
            of bytes of ``new`` that are known to be it. Two or more mean a merge, whose result
            needs every line of every parent, in any order. Empty: check all of ``new`` on its own.
        now: the present, microseconds UTC.
        detail: at most so many bad lines are explained; each further one is only named.
    """
    additions = compare(new, olds)
    lost = [Problem(additions.lost.line, "", additions.lost.message)] if additions.lost else []
    if allow_rewrite:
        lost = []
    if binary := _nul_byte(additions):
        return Report(0, [*lost, binary])
    lines = LineChecker(kind, alias, now, detail)
    checked = 0
    for block in additions.blocks():
        lines.check(block)
        checked += len(block.lines)
    problems = lines.problems + _no_final_newline(additions) + _reused_ids(lines, additions, alias)
    if problems or lines.repeated_ids:
        # Lines were numbered from the first new one.
        before = additions.lines_before
        problems = [replace(problem, line=problem.line + before) for problem in problems]
        problems += _repeated_ids(lines, before)
    return Report(checked, sorted(lost + problems, key=lambda problem: problem.line))


def _nul_byte(additions: Additions) -> Problem | None:
    position = additions.text.find(b"\0", additions.start)
    if position < 0:
        return None
    line = additions.text.count(b"\n", 0, position) + 1
    return Problem(line, "", "NUL byte; a log is UTF-8 text, one record a line")


def _no_final_newline(additions: Additions) -> list[Problem]:
    text = additions.text
    if len(text) == additions.start or text.endswith(b"\n"):
        return []
    last = text.count(b"\n", additions.start) + 1
    return [Problem(last, "", "no newline at the end; the last line may be cut off")]


def _reused_ids(lines: LineChecker, additions: Additions, alias: Alias | None) -> list[Problem]:
    return [
        Problem(
            lines.first_lines[name],
            "$.id",
            f"{schema.show(name)} is already the id of a committed record",
        )
        for name in committed_ids.reused(lines.first_lines, additions, alias)
    ]


def _repeated_ids(lines: LineChecker, before: int) -> list[Problem]:
    return [
        Problem(
            number + before,
            "$.id",
            f"{schema.show(name)} is also the id of line {lines.first_lines[name] + before}",
        )
        for number, name in lines.repeated_ids
    ]
