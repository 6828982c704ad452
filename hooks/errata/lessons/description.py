"""What is said of an edit: the types that :mod:`errata.lessons.describe` takes and returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from errata.lessons.element import Element
from errata.lessons.kinds import Fact


class Hunk(NamedTuple):
    """Half-open ranges of lines, from 0, in the old and in the new text."""

    old: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class EditedFile:
    """Both versions of a file.

    Attributes:
        path: in the repository; its extension decides about the language.
        old, new: the whole text before and after.
        hunks: the changed lines.
    """

    path: str
    old: str
    new: str
    hunks: Sequence[Hunk]


@dataclass(frozen=True, slots=True)
class Example:
    """Lines of an edit, at most three of each version, and the facts that they show."""

    edits: tuple[str, ...]
    file: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Where an edit was made.

    Attributes:
        folders: at most three, by number of changed files; "." is the root.
        languages: at most three, likewise.
        tests: whether all files are tests.
        symbols: functions and classes around the changed lines, at most five.
    """

    folders: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tests: bool = False
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What an edit of one or more files did: facts, sorted; where; and lines that show it."""

    edits: tuple[str, ...] = ()
    area: Area = field(default_factory=Area)
    examples: tuple[Example, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """The fields of a record: ``edits``, ``area`` and ``examples``."""
        area = self.area
        return {
            "edits": list(self.edits),
            "area": {
                "folders": list(area.folders),
                "languages": list(area.languages),
                "tests": area.tests,
                "symbols": list(area.symbols),
            },
            "examples": [
                {
                    "edits": list(example.edits),
                    "file": example.file,
                    "before": list(example.before),
                    "after": list(example.after),
                }
                for example in self.examples
            ],
        }


class ShownFact(NamedTuple):
    """A fact with the elements that show it."""

    fact: Fact
    old: Element | None = None
    new: Element | None = None
