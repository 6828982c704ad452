"""The elements of changed lines without a parse tree: by tokens, or by lines of configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from errata.corrections.classify.token_diff import lexer_for
from errata.lessons import callees, comments
from errata.lessons.element import Element, Ranges
from errata.lessons.texts import flat, shorten

_CONFIG = (".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".editorconfig")
_IGNORE_FILES = (".gitignore", ".dockerignore", ".npmignore", ".prettierignore", ".eslintignore")
_SECTION = re.compile(r"^\s*\[+\s*([^\]\n]{1,100}?)\s*\]+\s*(?:[#;].*)?$")
_SETTING = re.compile(r"^\s*(?:export\s+)?([\w.\-@/\"' ]{1,80}?)\s*[=:]\s*(.*)$")
_MAX_CHARACTERS = 20_000
_MAX_ELEMENTS = 300
_MAX_LINE = 1_000


def elements(path: str, text: str, ranges: Ranges) -> list[Element]:
    """The elements of the changed lines of a file without a grammar, or with a broken parse."""
    file = PurePosixPath(path)
    ending = file.suffix.lower() or file.name
    lines = text.split("\n")
    if ending in _CONFIG or file.name.startswith(".env"):
        return list(islice(_settings(lines, ranges), _MAX_ELEMENTS))
    if file.name in _IGNORE_FILES:
        return list(islice(_patterns(lines, ranges), _MAX_ELEMENTS))
    offsets = _offsets(lines)
    result: list[Element] = []
    characters = 0
    for hunk, (start, stop) in enumerate(ranges):
        if start < stop:
            characters += offsets[stop] - offsets[start]
            if characters > _MAX_CHARACTERS:
                break
            result += _tokens(ending, lines[start:stop], offsets[start], start, hunk)
    return result[:_MAX_ELEMENTS]


def _offsets(lines: list[str]) -> list[int]:
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    return offsets


def _patterns(lines: list[str], ranges: Ranges) -> Iterator[Element]:
    """The patterns of a file that lists ignored files."""
    offsets = _offsets(lines)
    for hunk, (start, stop) in enumerate(ranges):
        for number in range(start, min(stop, len(lines))):
            pattern = lines[number].strip()
            if pattern and pattern[0] not in "#!":
                where = (offsets[number], offsets[number + 1] - 1, number, number, hunk)
                yield Element("ignored", shorten(pattern), pattern, "", *where)


def _settings(lines: list[str], ranges: Ranges) -> Iterator[Element]:
    section, start, place = "", 0, 0
    for number, line in enumerate(lines):
        start, begin = start + len(line) + 1, start
        while place < len(ranges) and ranges[place][1] <= number:
            place += 1
        if place == len(ranges):
            return
        stripped = line[:_MAX_LINE].strip()
        if match := _SECTION.match(stripped):
            section = match[1]
        if number >= ranges[place][0] and stripped:
            where = (begin, begin + len(line), number, number, place)
            yield from _setting(stripped, section, where)


def _setting(line: str, section: str, where: tuple[int, int, int, int, int]) -> Iterator[Element]:
    if line[0] in "#;":
        yield Element("comment", comments.kind_of(line), line, "", *where)
    elif match := _SETTING.match(line):
        key = match[1].strip("\"' ")
        subject = shorten(f"{section}.{key}" if section else key)
        yield Element("pair", subject, flat(match[2]), "", *where)


def _tokens(ending: str, lines: list[str], offset: int, first: int, hunk: int) -> Iterator[Element]:
    text = "\n".join(line[:_MAX_LINE] for line in lines)
    lexer = lexer_for(ending)
    if lexer is None or any(len(x) > _MAX_LINE for x in lines):
        return
    name, at = "", 0
    for kind, value in lexer.get_tokens(text):
        token, stripped = str(kind), value.strip()
        place = (offset + at, offset + at + len(value))
        line = first + text.count("\n", 0, at)
        where = (*place, line, line + value.count("\n"), hunk)
        at += len(value)
        if token.startswith("Token.Comment") and stripped:
            yield Element("comment", comments.kind_of(stripped), flat(stripped), "", *where)
        elif token.startswith("Token.Literal.String") and len(stripped) > 1:
            yield Element("string", "", flat(stripped), "", *where)
        elif token.startswith("Token.Name") and stripped:
            name = stripped
        elif stripped.startswith("(") and name:
            yield Element("call", callees.normalised(name, frozenset()), name, "", *where)
            name = ""
        elif stripped:
            name = ""
