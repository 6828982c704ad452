"""The part of YAML that most frontmatter is written in, without a YAML parser.

Importing one costs more than all else that an agent waits for when its session starts. What is
read here is read as YAML 1.2 would; whatever is not plainly so is left to the parser.
"""

from __future__ import annotations

import re
from typing import Any

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?: +(.*))?\Z")
# Letters first: what begins otherwise may be a number, a date, a tag or another indicator.
_PLAIN = re.compile(r"[A-Za-z](?:(?!: | #).)*(?<![: ])\Z")
_CONTINUED = re.compile(r"[A-Za-z0-9(](?:(?!: | #).)*(?<![: ])\Z")
_QUOTED = re.compile(r"\"([^\"\\]*)\"\Z|'([^']*)'\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./*-]*\Z")
_WORDS = {"true": True, "false": False}
_SPECIAL = frozenset(["true", "false", "null"])
_BLOCK = ("|", "|-", ">", ">-")


class _Unsure(Exception):
    """Perhaps YAML, perhaps not: not for us to say."""


def parse(text: str) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Field -> value, and field -> line (from 1); None where a YAML parser has to be asked."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    if not text.endswith("\n"):
        return None
    try:
        for number, key, first, rest in _fields(text):
            if key in values:
                return None
            values[key] = _value(first, rest)
            lines[key] = number
    except _Unsure:
        return None
    return (values, lines) if values else None


def _fields(text: str) -> list[tuple[int, str, str, list[str]]]:
    """(line, key, rest of that line, lines that belong to it)."""
    found: list[tuple[int, str, str, list[str]]] = []
    open_field = False
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        if not line.isprintable() or line != line.rstrip(" "):
            raise _Unsure
        if not line or line[0] == "#":
            open_field = False
        elif line[0] == " " or line.startswith("- "):
            if not open_field:
                raise _Unsure
            found[-1][3].append(line)
        else:
            key, first = _key(line)
            found.append((number, key, first, []))
            open_field = True
    return found


def _key(line: str) -> tuple[str, str]:
    match = _KEY.match(line)
    if not match or match[1].lower() in _SPECIAL:
        raise _Unsure
    return match[1], match[2] or ""


def _value(first: str, rest: list[str]) -> Any:
    if first in _BLOCK:
        return _folded(first, _dedent(rest))
    if first.startswith("["):
        return _flow(first) if not rest else _unsure()
    if first:
        return _scalar(first) if not rest else _paragraph(first, rest)
    return _nested(_dedent(rest))


def _unsure() -> Any:
    raise _Unsure


def _scalar(text: str) -> str | bool:
    if text in _WORDS:
        return _WORDS[text]
    if match := _QUOTED.match(text):
        return match[1] if match[1] is not None else match[2]
    if not _PLAIN.match(text) or text.lower() in _SPECIAL:
        raise _Unsure
    return text


def _paragraph(first: str, rest: list[str]) -> str:
    """Plain text that goes on in indented lines."""
    if not _PLAIN.match(first):
        raise _Unsure
    parts = [first]
    for line in rest:
        part = line.lstrip(" ")
        if line[0] != " " or not _CONTINUED.match(part):
            raise _Unsure
        parts.append(part)
    return " ".join(parts)


def _dedent(lines: list[str]) -> list[str]:
    """The lines without their indentation, which must be one and the same."""
    if not lines:
        raise _Unsure
    depth = len(lines[0]) - len(lines[0].lstrip(" "))
    if any(len(line) - len(line.lstrip(" ")) != depth for line in lines):
        raise _Unsure
    if depth == 0 and not all(line.startswith("- ") for line in lines):
        raise _Unsure
    return [line[depth:] for line in lines]


def _folded(style: str, lines: list[str]) -> str:
    if lines[0].startswith("- "):
        raise _Unsure  # Where it is not indented, a list cannot stand here.
    text = (" " if style[0] == ">" else "\n").join(lines)
    return text if style.endswith("-") else text + "\n"


def _flow(text: str) -> list[Any]:
    if not text.endswith("]"):
        raise _Unsure
    inner = text[1:-1].strip(" ")
    return [_flow_item(item.strip(" ")) for item in inner.split(",")] if inner else []


def _flow_item(item: str) -> str | bool:
    if not _WORD.match(item) and not _QUOTED.match(item):
        raise _Unsure
    return _scalar(item)


def _nested(lines: list[str]) -> list[Any] | dict[str, Any]:
    if all(line.startswith("- ") for line in lines):
        return [_scalar(line[2:].lstrip(" ")) for line in lines]
    values = {}
    for line in lines:
        key, first = _key(line)
        if key in values:
            raise _Unsure
        values[key] = _scalar(first)
    return values
