"""Where an edit was made: folders, languages, tests or not, the functions around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from errata.lessons import elements, prose
from errata.lessons.description import Area, EditedFile
from errata.lessons.test_paths import is_test
from errata.lessons.texts import clean

_MAX_FOLDERS = 3
_MAX_LANGUAGES = 3
_MAX_SYMBOLS = 5
_MAX_LINES = 50_000
_MAX_HUNKS = 50
_MAX_DISTANCE = 300
_MAX_HEAD = 200
_DEFINITION = re.compile(
    r"^\s*(?:export\s+|default\s+|async\s+|pub(?:\([a-z]+\))?\s+|public\s+|private\s+|protected\s+"
    r"|static\s+|final\s+|abstract\s+)*"
    r"(?:def|class|function\*?|func(?:\s+\([^)]*\))?|fn|interface|struct|trait|impl|enum|module)"
    r"\s+([A-Za-z_$][\w$.]*)"
)


def language_of(path: str) -> str:
    """The language of a file: that of its grammar, or its extension; "" if it has none."""
    extension = PurePosixPath(path).suffix.lower().lstrip(".")
    if extension in prose.EXTENSIONS:
        return "markdown"
    return elements.language_of(path) or clean(extension, 20)


def area_of(files: Sequence[EditedFile], symbols: Iterable[str] = ()) -> Area:
    """The area of an edit."""
    folders = Counter(clean(str(PurePosixPath(file.path).parent), 200) for file in files)
    languages = Counter(filter(None, (language_of(file.path) for file in files)))
    return Area(
        folders=_most_frequent(folders, _MAX_FOLDERS),
        languages=_most_frequent(languages, _MAX_LANGUAGES),
        tests=all(is_test(file.path) for file in files),
        symbols=_most_frequent(Counter(symbols), _MAX_SYMBOLS),
    )


def _most_frequent(counts: Counter[str], limit: int) -> tuple[str, ...]:
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(ranked[:limit])


def symbols(file: EditedFile) -> list[str]:
    """The functions and classes whose lines an edit touches, as far as their heads show."""
    lines = file.new.split("\n")[:_MAX_LINES]
    names = []
    for hunk in file.hunks[:_MAX_HUNKS]:
        first = min(hunk.new[0], len(lines) - 1)
        indent = _indent(lines[first]) if lines[first].strip() else None
        for number in range(first, max(first - _MAX_DISTANCE, -1), -1):
            line = lines[number]
            match = _DEFINITION.match(line[:_MAX_HEAD])
            if match and (number == first or indent is None or _indent(line) < indent):
                names.append(clean(match[1], 60))
                break
    return names


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
