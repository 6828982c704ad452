"""Members put into, and taken out of, a JSON file of somebody else's, by positions in its text.

Nothing is written anew but what is added, in the file's own indentation and line endings, so that
all else stays byte for byte, and taking out what was put in gives the file of before. To tell
later an empty object that a person had from one that was made for our sake, what goes into the
former begins on the same line, after one space: ``{ "key": ...}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from errata.setup.layout import FileError

_SPACE = re.compile(r"[ \t\r\n]*")
_FILLED = " "
_BY_HAND = "repair it; nothing was changed"
_COMMENTS = "comments cannot be kept; take them out; nothing was changed"


class Node(NamedTuple):
    """A value and where it stands.

    Attributes:
        start, end: its offsets in the text.
        value: what it is, as :mod:`json` reads it.
        keys: of an object, its keys in order.
        parts: the values of an object or a list, in order; of anything else None.
        starts: where each part begins, which for an object is its key.
    """

    start: int
    end: int
    value: Any
    keys: tuple[str, ...] = ()
    parts: tuple[Node, ...] | None = None
    starts: tuple[int, ...] = ()

    def member(self, key: str) -> Node | None:
        """The value of a key; of two, the last, as tools take it."""
        if not isinstance(self.value, dict) or key not in self.keys or self.parts is None:
            return None
        return self.parts[len(self.keys) - 1 - self.keys[::-1].index(key)]


class Document(NamedTuple):
    """A JSON file: its text, without byte order mark, and what is in it."""

    name: str
    text: str
    top: Node
    mark: str

    def line(self, node: Node) -> int:
        """The line of a value, from 1."""
        return self.text.count("\n", 0, node.start) + 1

    def data(self, text: str) -> bytes:
        """The bytes of a new text of this file."""
        return (self.mark + text).encode()

    def wrong(self, node: Node, what: str) -> FileError:
        """The error for a value that is not what it must be."""
        return FileError(f"{self.name}:{self.line(node)}: {what}", _BY_HAND)


def read(data: bytes, name: str) -> Document:
    """A JSON file whose top is an object.

    Raises:
        FileError: it is not that, or has comments.
    """
    try:
        whole = data.decode("utf-8")
        mark = "\ufeff" if whole.startswith("\ufeff") else ""
        text = whole.removeprefix(mark)
        json.loads(text)
        top = _value(text, _SPACE.match(text).end())  # type: ignore[union-attr]
    except UnicodeDecodeError:
        raise FileError(f"{name}: not UTF-8", _BY_HAND) from None
    except json.JSONDecodeError as error:
        what = f"{name}:{error.lineno}: not JSON: {error.msg}"
        raise FileError(what, _COMMENTS if _commented(text, error.pos) else _BY_HAND) from None
    except (RecursionError, ValueError):
        raise FileError(f"{name}: not JSON that can be read", _BY_HAND) from None
    found = Document(name, text, top, mark)
    if not isinstance(top.value, dict):
        raise found.wrong(top, "the top must be an object { }")
    return found


def append(document: Document, container: Node, members: Sequence[tuple[str | None, Any]]) -> str:
    """The text with more members at the end of an object, or of a list where keys are None."""
    text = document.text
    assert container.parts is not None
    if container.parts:
        last = len(container.parts) - 1
        before = container.parts[last - 1].end if last else container.start + 1
        lead = text[before : container.starts[last]].rpartition(",")[2]
        at = container.parts[-1].end
        style = _style(text, lead)
        ours = "".join(f",{style.lead()}{_member(one, style)}" for one in members)
        return text[:at] + ours + text[at:]
    at = container.start + 1
    style = _style_inside(text, container)
    ours = f",{style.lead()}".join(_member(one, style) for one in members)
    return text[:at] + _FILLED + ours + text[at:]


def remove(document: Document, path: Sequence[Node], index: int) -> str | None:
    """The text without one part of the innermost container; None if nothing is left at all.

    ``path`` holds the containers from the top. A container that is left empty goes too, unless a
    person had it empty.
    """
    text, container = document.text, path[-1]
    assert container.parts is not None
    start, end = container.starts[index], container.parts[index].end
    if index:
        return text[: container.parts[index - 1].end] + text[end:]
    if len(container.parts) > 1:
        return text[:start] + text[container.starts[1] :]
    if text[container.start + 1 : start] == _FILLED:
        return text[: container.start + 1] + text[end:]
    if len(path) == 1:
        return None
    outer = path[-2]
    assert outer.parts is not None
    return remove(document, path[:-1], outer.parts.index(container))


def replace(document: Document, node: Node, value: str) -> str:
    """The text with another string in place of a value."""
    quoted = json.dumps(value, ensure_ascii=False)
    return document.text[: node.start] + quoted + document.text[node.end :]


class _Style(NamedTuple):
    """How values are laid out: ``indent`` is None for one line."""

    indent: str | None
    unit: str
    newline: str
    colon: str
    gap: str

    def lead(self) -> str:
        """What stands before a member."""
        return self.gap if self.indent is None else self.newline + self.indent


def _style(text: str, lead: str) -> _Style:
    """The style of the members that ``lead`` stands before."""
    several = "\n" in lead
    colon = re.search(r'"[ \t]*(:[ \t]*)(?=\S)', text)
    newline = "\r\n" if "\r\n" in text else "\n"
    return _Style(
        lead.rpartition("\n")[2] if several else None,
        _unit(text),
        newline,
        colon[1] if colon else ": ",
        " " if not colon or colon[1] != ":" else "",
    )


def _style_inside(text: str, container: Node) -> _Style:
    """The style for an empty container: several lines if the file has any."""
    line = text[text.rfind("\n", 0, container.start) + 1 : container.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    several = "\n" in text.strip() or not container.start
    style = _style(text, "\n" + indent + _unit(text) if several else "")
    return style if style.indent is None else style._replace(newline=_newline(text))


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _unit(text: str) -> str:
    first = re.search(r"\{[ \t]*\r?\n([ \t]+)", text)
    return first[1] if first else "  "


def _member(member: tuple[str | None, Any], style: _Style) -> str:
    key, value = member
    if style.indent is None:
        dumped = json.dumps(value, ensure_ascii=False, separators=("," + style.gap, style.colon))
    else:
        dumped = json.dumps(value, ensure_ascii=False, indent=style.unit)
        dumped = dumped.replace("\n", style.newline + style.indent)
    return dumped if key is None else f"{json.dumps(key)}{style.colon}{dumped}"


# ------------------------------------------------------------------------------------- positions

_DECODER = json.JSONDecoder()


def _value(text: str, at: int) -> Node:
    """The value that begins at an offset of a text that is known to be JSON."""
    if text[at] not in "{[":
        value, end = _DECODER.raw_decode(text, at)
        return Node(at, end, value)
    keyed = text[at] == "{"
    keys: list[str] = []
    parts: list[Node] = []
    starts: list[int] = []
    here = _skip(text, at + 1)
    while text[here] not in "}]":
        starts.append(here)
        if keyed:
            key, here = _DECODER.raw_decode(text, here)
            keys.append(key)
            here = _skip(text, _skip(text, here) + 1)
        parts.append(_value(text, here))
        here = _skip(text, parts[-1].end)
        if text[here] == ",":
            here = _skip(text, here + 1)
    values = [part.value for part in parts]
    value = dict(zip(keys, values, strict=True)) if keyed else values
    return Node(at, here + 1, value, tuple(keys), tuple(parts), tuple(starts))


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match
    return match.end()


def _commented(text: str, at: int) -> bool:
    around = text[max(at - 1, 0) : at + 2]
    return "//" in around or "/*" in around
