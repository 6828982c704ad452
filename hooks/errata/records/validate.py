"""Is this log's new content acceptable? Pure: bytes in, problems out.

What is already committed is compared as bytes and never parsed, so the cost follows the new lines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from errata.core.config import Alias
from errata.records import committed_ids, schema
from errata.records.append_only import Additions, compare
from errata.records.description import repeats
from errata.records.line_checker import LineChecker, Problem

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
    kind: str,
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
        kind: the kind of its records, or one of :mod:`errata.records.other_logs`.
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
        problems += _repeated_ids(lines, additions)
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
    committed = committed_ids.reused(lines.first_lines, additions, alias)
    new = _lines_at(additions, {lines.first_lines[name] for name in committed})
    return [
        Problem(number, "$.id", f"{schema.show(name)} is already the id of a committed record")
        for name, line in committed.items()
        if not repeats(line, new[number := lines.first_lines[name]])
    ]


def _repeated_ids(lines: LineChecker, additions: Additions) -> list[Problem]:
    pairs = [(number, lines.first_lines[name]) for number, name in lines.repeated_ids]
    texts = _lines_at(additions, {number for pair in pairs for number in pair})
    before = additions.lines_before
    return [
        Problem(
            number + before,
            "$.id",
            f"{schema.show(name)} is also the id of line {first + before}",
        )
        for (number, first), (_, name) in zip(pairs, lines.repeated_ids, strict=True)
        if not repeats(texts[first], texts[number])
    ]


def _lines_at(additions: Additions, numbers: Collection[int]) -> dict[int, bytes]:
    """Some of the lines to check, by number."""
    return {
        number: line
        for block in (additions.blocks() if numbers else ())
        for number, line in zip(block.numbers, block.lines, strict=True)
        if number in numbers
    }
