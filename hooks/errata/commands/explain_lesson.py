"""``errata explain`` for a lesson: what it says, what it was made of, and every member."""

from __future__ import annotations

from typing import Any

from errata.commands.layout import Column
from errata.commands.nameless import subject
from errata.commands.screen import Screen, plural, safe
from errata.lessons.complaints import is_complaint
from errata.lessons.members import members_of
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Example, Lesson, Rate
from errata.records.instants import day
from errata.runbooks.sanitise import code_line

_CODE_MAX = 200


def show(screen: Screen, lesson: Lesson) -> None:
    """Print what a lesson says and why it was made."""
    screen.line("LESSON:", bold=True)
    says = safe(lesson.instruction) or "none: it would say nothing in particular"
    screen.line(f"  {says}", hang=2)
    if lesson.reason:
        screen.line(f"  {safe(lesson.reason)}")
    if lesson.example:
        _print_example(screen, lesson.example)
    screen.line()
    screen.line("GROUPED BY:", bold=True)
    for fact in lesson.facts:
        screen.line(f"  {safe(fact)}")
    if lesson.words:
        screen.line(f"  the words {safe(', '.join(lesson.words))}")
    if lesson.folders:
        screen.line(f"  mostly in {safe(', '.join(lesson.folders))}")
    if lesson.contradicts:
        screen.line(f"  contradicts {safe(', '.join(lesson.contradicts))}; neither is taught")
    screen.line()
    screen.line("HOW OFTEN:", bold=True)
    if any(map(is_complaint, lesson.facts)):
        screen.line("  not counted: no commit shows that it could have led to this complaint")
    else:
        for line in rate_lines(lesson.rate):
            screen.line(f"  {line}")
    screen.line()


def show_members(screen: Screen, corpus: Corpus, name: str) -> None:
    """Print one line for each member, newest first."""
    members = members_of(corpus, name)
    screen.line()
    screen.line(f"MEMBERS ({len(members)}):", bold=True)
    rows = [
        (safe(member.id), day(member.when), safe(member.commit[:12]), safe(subject(member)))
        for member in members
    ]
    screen.table((Column(), Column(), Column(), Column()), rows, indent=2)


def rate_lines(rate: Rate | None) -> list[str]:
    """The rate with its interval, and what it is compared with."""
    if rate is None:
        return ["not known: `errata backfill` counts what agents committed"]
    share = rate.corrected / rate.chances if rate.chances else 0.0
    commits = plural(rate.chances, "agent commit")
    return [
        f"{rate.corrected} of {commits} that could have called for it: {share:.0%} "
        f"(95% interval {rate.low:.0%} to {rate.high:.0%})",
        f"compared with {_percent(rate.base)} of {safe(rate.compared_with)}",
    ]


def _percent(share: float) -> str:
    """A share in percent, with two digits that say something where it is small."""
    if 0 < share < 0.0001:
        return "less than 0.01%"
    return f"{share:.2%}" if 0 < share < 0.01 else f"{share:.0%}"


def to_json(lesson: Lesson, corpus: Corpus) -> dict[str, Any]:
    """The same for programs."""
    from dataclasses import asdict

    return {
        "instruction": lesson.instruction,
        "reason": lesson.reason,
        "facts": list(lesson.facts),
        "words": list(lesson.words),
        "folders": list(lesson.folders),
        "contradicts": list(lesson.contradicts),
        "example": asdict(lesson.example) if lesson.example else None,
        "rate": asdict(lesson.rate) if lesson.rate else None,
        "members": [
            {
                "id": member.id,
                "date": day(member.when),
                "commit": member.commit,
                "subject": subject(member),
            }
            for member in members_of(corpus, lesson.name)
        ],
    }


def _print_example(screen: Screen, example: Example) -> None:
    commit = f" ({safe(example.commit[:12])})" if example.commit else ""
    screen.line(f"  {safe(example.file)}{commit}:")
    for sign, lines in (("-", example.before), ("+", example.after)):
        for line in lines:
            screen.change(sign, code_line(line, _CODE_MAX))
