"""``errata explain`` for a lesson: what it says, what it was made of, and every member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from errata.commands.layout import Column
from errata.commands.nameless import subject
from errata.commands.screen import Screen, plural, safe, sentence
from errata.lessons.complaints import KIND, is_complaint, quote
from errata.lessons.facts import Form, form_of
from errata.lessons.kinds import Fact
from errata.lessons.members import Member, members_of
from errata.patterns.analysis import Pattern
from errata.patterns.corpus import Corpus
from errata.patterns.lesson import Example, Lesson, Rate
from errata.records.curation import LessonText
from errata.records.injection import sign_in
from errata.records.instants import day
from errata.runbooks.sanitise import code_line

_CODE_MAX = 200
_QUOTES = 5


def show(screen: Screen, pattern: Pattern, corpus: Corpus) -> None:
    """Print what a pattern teaches, if it is a lesson or somebody wrote it, and why."""
    lesson, text = pattern.lesson, pattern.curated.text
    if lesson or text:
        screen.line("LESSON:", bold=True)
    if text:
        for line in written_lines(text):
            screen.line(f"  {line}", hang=2)
    elif lesson:
        says = safe(lesson.instruction) or "none: it would say nothing in particular"
        screen.line(f"  {says}", hang=2)
        if lesson.reason:
            screen.line(f"  {safe(lesson.reason)}")
    if lesson and lesson.example:
        _print_example(screen, lesson.example)
    if lesson or text:
        screen.line()
    if lesson:
        _print_group(screen, lesson, pattern, corpus)


def written_lines(text: LessonText) -> Iterator[str]:
    """What somebody wrote that a pattern teaches, and who it was."""
    if text.description:
        yield safe(text.description)
    if text.instead:
        yield f"Instead: {safe(text.instead)}"
    yield f"{sentence(text.source)} by {safe(text.by)} on {day(text.when)}."


def _print_group(screen: Screen, lesson: Lesson, pattern: Pattern, corpus: Corpus) -> None:
    """Print what the members have in common, and how often it happens."""
    screen.line("GROUPED BY:", bold=True)
    for fact in lesson.facts:
        screen.line(f"  {_grouped_by(fact, corpus, pattern.name)}", hang=2)
    if lesson.words:
        screen.line(f"  the words {safe(', '.join(lesson.words))}")
    if lesson.folders:
        screen.line(f"  mostly in {safe(', '.join(lesson.folders))}")
    if lesson.contradicts:
        screen.line(f"  contradicts {safe(', '.join(lesson.contradicts))}; neither is taught")
    screen.line()
    screen.line("HOW OFTEN:", bold=True)
    if any(map(is_complaint, lesson.facts)):
        screen.line(
            f"  {plural(pattern.count, 'complaint')}; no rate, because any commit can lead to one"
        )
    else:
        for line in rate_lines(lesson.rate):
            screen.line(f"  {line}")
    screen.line()


def _grouped_by(fact: str, corpus: Corpus, name: str) -> str:
    """What a fact says; of a complaint, the words that make it one, of the newest members."""
    if not is_complaint(fact):
        return in_words(fact)
    quotes = (_quoted(fact, member.text) for member in members_of(corpus, name))
    shown = [*dict.fromkeys(filter(None, quotes))][:_QUOTES]
    return f"the same complaint in what they say: {', '.join(shown)}" if shown else in_words(fact)


def reasons(lesson: Lesson, member: Member) -> Iterator[str]:
    """What a member has of the things that it was grouped by."""
    for fact in lesson.facts:
        if words := _quoted(fact, member.text):
            yield f"it says {words}"
        elif fact in member.edits:
            yield f'its edit is "{in_words(fact)}"'


def _quoted(fact: str, text: str) -> str:
    """The words of a text that make it a complaint, in quotation marks; "" if there are none."""
    words = "" if sign_in(text) else safe(quote(fact, text))
    return f'"{words}"' if words else ""


def in_words(fact: str) -> str:
    """What a fact says: ``call removed: console.log``, ``comment removed in tests``."""
    kind, subject = Fact.parse(safe(fact))
    words = kind.removeprefix(KIND).replace("-", " ")
    if is_complaint(fact):
        return f'the same complaint: "{words}"'
    if not subject or form_of(fact) in (Form.PLACE, Form.AREA):
        return f"{words} {subject}".rstrip()
    return f"{words}: {subject}"


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
