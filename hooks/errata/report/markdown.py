"""The report as short Markdown, for a pull request or a weekly issue. Needs no plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from errata.patterns.lesson import Example
from errata.report import words
from errata.report.model import LessonRow, Report, Row
from errata.runbooks.sanitise import code_line, code_span, markdown, markdown_with_code

_LESSONS, _ROWS, _FILES = 5, 6, 5
_WIDTH, _LINE, _NAME = 300, 120, 80


def render(report: Report) -> str:
    """The text, which ends with a line end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    by = report.commits_by
    yield f"## How coding agents do in {markdown(report.name, _NAME)}"
    yield ""
    if not report.commits:
        yield "This repository has no commit yet."
        return
    yield (
        f"{words.plural(report.commits, 'commit')} from {report.first} to {report.last}: "
        f"{by.get('agent', 0):,} by agents, {by.get('person', 0):,} by people."
    )
    if not by.get("agent"):
        yield ""
        yield "No commit shows that an agent made it, so there is nothing to report yet."
        return
    yield ""
    yield from _numbers(report)
    yield from _lessons(report)
    yield from _table("Agent", report.agents)
    yield from _table("Model", report.models)
    yield from _files(report)
    for note in report.notes:
        yield ""
        yield f"_{note}_"
    yield ""
    yield "_Likely: 95% interval. Made by `errata report --format md`._"


def _numbers(report: Report) -> Iterator[str]:
    share = report.all
    yield (
        f"- **{words.per_hundred(share.value)} of 100 agent commits were corrected** "
        f"({words.of(share)}; likely {words.between(share.interval)})."
    )
    if pair := words.recent(report.months):
        yield f"- {words.direction(*pair)}: newest 3 months against the 3 before."
    if report.survival and words.age_to_tell(report.survival.agents):
        yield f"- {words.lifetimes(report.survival)}"
    else:
        yield "- Not enough data yet to say how long agents' lines live."


def _lessons(report: Report) -> Iterator[str]:
    current = [row for row in report.lessons if not row.is_over]
    yield ""
    yield f"### Lessons ({len(current)})"
    yield ""
    if not current:
        yield (
            f"None yet: {words.plural(report.corrections, 'correction')}, but none recurs often "
            "enough to be taught."
            if report.corrections
            else "None: nobody soon changed what an agent had committed."
        )
    if report.together:
        yield f"Together, {report.together}."
        yield ""
    for row in current[:_LESSONS]:
        yield from _lesson(row)
    if len(current) > _LESSONS:
        yield f"- and {len(current) - _LESSONS} more"


def _lesson(row: LessonRow) -> Iterator[str]:
    says = markdown_with_code(row.says or row.name, _WIDTH)
    yield f"- {says} ({words.plural(row.seen, 'time')}) {markdown_with_code(row.outcome, _WIDTH)}"
    if row.before and row.after and row.after.total:
        yield f"  Before: {words.figure(row.before)}. Since: {words.figure(row.after)}."
    if row.example:
        yield from _example(row.example)


def _example(example: Example) -> Iterator[str]:
    """The lines before and after as a diff; with its sign before it, no line ends the fence."""
    yield ""
    yield "  ```diff"
    for sign, lines in (("-", example.before), ("+", example.after)):
        yield from (f"  {sign} {code_line(line, _LINE)}" for line in lines)
    yield "  ```"
    yield ""


def _table(head: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"| {head} | Agent commits | Corrected | Likely between |"
    yield "|---|--:|--:|---|"
    for row in rows[:_ROWS]:
        low, high = map(words.percent, row.share.interval)
        yield (
            f"| {markdown(row.label, _NAME)} | {row.share.total:,} "
            f"| {row.share.count:,} ({words.percent(row.share.value)}) | {low} and {high} |"
        )


def _files(report: Report) -> Iterator[str]:
    if report.heat:
        yield ""
        yield "Files that were corrected most: " + ", ".join(
            f"{code_span(row.path, _NAME)} ({words.of(row.share)} agent commits)"
            for row in report.heat[:_FILES]
        )
