"""Lessons in words: from what a group of corrections has in common to an instruction.

The text comes from ``rules/edits.toml``, never from a log. What a log adds is code: the subject of
a fact stands between backticks, and the lines of an example are shown as code.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from errata.lessons import complaints, kinds
from errata.lessons.candidates import is_shape
from errata.lessons.facts import IN, TESTS, Form, form_of, is_file, place_of
from errata.lessons.kinds import Fact
from errata.lessons.members import Member, RecordedExample
from errata.patterns.lesson import Example, Lesson
from errata.records.injection import sign_in

if TYPE_CHECKING:
    from errata.lessons.chances import Chances

_MOST = 0.8
"""The share of the members that must lie in a place for the instruction to name it."""
_FOLDERS = 3
_LEVELS = 2
_WORDS = 4
"""The most words of a name, or of a path."""


class Place(NamedTuple):
    """Where a fact holds; everywhere if all are empty. A folder has a final slash."""

    tests: bool = False
    folder: str = ""
    file: str = ""
    language: str = ""


class Statement(NamedTuple):
    """A fact of a group, taken apart: ``comment-removed in tests`` is about comments, in tests.

    The fact of ``in tests`` has no kind.
    """

    fact: Fact
    place: Place = Place()

    @classmethod
    def parse(cls, text: str) -> Statement:
        """The statement that a fact makes; see :mod:`errata.lessons.facts`."""
        form, place = form_of(text), place_of(text)
        if form not in (Form.PLACE, Form.AREA):
            return cls(Fact.parse(text))
        fact = Fact("" if form is Form.PLACE else Fact.parse(text).kind)
        if place == TESTS:
            return cls(fact, Place(tests=True))
        if place.endswith("/"):
            return cls(fact, Place(folder=place))
        return cls(fact, Place(file=place) if is_file(place) else Place(language=place))


def lesson(
    name: str,
    facts: Sequence[str],
    words: Sequence[str],
    members: Sequence[Member],
    chances: Chances | None = None,
) -> Lesson:
    """What a group of records teaches.

    Args:
        name: of its pattern.
        facts: what all members have in common, as in the field ``edits``, and where.
        words: stems that all members have in common, if they are texts.
        members: at least one; their order does not matter.
        chances: what agents wrote, if that is known.

    Returns:
        A lesson whose instruction is "" if it would say nothing, or only the members' own words.
    """
    facts = tuple(sorted(facts))
    folders = _folders(members)
    newest = sorted(members, key=lambda m: (m.when, m.id, m.text, m.examples), reverse=True)
    statements = [Statement.parse(text) for text in facts]
    lead = leading(facts)
    example = _example(newest, lead.fact)
    if not lead.fact.kind:
        return Lesson(
            name,
            facts,
            tuple(words),
            example=example,
            folders=folders,
            scope=_folder_of_all(members),
            places=_places(members),
            languages=_languages(members),
        )
    place = _place(statements, members)
    return Lesson(
        name=name,
        facts=facts,
        words=tuple(words),
        instruction=_instruction(lead.fact, place, example),
        reason=kinds.reason(_inert(lead.fact)),
        example=example,
        rate=chances.rate(_text(lead)) if chances else None,
        folders=folders,
        scope=_folder_of_all(members),
        places=_places(members),
        languages=_languages(members),
        tests=place.tests,
        severity=kinds.severity(lead.fact.kind),
        needs_example=not complaints.is_complaint(lead.fact.kind),
    )


def leading(facts: Iterable[str]) -> Statement:
    """The statement that a lesson makes: the most specific one of its facts.

    Its fact has no kind where the facts only say where.
    """
    statements = [Statement.parse(text) for text in facts]
    return max(_to_make(statements), key=_specificity, default=Statement(Fact("")))


def _to_make(statements: Sequence[Statement]) -> list[Statement]:
    """Those that no other makes better: of a kind with a subject, not the kind alone."""
    with_subject = {statement.fact.kind for statement in statements if statement.fact.subject}
    return [
        statement
        for statement in statements
        if statement.fact.subject or statement.fact.kind not in with_subject
    ]


def _specificity(statement: Statement) -> tuple[bool, bool, bool, int, int, str]:
    """Sorts facts: an instruction, a pair, a subject, a place, the longer subject."""
    teaches = bool(kinds.instruction(_inert(statement.fact)))
    subject = statement.fact.subject
    placed = sum(map(bool, statement.place))
    return teaches, kinds.ARROW in subject, bool(subject), placed, len(subject), str(statement.fact)


def lead_fact(facts: Iterable[str]) -> str:
    """The fact of a lesson that its rate is about; "" if it makes no statement."""
    lead = leading(facts) if facts else None
    return _text(lead) if lead and lead.fact.kind else ""


def _text(statement: Statement) -> str:
    """The statement as a fact of the chances has it."""
    if statement.place.tests:
        return f"{statement.fact.kind} {IN}{TESTS}"
    scope = statement.place.folder or statement.place.file or statement.place.language
    return f"{statement.fact.kind} {IN}{scope}" if scope else str(statement.fact)


def _instruction(lead: Fact, place: Place, example: Example | None) -> str:
    """The instruction of the leading fact and where it holds; "" if that says nothing."""
    fact = _inert(lead)
    if not all(map(_is_code, (*fact.subject.split(kinds.ARROW), place.folder, place.file))):
        return ""
    if not (sentence := kinds.instruction(fact)):
        return ""
    if is_shape(fact.subject) and not any(place):
        return ""
    if not (fact.subject or any(place) or example or complaints.is_complaint(fact.kind)):
        return ""
    scope = _scope(place)
    return f"{scope}: {sentence[0].lower()}{sentence[1:]}" if scope else sentence


def _is_code(text: str) -> bool:
    """Whether a text can be a name or a path: few words, and none of them addresses the reader."""
    return len(text.split()) <= _WORDS and not sign_in(text)


def _inert(fact: Fact) -> Fact:
    """The fact with a subject that cannot end the code that it is shown as."""
    return Fact(fact.kind, _code(fact.subject))


def _code(text: str) -> str:
    """The text on one line, without anything that ends the code."""
    return " ".join(text.split()).replace("`", "'")


def _scope(place: Place) -> str:
    """``In tests``, ``In Python tests``, or in a folder; "" if it holds everywhere."""
    language = f"{_LANGUAGES.get(place.language, place.language)} " if place.language else ""
    noun = f"{language}tests" if place.tests else f"{language}code" if language else ""
    path = _code(place.file or place.folder)
    if place.file or not noun:
        return f"In `{path}`" if path else ""
    return f"In {noun} below `{path}`" if path else f"In {noun}"


def _place(statements: Sequence[Statement], members: Sequence[Member]) -> Place:
    """Where the lesson holds: by its facts, or because most members lie there.

    A complaint holds everywhere: that it was made in one folder is chance.
    """
    if any(complaints.is_complaint(statement.fact.kind) for statement in statements):
        return Place()
    place = where(statements)
    tests = place.tests or _most(member.area.tests for member in members)
    return place._replace(tests=tests, folder=place.folder or _common_folder(members))


def where(statements: Sequence[Statement]) -> Place:
    """Where statements hold together."""
    places = [statement.place for statement in statements]
    return Place(
        any(place.tests for place in places),
        max((place.folder for place in places), key=len, default=""),
        max((place.file for place in places), default=""),
        max((place.language for place in places), default=""),
    )


def _common_folder(members: Sequence[Member]) -> str:
    """The deepest folder in which most members have an edit, with its slash; "" for the root."""
    counts = Counter(path for member in members for path in _folders_above(member))
    common = [path for path, count in counts.items() if count >= _MOST * len(members)]
    return max(common, key=lambda path: (len(path), path), default="")


def _folder_of_all(members: Sequence[Member]) -> str:
    """The deepest folder in which every edit of every member is, with its slash; "" for the root.

    Of members that name no folder nothing is known.
    """
    folders = [folder for member in members for folder in member.area.folders or (".",)]
    if not folders or "." in folders or any(sign_in(folder) for folder in folders):
        return ""
    common = posixpath.commonpath([folder.strip("/") for folder in folders])
    return f"{common}/" if common else ""


def _places(members: Sequence[Member]) -> int:
    """In how many parts of the code the members lie: folders, of which two levels count."""
    folders = (folder.strip("/").split("/") for member in members for folder in member.area.folders)
    return len({"/".join(parts[:_LEVELS]) for parts in folders})


def _languages(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(sorted({language for member in members for language in member.area.languages}))


def _folders_above(member: Member) -> set[str]:
    """The folders of a member, and those above them, each with its slash."""
    above: set[str] = set()
    for folder in member.area.folders:
        parts = [part for part in folder.split("/") if part not in ("", ".")]
        above.update("/".join(parts[:end]) + "/" for end in range(1, len(parts) + 1))
    return above


def _folders(members: Sequence[Member]) -> tuple[str, ...]:
    """The most frequent folders of the members, each with its slash; the root is left out."""
    named = (f"{folder.strip('/')}/" for m in members for folder in m.area.folders if folder != ".")
    counts = Counter(folder for folder in named if _is_code(folder))
    ranked = sorted(counts, key=lambda folder: (-counts[folder], folder))
    return tuple(folder for folder in ranked[:_FOLDERS] if 2 * counts[folder] >= len(members))


def _example(newest: Sequence[Member], fact: Fact) -> Example | None:
    """Lines that show the fact, without an instruction to the reader: of the newest member.

    An older one that shows more comes first; see :func:`_shown`.
    """
    best, most = None, -1
    for member in newest:
        for example in member.examples:
            if not any(_shows(text, fact) for text in example.edits):
                continue
            if _addresses((*example.before, *example.after)):
                continue
            if (shown := _shown(example, fact)) > most:
                best = Example(example.file, example.before, example.after, member.commit)
                most = shown
    return best


def _shown(example: RecordedExample, fact: Fact) -> int:
    """How much an example shows: 0 if only punctuation changed.

    What somebody complained about is clear only beside what replaced it, where something did.
    """
    if _words_of(example.before) == _words_of(example.after):
        return 0
    is_pair = bool(example.before and example.after)
    return 2 if is_pair or not complaints.is_complaint(fact.kind) else 1


def _words_of(lines: Sequence[str]) -> list[str]:
    return re.findall(r"\w+", " ".join(lines))


def _shows(text: str, fact: Fact) -> bool:
    """Whether lines with this fact are an example of another: the same, or of its kind if any."""
    if not fact.kind:
        return True
    if complaints.is_complaint(fact.kind):
        return complaints.shows(fact.kind, text)
    return text == str(fact) if fact.subject else Fact.parse(text).kind == fact.kind


def _addresses(lines: Sequence[str]) -> bool:
    """Whether lines of code address their reader, also over the ends of comment lines."""
    return any(map(sign_in, _readings(lines)))


def _readings(lines: Sequence[str]) -> Iterator[str]:
    yield from lines
    yield " ".join(lines)
    yield " ".join(line.strip(" \t#/*-;<!>%\"'`+=|") for line in lines)


def _most(values: Iterator[bool]) -> bool:
    known = list(values)
    return bool(known) and sum(known) >= _MOST * len(known)


_LANGUAGES = {
    "bash": "Bash",
    "c": "C",
    "cpp": "C++",
    "csharp": "C#",
    "css": "CSS",
    "go": "Go",
    "html": "HTML",
    "java": "Java",
    "javascript": "JavaScript",
    "json": "JSON",
    "markdown": "Markdown",
    "python": "Python",
    "ruby": "Ruby",
    "rust": "Rust",
    "tsx": "TSX",
    "typescript": "TypeScript",
    "yaml": "YAML",
}
