"""What stands for a text in a bundle: digests of it, and paths of two levels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from errata.fleet.schema import MAX_FOLDERS
from errata.lessons import names
from errata.lessons.facts import IN, TESTS, form_of, is_file, is_language, place_of
from errata.lessons.facts import Form as FactForm
from errata.lessons.instructions import lead_fact
from errata.lessons.kinds import Fact
from errata.patterns.lesson import Lesson
from errata.records.injection import is_name

OPAQUE = "#"
"""What a digest in the place of a name begins with."""
_DIGITS = 16
_SCOPE = re.compile(r"\A(In [^`:]*)`([^`]+)`:")
_LINE = re.compile(r"(:\d+)+\Z")
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:")


def digest(*parts: str) -> str:
    """A short digest of some texts."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return hashed.hexdigest()[:_DIGITS]


def lesson_key(name: str, lesson: Lesson | None) -> str:
    """What identifies a lesson in all repositories: its set of facts, or its name without any.

    People may call the same lesson by another name in each repository.
    """
    if not name:
        return ""
    if lesson is None or not (lesson.facts or lesson.words):
        return digest("name", name)
    return digest("facts", *sorted(lesson.facts), "words", *sorted(lesson.words))


def folder_of(path: str) -> str:
    """The folder of a file, cut after two levels; "" for the top, and outside the repository."""
    parts = _LINE.sub("", path).replace("\\", "/").split("/")[:-1]
    parts = [part for part in parts if part not in ("", ".")]
    if _ABSOLUTE.match(path) or ".." in parts:
        return ""
    return "/".join(parts[:MAX_FOLDERS])


def label(text: str) -> str:
    """A name of a service; a digest of a text that cannot be one."""
    return text if not text or is_name(text) else f"{OPAQUE}{digest(text)[:8]}"


def shown_fact(fact: str) -> str:
    """The fact with no file, and no folder below the second level."""
    place = place_of(fact)
    if not _is_path(place):
        return fact
    shown = shown_place(place)
    if form_of(fact) is FactForm.PLACE:
        return f"{IN}{shown}" if shown else f"{IN}one file"
    kind = Fact.parse(fact).kind
    return f"{kind} {IN}{shown}" if shown else f"{kind} {IN}one file"


def shown_place(place: str) -> str:
    """A file or a folder as a folder of at most two levels, with its slash; "" for the top."""
    folder = folder_of(f"{place.rstrip('/')}/x" if place.endswith("/") else place)
    return f"{folder}/" if folder else ""


def shown_name(lesson: Lesson) -> str:
    """The name of a lesson; another one where its own was made from a path that stays inside."""
    fact = lead_fact(lesson.facts)
    hidden = [text for text in (fact, *lesson.facts) if shown_fact(text) != text]
    if not hidden or not any(_was_made_from(lesson.name, text, lesson.words) for text in hidden):
        return lesson.name
    return names.name((shown_fact(hidden[0]),), lesson.words)


def _was_made_from(name: str, fact: str, words: Iterable[str]) -> bool:
    derived = names.name((fact,), tuple(words))
    return name == derived or name.startswith(derived[: names.MAX_LENGTH - 10])


def shown_instruction(lesson: Lesson) -> str:
    """The instruction, with at most two levels of the folder that it begins with."""

    def clip(match: re.Match[str]) -> str:
        shown = shown_place(match[2])
        return f"{match[1]}`{shown}`:" if shown else "In one file:"

    return _SCOPE.sub(clip, lesson.instruction)


def _is_path(place: str) -> bool:
    return (
        bool(place)
        and place != TESTS
        and (place.endswith("/") or is_file(place))
        and (not is_language(place))
    )
