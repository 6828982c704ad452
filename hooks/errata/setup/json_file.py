"""JSON files that people write, edited by a round trip that keeps order and formatting."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from errata.setup.formatting import BOM, keep_formatting
from errata.setup.layout import FileError

_BY_HAND = "fix it; nothing was changed"
_COMMENTS = "comments cannot be kept; remove them; nothing was changed"
# A comma stands before its member while lines are compared, so that members can be added at an end.
_COMMA_BEHIND = re.compile(r",[ \t]*(\r?\n)")
_COMMA_IN_FRONT = re.compile(r"(\r?\n),")


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A parsed file.

    Attributes:
        name: its path, for messages.
        raw: its bytes.
        text: its text, without a byte order mark.
        data: the object at its top.
    """

    name: str
    raw: bytes
    text: str
    data: dict[str, Any]

    def error(self, key: str, problem: str) -> FileError:
        """An error in the first member of that name."""
        place = self.text.find(json.dumps(key))
        line = self.text.count("\n", 0, max(place, 0)) + 1
        return FileError(f"{self.name}:{line}: {problem}", _BY_HAND)


def read(raw: bytes, name: str) -> JsonFile:
    """A JSON file whose top is an object.

    Raises:
        FileError: it is not that, or has comments or duplicate keys.
    """
    try:
        text = raw.decode("utf-8").removeprefix(BOM)
        data = json.loads(text, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise FileError(f"{name}: not UTF-8", _BY_HAND) from None
    except json.JSONDecodeError as error:
        around = text[max(error.pos - 1, 0) : error.pos + 2]
        hint = _COMMENTS if "//" in around or "/*" in around else _BY_HAND
        raise FileError(f"{name}:{error.lineno}: not JSON: {error.msg}", hint) from None
    except (RecursionError, ValueError) as error:
        reason = f": {error}" if isinstance(error, ValueError) else ""
        raise FileError(f"{name}: not JSON that can be read{reason}", _BY_HAND) from None
    if not isinstance(data, dict):
        line = text.count("\n", 0, len(text) - len(text.lstrip())) + 1
        raise FileError(f"{name}:{line}: the top must be an object {{ }}", _BY_HAND)
    return JsonFile(name, raw, text, data)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has a key twice")
    return members


def write(file: JsonFile, data: dict[str, Any]) -> bytes:
    """The file with other data in it; lines that are not concerned keep their bytes.

    Raises:
        FileError: it cannot be written as JSON.
    """
    if json.dumps(data) == json.dumps(file.data):
        return file.raw
    original = file.raw.decode()
    indent = _indent(file.text)
    try:
        before, after = (_dump(value, indent, file.text) for value in (file.data, data))
        merged = keep_formatting(_move_commas(original), _move_commas(before), _move_commas(after))
        text = _COMMA_IN_FRONT.sub(r",\1", merged)
        if not _means(text, data):
            text = keep_formatting(original, original.removeprefix(BOM), after)
        return text.encode()
    except ValueError as error:
        # A number or a character that JSON cannot hold.
        raise FileError(f"{file.name}: cannot be written: {error}", _BY_HAND) from None


def _means(text: str, data: dict[str, Any]) -> bool:
    try:
        # Not with a key twice, of which the second would count.
        read = json.loads(text.removeprefix(BOM), object_pairs_hook=_unique)
        return json.dumps(read) == json.dumps(data)
    except ValueError:
        return False


def _move_commas(text: str) -> str:
    return _COMMA_BEHIND.sub(r"\1,", text)


def _indent(text: str) -> str | None:
    """The indentation of a level; None for a file in one line."""
    if text.strip() in ("", "{}"):
        return "  "
    if "\n" not in text.strip():
        return None
    match = re.search(r"\n([ \t]+)\S", text)
    return match[1] if match else ""


def _dump(data: Any, indent: str | None, text: str) -> str:
    colon = re.search(r'"[ \t]*(:[ \t]*)(?=\S)', text)
    compact = indent is None and colon is not None and colon[1] == ":"
    comma = "," if indent is not None or compact else ", "
    separators = (comma, ":" if compact else ": ")
    return json.dumps(
        data, indent=indent, ensure_ascii=False, separators=separators, allow_nan=False
    )
