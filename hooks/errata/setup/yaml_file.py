"""YAML files that people write, edited through ruamel.yaml's round trip.

The edit is made on the parsed data, which keep comments, quoting and order. All lines that the edit
does not concern keep their bytes (:mod:`errata.setup.formatting`). The result is parsed again and
must mean exactly what was intended; otherwise the file is refused and not touched.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from errata.setup.formatting import BOM, keep_formatting, newline, without_lines
from errata.setup.layout import FileError

MAX_VALUES = 100_000
"""Values in a configuration, with aliases expanded; far more than anybody writes."""
MAX_DEPTH = 50
_WIDTH = 1 << 16


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file.

    Attributes:
        name: its path, for messages.
        text: all of it, including a byte order mark.
        data: its top-level mapping as plain data; empty if the file has only comments.
        node: the composed top-level mapping, which knows where everything is.
    """

    name: str
    text: str
    data: dict[Any, Any]
    node: Any = None

    @property
    def blank(self) -> bool:
        """Whether the file has no data, not even an empty mapping."""
        return self.node is None

    def error(self, problem: str, hint: str, key: str, index: int | None = None) -> FileError:
        """An error in a top-level key, or in the item at an index of its list."""
        for name, value in self.node.value if self.node else ():
            if name.value == key:
                node = name if index is None else value.value[index]
                return FileError(f"{self.name}:{node.start_mark.line + 1}: {problem}", hint)
        return FileError(f"{self.name}:1: {problem}", hint)


@lru_cache(maxsize=8)
def read(name: str, raw: bytes) -> YamlFile:
    """Parse a file that holds one mapping, or nothing. Do not change the result: it is cached.

    Raises:
        FileError: not UTF-8, not YAML, several documents, duplicate keys, or no mapping at its top.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(f"{name}:{line}: not UTF-8", "save it as UTF-8") from error
    node, data = _parse(name, text)
    if data is not None and not isinstance(data, dict):
        line = node.start_mark.line + 1
        raise FileError(f"{name}:{line}: must be a mapping", "its top level has keys")
    return YamlFile(name, text, data or {}, None if data is None else node)


def _parse(name: str, text: str) -> tuple[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        # A parser each: one that failed or composed keeps its state.
        _check_depth(YAML(typ="safe", pure=True).parse(text))
        node = YAML(typ="safe", pure=True).compose(text)
        if _expanded_size(node, {}) > MAX_VALUES:
            raise FileError(f"{name}:1: its aliases (*) expand to too many values", "expand them")
        return node, YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        index = mark.index if mark else getattr(error, "position", 0)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        line = text.count("\n", 0, min(index, len(text.rstrip()))) + 1
        raise FileError(f"{name}:{line}: {' '.join(str(problem).split())}", "fix it") from error
    except (RecursionError, ValueError, TypeError, AssertionError) as error:
        # ruamel.yaml raises the last two for a mapping as a key and an unknown YAML version.
        raise FileError(f"{name}:1: cannot be read: {type(error).__name__}", "fix it") from error


def _check_depth(events: Any) -> None:
    """Raise RecursionError early: reading on would take a long time to do so."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > MAX_DEPTH:
            raise RecursionError


def _expanded_size(node: Any, known: dict[int, int]) -> int:
    """The number of values with every alias expanded; too many for a node that contains itself."""
    if id(node) not in known:
        known[id(node)] = MAX_VALUES + 1
        value = node.value if node is not None and not isinstance(node.value, str) else ()
        parts = (part for item in value for part in (item if isinstance(item, tuple) else (item,)))
        known[id(node)] = 1 + sum(_expanded_size(part, known) for part in parts)
    return known[id(node)]


def edit(file: YamlFile, change: Callable[[Any], object], hint: str) -> str:
    """The text of the file with ``change`` made to its data.

    ``change`` runs on plain data, and on the round-trip data of ruamel.yaml.

    Raises:
        FileError: the edit would change the meaning of something else; ``hint`` is the advice.
    """
    expected = copy.deepcopy(file.data)
    change(expected)
    for text in _candidates(file.text, change):
        if not expected and "{" not in file.text:
            text = without_lines(text, ["{}"])
        try:
            if (_parse(file.name, text)[1] or {}) == expected:
                return text
        except FileError:
            continue
    raise FileError(f"{file.name}:1: written in a way that cannot be edited safely", hint)


def _candidates(text: str, change: Callable[[Any], object]) -> Iterator[str]:
    from ruamel.yaml.error import YAMLError

    try:
        yaml, data = _load(text.replace("\r\n", "\n"))
        normalised = _dump(yaml, data)
        change(data)
        edited = _dump(yaml, data)
    except (YAMLError, TypeError, KeyError, IndexError, AttributeError, ValueError):
        return  # A style that ruamel.yaml does not support.
    yield keep_formatting(text, normalised, edited)
    # The edit meets lines that the writer formats in another way.
    yield keep_formatting(text, text.removeprefix(BOM), edited)


def _load(text: str) -> tuple[Any, Any]:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    data = yaml.load(text)
    yaml.explicit_start = text.removeprefix(BOM).startswith("---")
    mapping, sequence, offset = _indentation(data)
    yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
    return yaml, data


def _dump(yaml: Any, data: Any) -> str:
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _indentation(data: Any) -> tuple[int, int, int]:
    """(mapping, sequence, offset) of ruamel.yaml, from the first collections of each kind."""
    mapping, sequence, offset = 2, 4, 2
    blocks = list(_block_values(data))[::-1]
    for parent, child in blocks:
        column = child.lc.col - parent.lc.col
        if isinstance(child, dict):
            mapping = column
        else:
            width = child.lc.item(0)[1] - parent.lc.col
            sequence, offset = max(width, column + 2), max(column, 0)
    return mapping, sequence, offset


def _block_values(data: Any) -> Iterator[tuple[Any, Any]]:
    """(mapping, value) of each value that is a collection in block style."""
    queue: list[Any] = [data]
    for parent in queue:
        is_mapping = isinstance(parent, dict)
        for child in parent.values() if is_mapping else parent:
            if isinstance(child, (dict, list)) and child and not _is_flow(child):
                queue.append(child)
                if is_mapping:
                    yield parent, child


def _is_flow(collection: Any) -> bool:
    return bool(collection.fa.flow_style())


def new_text(data: dict[str, Any], comment: str) -> str:
    """A mapping as a new file, or the end of one that has only comments."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    return f"{comment}\n{_dump(yaml, data)}"


def append_text(text: str, fresh: str) -> str:
    """A text with lines at its end, in its own line ending."""
    ending = newline(text)
    gap = ending if text and not text.endswith("\n") else ""
    return text + gap + fresh.replace("\n", ending)


def quoted(value: str) -> str:
    """A string that YAML 1.1 and 1.2 both read as this string, quoted if they need it."""
    import yaml
    from ruamel.yaml.scalarstring import SingleQuotedScalarString

    resolver = yaml.resolver.Resolver()
    tag = resolver.resolve(yaml.nodes.ScalarNode, value, (True, False))
    return value if tag == "tag:yaml.org,2002:str" else SingleQuotedScalarString(value)


def flow_list(values: list[str]) -> Any:
    """A list that is written in one line."""
    from ruamel.yaml.comments import CommentedSeq

    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def extend(values: list[Any], items: list[Any]) -> None:
    """Add items to a list. An empty list is written in one line if they are strings."""
    if not values and items and hasattr(values, "fa"):
        flow = isinstance(items[0], str)
        (values.fa.set_flow_style if flow else values.fa.set_block_style)()
    values.extend(copy.deepcopy(items))


def delete(values: list[Any], index: int) -> None:
    """Delete an item of a list; an empty list is written as ``[]``, before a comment."""
    del values[index]
    if not values and hasattr(values, "fa"):
        values.fa.set_flow_style()


def drop_comment(mapping: Any, key: str) -> None:
    """Leave the comment behind a key to :func:`keep_formatting`.

    ruamel.yaml 0.18 breaks the lines that follow an empty list with a comment.
    """
    if hasattr(mapping, "ca"):
        mapping.ca.items.pop(key, None)
        mapping[key].ca.comment = None
