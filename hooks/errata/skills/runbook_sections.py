"""A runbook in sections that are never cut: an entry, a paragraph, a heading of the third level.

This is not a Markdown parser, which would take longer than everything else at the start of a
session. The sections are never written back: at worst, an odd document is cut in an odd place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from errata.records.significant_words import words
from errata.runbooks.paths import ABOUT, END, NOTHING
from errata.runbooks.sanitise import terminal
from errata.skills.fitting import parts_of_path

_BEGIN_MARKER = re.compile(r" {0,3}<!-- errata:begin sha256=[0-9a-f]{16} -->\Z")
_SKIPPED = frozenset([END, NOTHING.rstrip("\n")])
_LINE_END = re.compile(r"\r\n?|\n")
_HEADING = re.compile(r"(#{1,6})(?: |\Z)")
_LIST_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?: |\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# Headings of this level and below belong to the section that they begin.
_ENTRY_LEVEL = 3
# Of the line of figures in every generated entry.
_SERVICES = re.compile(r"; services ([^;]+)")
_AND_MORE = re.compile(r" and \d+ more\Z")
_CATEGORY = re.compile(r"; category ([^;.]+)")
_PATH_WEIGHT, _SERVICE_WEIGHT, _CATEGORY_WEIGHT = 4, 2, 1


class Section(NamedTuple):
    """A part of a runbook that is shown or omitted in full.

    Attributes:
        headings: the headings above it, outermost first, without the title of the document.
        text: its lines, joined with LF.
    """

    headings: tuple[str, ...]
    text: str


def sections(data: bytes, boilerplate: Collection[str] = ()) -> list[Section]:
    """The sections of a runbook in order, without errata's markers.

    ``boilerplate`` holds paragraphs to leave out: those of a new runbook.
    """
    splitter = _Splitter(boilerplate)
    for line, fenced in _lines(data):
        splitter.add(line, fenced)
    splitter.close()
    return splitter.sections


class _Splitter:
    """Collects lines into sections."""

    def __init__(self, boilerplate: Collection[str]) -> None:
        self.sections: list[Section] = []
        self._boilerplate = boilerplate
        self._headings: list[tuple[int, str]] = []  # (level, line), outermost first
        self._lines: list[str] = []

    def add(self, line: str, fenced: bool) -> None:
        level = 0 if fenced else _heading_level(line)
        if not fenced and self._is_boundary(line, level):
            self.close()
        if 0 < level < _ENTRY_LEVEL:
            self._headings = [heading for heading in self._headings if heading[0] < level]
            self._headings.append((level, line))
        else:
            self._lines.append(line)

    def close(self) -> None:
        """End the section that is being collected."""
        text = "\n".join(self._lines).strip("\n")
        self._lines.clear()
        if text and text not in self._boilerplate:
            headings = tuple(line for level, line in self._headings if level > 1)
            self.sections.append(Section(headings, text))

    def _is_boundary(self, line: str, level: int) -> bool:
        entry_level = _heading_level(self._lines[0]) if self._lines else 0
        if level:
            return level < _ENTRY_LEVEL or not 0 < entry_level < level
        if entry_level:
            return False
        after_blank = not self._lines or not self._lines[-1]
        return bool(_LIST_ITEM.match(line)) or (after_blank and bool(line) and line[0] != " ")


def relevance(section: Section, files: Collection[str]) -> int:
    """How much a section has to do with any of these files; 0 if nothing.

    It names the path, or the file; or its service, or its category, is a folder above the file.
    """
    text = re.sub(r"\\(.)", r"\1", section.text)
    lists = (_AND_MORE.sub("", names.rstrip(".\n")) for names in _SERVICES.findall(text))
    services = {name.strip().casefold() for names in lists for name in names.split(",")}
    categories = words(" ".join(_CATEGORY.findall(text)))
    return max((_score(text, file, services, categories) for file in files), default=0)


def names_path(section: Section, files: Collection[str]) -> bool:
    """Whether a section names one of these files, or a folder above it."""
    text = re.sub(r"\\(.)", r"\1", section.text)
    parts = ([part for part in file.split("/") if part not in ("", ".")] for file in files)
    return any(_names(text, path) for file in parts for path in parts_of_path(file))


def _score(text: str, file: str, services: Collection[str], categories: frozenset[str]) -> int:
    parts = [part for part in file.split("/") if part not in ("", ".")]
    folders = {part.casefold() for part in parts[:-1]}
    return (
        _PATH_WEIGHT * any(_names(text, path) for path in parts_of_path(parts))
        + _SERVICE_WEIGHT * bool(folders.intersection(services))
        + _CATEGORY_WEIGHT * bool(categories and categories & words(" ".join(folders)))
    )


def _names(text: str, path: str) -> bool:
    if path not in text:
        return False
    after = "" if path.endswith("/") else r"(?!\w)"
    return bool(re.search(rf"(?<![\w.-]){re.escape(path)}{after}", text))


def _lines(data: bytes) -> Iterator[tuple[str, bool]]:
    """(printable line, whether it is in a code fence), without the markers."""
    fence = ""
    for raw in _LINE_END.split(data.decode("utf-8", "replace").removeprefix("\ufeff")):
        printable = raw.isascii() and raw.isprintable()
        line = (raw if printable else terminal(raw.expandtabs(4))).rstrip(" ")
        match = _FENCE.match(line)
        if fence:
            yield line, True
            if match and match[1].startswith(fence) and not line.strip(" " + fence[0]):
                fence = ""
        elif match:
            fence = match[1]
            yield line, True
        elif not (_BEGIN_MARKER.match(line) or line.strip() in _SKIPPED or line.startswith(ABOUT)):
            yield line, False


def _heading_level(line: str) -> int:
    match = _HEADING.match(line)
    return len(match[1]) if match else 0
