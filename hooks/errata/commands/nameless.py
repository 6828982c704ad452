"""Groups for people to name: their members share words, and errata cannot say what they teach."""

from __future__ import annotations

from collections.abc import Iterator

from errata.commands.screen import Screen, safe
from errata.lessons.facts import IN
from errata.lessons.members import Member, members_of
from errata.patterns.analysis import Pattern
from errata.patterns.corpus import Corpus
from errata.records.injection import sign_in

SUBJECTS = 3
_SUBJECT_MAX = 72


def is_nameless(pattern: Pattern, corpus: Corpus) -> bool:
    """Whether the members have words in common, and nobody has said what they mean."""
    lesson, curation = pattern.lesson, corpus.curation
    if lesson is None or lesson.instruction or not lesson.words:
        return False
    is_curated = curation.lesson_text(pattern.name) or curation.former_names(pattern.name)
    return not is_curated


def grouped_by(pattern: Pattern) -> str:
    """The words, and where they were used."""
    assert pattern.lesson, "only lessons have words"
    places = [fact for fact in pattern.lesson.facts if fact.startswith(IN)]
    return " ".join(("the words", safe(", ".join(pattern.lesson.words)), *map(safe, places[:1])))


def teach_command(pattern: Pattern) -> str:
    """What to type so that it is taught."""
    return f"errata teach --pattern {safe(pattern.name)} --description TEXT --instead TEXT"


def lines(pattern: Pattern, corpus: Corpus) -> Iterator[str]:
    """What a person needs to name a group: its words, and its newest members."""
    yield f"Grouped by {grouped_by(pattern)}; only people can say what they have in common:"
    for member in members_of(corpus, pattern.name)[:SUBJECTS]:
        yield f"  {subject(member)}"


def show_command(screen: Screen, pattern: Pattern, corpus: Corpus) -> None:
    """Print what to type so that a group without a name is taught; nothing for another."""
    if is_nameless(pattern, corpus):
        screen.line("NAME IT WITH:", bold=True)
        screen.command(f"  {teach_command(pattern)}")
        screen.line()


def subject(member: Member) -> str:
    """What a member says, on one line."""
    if sign_in(member.text):
        return "(addresses its reader; not shown)"
    line = safe(member.text)
    return line if len(line) <= _SUBJECT_MAX else f"{line[: _SUBJECT_MAX - 1]}…"
