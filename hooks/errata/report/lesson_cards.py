"""The lessons in the HTML report: what each says, an example, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from errata.patterns.lesson import Example
from errata.report import words
from errata.report.markup import Child, Html, tag, text, with_code
from errata.report.model import LessonRow, NearLesson, Report
from errata.runbooks.sanitise import code_line

_MOST = 8
"""Lessons that are shown at once; the rest is folded."""
_WIDTH = 160
_NAME = 80


def cards(report: Report) -> Iterator[Child]:
    """The lessons, those that left the runbooks last; or what comes nearest to one."""
    current = [row for row in report.lessons if not row.is_over]
    over = [row for row in report.lessons if row.is_over]
    if not current:
        yield _none_yet(report)
        yield from map(_near, report.nearest)
    if report.together:
        yield tag("p", f"Together, {report.together}.", class_="outcome")
    yield from map(_card, current[:_MOST])
    yield _folded("more", current[_MOST:])
    yield _folded("no longer taught", over)


def _none_yet(report: Report) -> Html:
    if not report.corrections:
        return tag(
            "p", "No lesson: nobody soon changed what an agent had committed.", class_="empty"
        )
    corrections = words.plural(report.corrections, "correction")
    more = " These come nearest:" if report.nearest else ""
    return tag(
        "p",
        f"No lesson yet: {corrections}, but none recurs often enough to be taught.{more}",
        class_="empty",
    )


def _folded(which: str, rows: Sequence[LessonRow]) -> Html | None:
    if not rows:
        return None
    return tag(
        "details", tag("summary", f"{words.plural(len(rows), 'lesson')} {which}"), map(_card, rows)
    )


def _near(row: NearLesson) -> Html:
    return tag(
        "article",
        tag("h3", text(row.name, _NAME)),
        tag("p", with_code(row.says)) if row.says else None,
        tag(
            "p", f"Seen {words.plural(row.seen, 'time')}; ", with_code(row.why_not), class_="small"
        ),
        class_="lesson",
    )


def _card(row: LessonRow) -> Html:
    return tag(
        "article",
        tag("h3", with_code(row.says or row.name)),
        tag("p", with_code(row.reason)) if row.reason else None,
        _example(row.example) if row.example else None,
        tag("p", with_code(row.outcome), class_=f"outcome {_tone(row)}".strip()),
        tag("dl", _facts(row), class_="facts"),
        class_="lesson",
    )


def _tone(row: LessonRow) -> str:
    if row.outcome.startswith("It works"):
        return "good"
    return "bad" if row.outcome.startswith(("It got worse", "No effect")) else ""


def _facts(row: LessonRow) -> Iterator[Html]:
    yield tag("dt", "Name")
    yield tag("dd", tag("code", text(row.name, _NAME)))
    yield tag("dt", "Seen")
    sessions = f" in {words.plural(row.sessions, 'session')}" if row.sessions != row.seen else ""
    yield tag("dd", f"{words.plural(row.seen, 'time')}{sessions}; confidence {row.confidence:.2f}")
    yield tag("dt", "For")
    yield tag("dd", text(", ".join(row.for_whom)))
    if row.since:
        yield tag("dt", "Taught since")
        yield tag("dd", row.since)
    for name, share in (("Before", row.before), ("Since", row.after)):
        if share is not None:
            label = name if row.since else "So far"
            yield tag("dt", label)
            yield tag("dd", words.figure(share, "commits that could have called for it"))


def _example(example: Example) -> Html:
    commit = f", corrected in {text(example.commit[:12])}" if example.commit else ""
    return tag(
        "div",
        tag("p", tag("code", text(example.file, _WIDTH)), commit, class_="small"),
        tag(
            "div",
            _side("before", "The agent wrote", example.before),
            _side("after", "A person made it", example.after),
            class_="example",
        ),
    )


def _side(name: str, title: str, lines: Sequence[str]) -> Html:
    shown = "\n".join(code_line(line, _WIDTH) for line in lines)
    return tag(
        "div",
        tag("span", title, class_="small"),
        tag("pre", shown or "(nothing)"),
        class_=name,
    )
