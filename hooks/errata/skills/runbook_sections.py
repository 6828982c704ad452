"""A runbook in pieces that stay whole: an entry, a paragraph, a section of the third level.

No Markdown parser, which would cost an agent more time than all else when it starts. What is cut
here is only read, never written back, so that an odd document costs a piece in an odd place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from errata.runbooks.paths import ABOUT, END, NOTHING
from errata.runbooks.sanitise import terminal
from errata.skills.relevance import words

_MARKER = re.compile(r" {0,3}<!-- errata:begin sha256=[0-9a-f]{16} -->\Z")
_SKIPPED = frozenset([END, NOTHING.rstrip("\n")])
_LINE_END = re.compile(r"\r\n?|\n")
_HEADING = re.compile(r"(#{1,6})(?: |\Z)")
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?: |\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ENTRY_LEVEL = 3
# In the line of figures that every generated entry has.
_SERVICES = re.compile(r"; services ([^;]+)")
_MORE = re.compile(r" and \d+ more\Z")
_CATEGORY = re.compile(r"; category ([^;.]+)")
_OF_PATH, _OF_SERVICE, _OF_CATEGORY = 4, 2, 1


class Piece(NamedTuple):
    """What is given or left out as a whole.

    Attributes:
        headings: the headings above it, outermost first, without the title of the document.
        text: its lines, joined with LF.
    """

    headings: tuple[str, ...]
    text: str


def pieces(data: bytes, dull: Collection[str] = ()) -> list[Piece]:
    """The pieces of a runbook, without errata's markers, in order.

    ``dull`` holds paragraphs that say nothing (those of a new runbook); they are left out.
    """
    found: list[Piece] = []
    headings: list[tuple[int, str]] = []
    chunk: list[str] = []

    def close() -> None:
        text = "\n".join(chunk).strip("\n")
        chunk.clear()
        if text and text not in dull:
            found.append(Piece(tuple(line for level, line in headings if level > 1), text))

    after_blank = True
    for line, fenced in _lines(data):
        level = 0 if fenced else _level(line)
        if level and (level < _ENTRY_LEVEL or not 0 < _entry(chunk) < level):
            close()
        if 0 < level < _ENTRY_LEVEL:
            headings = [*(one for one in headings if one[0] < level), (level, line)]
            continue
        if not fenced and not _entry(chunk) and _begins(line, after_blank):
            close()
        chunk.append(line)
        after_blank = not line
    close()
    return found


def concerns(piece: Piece, files: Collection[str]) -> int:
    """How much a piece has to do with these files; 0 if nothing.

    It names the path, or the file; it is of a service, or a category, that is a folder above.
    """
    text = re.sub(r"\\(.)", r"\1", piece.text)
    lists = (_MORE.sub("", found.rstrip(".\n")) for found in _SERVICES.findall(text))
    services = {name.strip().casefold() for names in lists for name in names.split(",")}
    categories = words(" ".join(_CATEGORY.findall(text)))
    return max((_score(text, file, services, categories) for file in files), default=0)


def _score(text: str, file: str, services: Collection[str], categories: frozenset[str]) -> int:
    parts = [part for part in file.split("/") if part not in ("", ".")]
    folders = {part.casefold() for part in parts[:-1]}
    return (
        _OF_PATH * any(_names(text, part) for part in _parts_of_path(parts))
        + _OF_SERVICE * bool(folders.intersection(services))
        + _OF_CATEGORY * bool(categories and categories & words(" ".join(folders)))
    )


def _parts_of_path(parts: Sequence[str]) -> Iterator[str]:
    """The path, shorter ends of it, and folders above it; no single word without a dot."""
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if "/" in tail or "." in tail:
            yield tail
    for end in range(2, len(parts)):
        yield "/".join(parts[:end]) + "/"


def _names(text: str, path: str) -> bool:
    if path not in text:
        return False
    after = "" if path.endswith("/") else r"(?!\w)"
    return bool(re.search(rf"(?<![\w.-]){re.escape(path)}{after}", text))


def _lines(data: bytes) -> Iterator[tuple[str, bool]]:
    """(line, whether it is in a code fence), harmless for a reader, markers left out."""
    fence = ""
    for raw in _LINE_END.split(data.decode("utf-8", "replace").removeprefix("\ufeff")):
        plain = raw.isascii() and raw.isprintable()
        line = (raw if plain else terminal(raw.expandtabs(4))).rstrip(" ")
        match = _FENCE.match(line)
        if fence:
            yield line, True
            if match and match[1].startswith(fence) and not line.strip(" " + fence[0]):
                fence = ""
        elif match:
            fence = match[1]
            yield line, True
        elif not (_MARKER.match(line) or line.strip() in _SKIPPED or line.startswith(ABOUT)):
            yield line, False


def _level(line: str) -> int:
    match = _HEADING.match(line)
    return len(match[1]) if match else 0


def _entry(chunk: Sequence[str]) -> int:
    """The level of the heading that a chunk begins with; 0 for any other chunk."""
    return _level(chunk[0]) if chunk else 0


def _begins(line: str, after_blank: bool) -> bool:
    """Whether a line begins a new piece, outside fences and sections of the third level."""
    return bool(_ITEM.match(line)) or (after_blank and bool(line) and line[0] != " ")
