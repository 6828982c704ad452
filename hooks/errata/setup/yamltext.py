"""Small edits of a YAML file that leave every other byte of it alone.

ruamel.yaml says where things are; the text is cut and spliced there. What came out is parsed again
and compared with what was wanted by the caller (:func:`settle`).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from errata.setup.layout import FileError

Edit = tuple[int, int, str]
Node = Any  # ruamel.yaml.nodes.*: the package has no types of its own for them

_MOST = 100_000
"""Values in a configuration; far more than anybody writes."""
_DEEPEST = 50
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""}
# A colon is part of a word only inside it, as in a URL.
_PLAIN = re.compile(r"[A-Za-z_./](?:[\w./@~+-]|:(?=\S)| (?=[\w./@~+-]))*\Z", re.ASCII)
# A commit id with a letter that no number can have, in whichever version of YAML.
_COMMIT = re.compile(r"(?=.*[acdf])[0-9a-f]{40,64}\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file.

    Attributes:
        name: its path, for messages.
        text: all of it, a byte order mark included.
        node: the composed root with its marks; None if the file holds nothing but comments.
        data: what it means.
    """

    name: str
    text: str
    node: Node
    data: Any

    @property
    def newline(self) -> str:
        """The line ending of the file, by its first line."""
        return "\r\n" if self.text.partition("\n")[0].endswith("\r") else "\n"

    def fail(self, where: int, what: str, hint: str = "") -> FileError:
        """An error at an index of the text."""
        return FileError(f"{self.name}:{self.text.count(chr(10), 0, where) + 1}: {what}", hint)


@lru_cache(maxsize=8)
def read(name: str, raw: bytes) -> Document:
    """Parse a file that holds one mapping, or nothing; what it returns is not to be changed.

    Several checks read the same file, and ruamel.yaml takes long.

    Raises:
        FileError: no UTF-8, no YAML, several documents, duplicate keys, or no mapping at its top.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(f"{name}:{line}: not UTF-8", "save it as UTF-8") from error
    node, data = _parse(name, text)
    if data is not None and not isinstance(data, dict):
        line = text.count("\n", 0, node.start_mark.index) + 1
        raise FileError(f"{name}:{line}: must be a mapping", "its top level has keys")
    return Document(name, text, node if data is not None else None, data or {})


def _parse(name: str, text: str) -> tuple[Node, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        # Two, because a parser that failed or composed keeps its state.
        _refuse_deep(YAML(typ="safe", pure=True).parse(text))
        node = YAML(typ="safe", pure=True).compose(text)
        if _spelled_out(node, {}) > _MOST:
            raise FileError(f"{name}:1: its aliases (*) stand for far too much", "spell them out")
        return node, YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = mark.index if mark else getattr(error, "position", 0)
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        line = text.count("\n", 0, min(place, len(text.rstrip()))) + 1
        raise FileError(f"{name}:{line}: {' '.join(str(why).split())}", "repair it") from error
    except (RecursionError, ValueError, TypeError, AssertionError) as error:
        # The last two of ruamel.yaml itself: a mapping as a key, a version that it does not know.
        raise FileError(f"{name}:1: cannot be read: {type(error).__name__}", "repair it") from error


def _refuse_deep(events: Any) -> None:
    """Raises RecursionError, as reading on would after a long time."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > _DEEPEST:
            raise RecursionError


def _spelled_out(node: Node, known: dict[int, int]) -> int:
    """How many values there would be without aliases: they are compared as if there were none."""
    if id(node) not in known:
        # What holds itself has no end.
        known[id(node)] = _MOST + 1
        value = node.value if node is not None and not isinstance(node.value, str) else ()
        parts = (part for one in value for part in (one if isinstance(one, tuple) else (one,)))
        known[id(node)] = 1 + sum(_spelled_out(part, known) for part in parts)
    return known[id(node)]


def settle(
    doc: Document, edits: Sequence[Edit], mutate: Callable[[Any], None], by_hand: str
) -> str:
    """The text with the edits, once it is sure that they mean what ``mutate`` does to the data.

    Where they do not (a style that was not foreseen), ruamel.yaml writes the whole file anew.

    Raises:
        FileError: that does not mean it either; ``by_hand`` says what to do.
    """
    wanted = copy.deepcopy(doc.data)
    mutate(wanted)
    for rewrite in (False, True):
        try:
            text = _rewritten(doc.text, mutate) if rewrite else splice(doc.text, edits)
            if _parse(doc.name, text)[1] == (wanted or None) or (not wanted and not text.strip()):
                return text
        except (FileError, TypeError, KeyError, IndexError, AttributeError):
            continue
    raise FileError(f"{doc.name}:1: written in a way that cannot be edited safely", by_hand)


def splice(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made; they must not overlap."""
    out, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        out += [text[at:start], new]
        at = end
    result = "".join([*out, text[at:]])
    if result.endswith("\n") and text and not text.endswith("\n"):
        # The last line went, and the one before it must not gain an ending.
        result = result[:-1].removesuffix("\r")
    return result


def _rewritten(text: str, mutate: Callable[[Any], None]) -> str:
    import io

    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 10_000
    data = yaml.load(text)
    mutate(data)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


# --------------------------------------------------------------------------- where things are


def pair(mapping: Node, key: str) -> Any:
    """The (key, value) nodes of one entry of a mapping, or None; of anything else None."""
    value = getattr(mapping, "value", None)
    for part in filter(_is_pair, value if isinstance(value, list) else []):
        if part[0].value == key:
            return part
    return None


def is_block(node: Node) -> bool:
    """Whether a collection is in block style and not empty."""
    return isinstance(node.value, list) and not node.flow_style and bool(node.value)


def is_empty(node: Node) -> bool:
    """Whether a value is left out, as in ``key:``."""
    return isinstance(node.value, str) and node.start_mark.index == node.end_mark.index


def content_end(text: str, node: Node) -> int:
    """Where what a node says ends, without the blank lines and comments that follow."""
    if not is_block(node):
        start, end = node.start_mark.index, node.end_mark.index
        return int(start) + len(text[start:end].rstrip())
    last = node.value[-1]
    return _pair_end(text, *last) if isinstance(last, tuple) else content_end(text, last)


def _pair_end(text: str, key: Node, value: Node) -> int:
    colon = text.find(":", key.end_mark.index) + 1
    # An alias has the marks of what it stands for, further up.
    return colon if is_empty(value) else max(colon, content_end(text, value))


def line_start(text: str, index: int) -> int:
    """The start of the line that an index is in."""
    # A byte order mark stays in front of everything.
    return text.rfind("\n", 0, index) + 1 or int(text.startswith("\ufeff"))


def line_end(text: str, index: int) -> int:
    """The end of the line that an index is in, with its line ending."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


# ------------------------------------------------------------------------------ what to write


def scalar(value: Any) -> str:
    """One value as YAML 1.1 and 1.2 both read it."""
    if not isinstance(value, str):
        return json.dumps(value)
    if (_PLAIN.match(value) and value.lower() not in _WORDS) or _COMMIT.match(value):
        return value
    return f"'{value.replace(chr(39), chr(39) * 2)}'" if value.isprintable() else json.dumps(value)


def lines_of(value: dict[str, Any], nest: int = 2, pad: int = 1) -> list[str]:
    """A mapping in block style; ``nest`` is how far the items of a list in it stand to the right,
    ``pad`` how many spaces come after their dashes."""
    found = []
    for key, one in value.items():
        if isinstance(one, dict):
            found += [f"{key}:", *("  " + line for line in lines_of(one, nest, pad))]
        elif isinstance(one, list) and one and isinstance(one[0], dict):
            found.append(f"{key}:")
            for item in one:
                found += [" " * nest + line for line in item_lines(item, nest, pad)]
        elif isinstance(one, list):
            found.append(f"{key}: [{', '.join(scalar(item) for item in one)}]")
        else:
            found.append(f"{key}: {scalar(one)}")
    return found


def item_lines(value: Any, nest: int = 2, pad: int = 1) -> list[str]:
    """An item of a list in block style."""
    lines = lines_of(value, nest, pad) if isinstance(value, dict) else [scalar(value)]
    return ["-" + " " * pad + lines[0], *(" " * (1 + pad) + line for line in lines[1:])]


# -------------------------------------------------------------------------------------- edits


def below(doc: Document, index: int, lines: Sequence[str], column: int) -> Edit:
    """Put lines under the line of an index."""
    ending = doc.newline
    body = ending.join((" " * column + line).rstrip(" ") for line in lines)
    at = line_end(doc.text, index)
    fresh = doc.text != "" and at == len(doc.text) and not doc.text.endswith("\n")
    return (at, at, ending + body if fresh else body + ending)


def append(doc: Document, seq: Node, items: Sequence[Any], nest: int | None = None) -> Edit:
    """Add items at the end of a list, in its own style."""
    if not is_block(seq):
        body = ", ".join(_flow(item) for item in items)
        if not seq.value:
            start = seq.start_mark.index + doc.text[seq.start_mark.index :].index("[") + 1
            return (start, start, body)
        end = content_end(doc.text, seq.value[-1])
        return (end, end, ", " + body)
    column, pad = style(seq)
    if nest is None:
        nest = inner_nest(seq)
    lines = [line for item in items for line in item_lines(item, nest, pad)]
    return below(doc, _past_comments(doc.text, content_end(doc.text, seq), column), lines, column)


def append_pairs(doc: Document, mapping: Node, pairs: dict[str, Any]) -> Edit:
    """Add entries at the end of a mapping, in its own style."""
    if not is_block(mapping):
        body = json.dumps(pairs)[1:-1]
        if not mapping.value:
            start = mapping.start_mark.index + doc.text[mapping.start_mark.index :].index("{") + 1
            return (start, start, body)
        end = _pair_end(doc.text, *mapping.value[-1])
        return (end, end, ", " + body)
    column = mapping.start_mark.column
    end = _past_comments(doc.text, content_end(doc.text, mapping), column + 1)
    return below(doc, end, lines_of(pairs), column)


def _flow(item: Any) -> str:
    return json.dumps(item) if isinstance(item, dict) else scalar(item)


def style(seq: Node) -> tuple[int, int]:
    """(column of the dashes, spaces after a dash) of a list in block style."""
    column: int = seq.start_mark.column
    first = seq.value[0].start_mark
    same = first.line == seq.start_mark.line
    return column, max(1, first.column - column - 1) if same else 1


def inner_nest(seq: Node) -> int:
    """How far the dashes of lists inside the items of a list stand to the right of their key."""
    for item in seq.value:
        for key, value in filter(_is_pair, item.value if isinstance(item.value, list) else []):
            inner = value.value[0] if isinstance(value.value, list) and is_block(value) else ()
            if not isinstance(inner, tuple):
                return int(value.start_mark.column - key.start_mark.column)
    return 2 if seq.start_mark.column else 0


def _is_pair(part: Any) -> bool:
    """Whether a part of a collection is an entry of a mapping, not an item of a list."""
    return isinstance(part, tuple)


def _past_comments(text: str, index: int, column: int) -> int:
    """Past the comments below an index that stand further right than ``column``."""
    last, at = index, line_end(text, index)
    while at < len(text):
        end = line_end(text, at)
        line = text[at:end].rstrip("\r\n")
        body = line.lstrip(" ")
        if body and not (body[0] == "#" and len(line) - len(body) >= max(1, column)):
            break
        if body:
            last = at
        at = end
    return last


def drop_items(doc: Document, seq: Node, which: set[int]) -> list[Edit]:
    """Take items out of a list; the list itself stays, so some must remain in block style."""
    text, items = doc.text, seq.value
    if is_block(seq):
        dashes = [_dash(text, item) for item in items]
        return [
            (line_start(text, dashes[n]), line_end(text, content_end(text, items[n])), "")
            for n in sorted(which)
        ]
    spans = [(item.start_mark.index, content_end(text, item)) for item in items]
    return _drop_spans(spans, which)


def _drop_spans(spans: Sequence[tuple[int, int]], which: set[int]) -> list[Edit]:
    """Take some of the parts of a collection in flow style out, with the commas between."""
    kept = [n for n in range(len(spans)) if n not in which]
    if not kept:
        return [(spans[0][0], spans[-1][1], "")] if spans else []
    edits = [(spans[0][0], spans[kept[0]][0], "")] if kept[0] else []
    for n, one in enumerate(kept):
        end = kept[n + 1] if n + 1 < len(kept) else len(spans)
        if end > one + 1:
            edits.append((spans[one][1], spans[end - 1][1], ""))
    return edits


def _dash(text: str, item: Node) -> int:
    """Where the dash of an item is: before it, perhaps with a comment or an anchor between."""
    return text.rfind("-", 0, item.start_mark.index)


def drop_pairs(doc: Document, mapping: Node, keys: set[str]) -> list[Edit]:
    """Take entries out of a mapping."""
    text, pairs = doc.text, mapping.value
    spans = [(key.start_mark.index, _pair_end(text, key, value)) for key, value in pairs]
    # A key may be a list or a mapping itself.
    which = {n for n, (key, _) in enumerate(pairs) if isinstance(key.value, str)}
    which = {n for n in which if pairs[n][0].value in keys}
    if mapping.flow_style:
        return _drop_spans(spans, which)
    whole = [(line_start(text, spans[n][0]), line_end(text, spans[n][1])) for n in which]
    return [(start, end, "") for start, end in whole]


def above(doc: Document, index: int, lines: Sequence[str], column: int) -> Edit:
    """Put lines over the line of an index."""
    at = line_start(doc.text, index)
    return (at, at, "".join(" " * column + line + doc.newline for line in lines))
