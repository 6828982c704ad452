"""The parts of a program that an edit can touch: calls, imports, comments, conditions and so on.

They come from the parse trees of ast-grep. Which node of which grammar is which element is data
(``rules/elements.toml``). An element has a subject, which names it (``logger.debug``), and a text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from errata import rules
from errata.corrections.classify.parser_limits import is_foreign, may_abort
from errata.lessons import callees, comments
from errata.lessons.element import Element, Ranges
from errata.lessons.texts import flat, shorten
from errata.lessons.windows import Window, windows_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LONG = 10_000
"""Characters: of a longer text, samples from its beginning are parsed first."""
_MAX_DEPTH = 200
_MAX_NODES = 8_000
_MAX_ELEMENTS = 600
_MAX_TEXT = 2_000
_MAX_STRING = 20_000
_CONFIG = ("yaml", "json")
_TEST_NAME = re.compile(r"(?i)^(?:tests?_|test(?=[A-Z\d]|$)|spec_)|_(?:test|spec)$|Test$")
_TEST_CALL = re.compile(r"^(?:(?:it|test|describe|specify|context)(?:\.\w+)?|t\.Run)$")
_ASSERTION = re.compile(
    r"(?:^|[.:])(?:assert\w*!?|expect\w*|EXPECT_\w+|ASSERT_\w+|t\.(?:Error|Fatal)\w*"
    r"|to(?:Be|Equal|Have|Match|Throw|Contain|Strict)\w*|should\w*"
    r"|(?:require|assert|Assert)\.\w+)$"
)
_REQUIRE = ("require", "require_relative", "source", ".")
_EXIT = re.compile(r"^(?:return|raise|throw|continue|break|exit|panic|abort|next|fail|die)\b")
_NAMED = ("class", "decorator", "define")
_SCOPES = ("function", "lambda", "class", "test")


def language_of(path: str) -> str:
    """The language whose grammar parses a file, by its extension; "" if there is none."""
    name = path.rpartition("/")[2].lower()
    return _extensions().get(name.rpartition(".")[2], "") if "." in name else ""


def elements(text: str, language: str, ranges: Ranges) -> list[Element] | None:
    """The elements that lie in some lines of a text, in its order.

    Strings and comments that reach into a range lie in it; all other elements must begin there.

    Returns:
        None if nothing can be parsed: its lines are too long, or mostly of another language.
    """
    if not any(start < stop for start, stop in ranges):
        return []
    imported = callees.imported_names(text)
    result: list[Element] | None = None
    for window in windows_of(text, language, ranges):
        if not any(start < stop for start, stop in window.ranges):
            continue
        part = _window_elements(window, language, imported)
        if len(result or []) >= _MAX_ELEMENTS:
            break
        if part is not None:
            result = (result or []) + part
    return result


def _window_elements(
    window: Window, language: str, imported: frozenset[str]
) -> list[Element] | None:
    from ast_grep_py import SgRoot

    if may_abort(window.text, language):
        return None
    if len(window.text) > _LONG and is_foreign(window.text, language):
        return None
    root = SgRoot(window.text, language).root()
    if root.kind() == "ERROR":
        return None
    walk = _Walk(language, window.ranges, imported)
    walk.visit(root, "", "", depth=0, nested=False)
    return [
        element._replace(
            start=element.start + window.start,
            stop=element.stop + window.start,
            first=element.first + window.first,
            last=element.last + window.first,
        )
        for element in comments.merged(walk.elements, window.text)
    ]


class _Walk:
    """A walk through the part of a tree that lies in some lines."""

    def __init__(self, language: str, ranges: Ranges, imported: frozenset[str]) -> None:
        self._nodes = _nodes(language)
        self._is_config = language in _CONFIG
        filled = [(start, stop, i) for i, (start, stop) in enumerate(ranges) if start < stop]
        self._starts, self._stops, self._hunks = zip(*sorted(filled), strict=True)
        self._imported = imported
        self._visited = 0
        self.elements: list[Element] = []

    def visit(self, node: SgNode, owner: str, path: str, *, depth: int, nested: bool) -> None:
        """Collect the elements of a subtree.

        Args:
            owner: the call, assertion or exception around it.
            path: the keys of the pairs around it.
            nested: whether it lies in a function.
        """
        span = node.range()
        first, last = span.start.line, span.end.line
        # The first range that does not end before the node.
        place = bisect_right(self._stops, first)
        self._visited += 1
        if (
            place == len(self._starts)
            or last < self._starts[place]
            or depth > _MAX_DEPTH
            or self._visited > _MAX_NODES
        ):
            return
        kind = self._nodes.get(node.kind(), "") if node.is_named() else ""
        if kind:
            if first >= self._starts[place] or kind in ("string", "comment", "text"):
                where = (span.start.index, span.end.index, first, last, self._hunks[place])
                self._add(kind, node, owner, path, where, nested)
            owner, path = self._around(kind, node, owner, path)
            if kind in ("string", "comment"):
                return
            nested = nested or kind in ("function", "lambda")
        for child in node.children():
            if self._visited > _MAX_NODES:
                return
            self.visit(child, owner, path, depth=depth + 1, nested=nested)

    def _add(
        self,
        kind: str,
        node: SgNode,
        owner: str,
        path: str,
        where: tuple[int, int, int, int, int],
        nested: bool,
    ) -> None:
        if len(self.elements) >= _MAX_ELEMENTS:
            return
        if kind == "import":
            owner = "function" if nested else ""
        if kind == "pair" and not self._is_config:
            kind = "field" if path or callees.is_common(owner) or not owner else "argument"
        for element in _elements(kind, node, owner, path, self._imported):
            start, stop, first, last, hunk = where
            self.elements.append(
                element._replace(start=start, stop=stop, first=first, last=last, hunk=hunk)
            )

    def _around(self, kind: str, node: SgNode, owner: str, path: str) -> tuple[str, str]:
        """The owner and the path of what lies in a node."""
        if kind in ("call", "assert", "throw", "tag"):
            callee = _owner_of(kind, node, self._imported)
            # The calls that an assertion contains are asserted, too.
            return (owner if _ASSERTION.search(owner) else callee), ""
        if kind in _SCOPES:
            return "", ""
        if kind in ("pair", "style"):
            return owner, f"{path}.{_key(node)}" if path else _key(node)
        return owner, path


def _owner_of(kind: str, node: SgNode, imported: frozenset[str]) -> str:
    if kind == "call":
        return callees.callee_of(node, imported)
    return _name(node) if kind == "tag" else kind


def _elements(
    kind: str, node: SgNode, owner: str, path: str, imported: frozenset[str]
) -> Iterator[Element]:
    text = flat(node.text()[: _MAX_STRING if kind == "string" else _MAX_TEXT])
    if kind == "call":
        yield _call(node, text, owner, imported)
    elif kind == "import":
        for name in callees.imported_modules(text):
            yield Element("import", name, text, owner)
    elif kind == "condition":
        yield _condition(node, text)
    elif kind in ("argument", "attribute"):
        yield Element(kind, f"{owner}({_key(node)}=)" if owner else "", text, owner)
    elif kind == "pair":
        yield Element("pair", shorten(f"{path}.{_key(node)}" if path else _key(node)), text)
    elif kind == "default":
        if node.field("value") is not None or node.field("right") is not None:
            yield Element("default", _name(node), text)
    elif kind == "constant":
        yield from _constant(node, text)
    else:
        yield _simple_element(kind, node, text, owner, imported)


def _simple_element(
    kind: str, node: SgNode, text: str, owner: str, imported: frozenset[str]
) -> Element:
    if kind == "string":
        return Element("docstring" if _is_docstring(node) else "string", "", text, owner)
    if kind == "function":
        name = _name(node)
        return Element("test" if _TEST_NAME.search(name) else "function", name, text)
    if kind in ("await", "defer"):
        inner = next((child for child in node.children() if child.is_named()), node)
        return Element(kind, callees.callee_of(inner, imported), text)
    if kind == "type":
        return Element(kind, text.lstrip(": "), text, _annotated(node))
    subject = _SUBJECTS.get(kind)
    if subject is not None:
        return Element(kind, subject(text), text)
    return Element(kind, _name(node) if kind in _NAMED else "", text, owner)


def _call(node: SgNode, text: str, owner: str, imported: frozenset[str]) -> Element:
    callee = callees.callee_of(node, imported)
    if callee in _REQUIRE:
        return Element("import", shorten(text[len(callee) :].strip("(); '\"")), text)
    if _TEST_CALL.match(callee):
        return Element("test", shorten(text[len(callee) :].lstrip("(").split(",")[0]), text)
    kind = "assertion" if _ASSERTION.search(callee) else "call"
    return Element(kind, callee, text, owner)


def _constant(node: SgNode, text: str) -> Iterator[Element]:
    name = _name(node)
    if len(name) > 2 and name.isupper():
        yield Element("constant", name, text)


def _condition(node: SgNode, text: str) -> Element:
    test = node.field("condition")
    subject = flat(test.text()) if test is not None else text.split(":")[0].split("{")[0]
    body = node.field("consequence") or node.field("body")
    lines = re.sub(r"^[{:]\s*|\s*[};]+$", "", flat(body.text())) if body is not None else ""
    is_guard = bool(_EXIT.match(lines)) and node.field("alternative") is None
    return Element("guard" if is_guard else "condition", _shape(subject), subject[:_MAX_TEXT])


def _shape(condition: str) -> str:
    """What a condition checks for; "" if it is nothing general."""
    for shape in rules.load("elements")["shape"]:
        if shape["pattern"].search(condition):
            name: str = shape["name"]
            return name
    return ""


def _is_docstring(node: SgNode) -> bool:
    parent = node.parent()
    if parent is None or parent.kind() != "expression_statement":
        return False
    block = parent.parent()
    if block is None or block.kind() not in ("block", "module"):
        return False
    first = next((c for c in block.children() if c.is_named() and c.kind() != "comment"), None)
    return first is not None and first.range().start.index == parent.range().start.index


def _annotated(node: SgNode) -> str:
    """What a type annotation belongs to."""
    parent = node.parent()
    first = next((child for child in parent.children()), None) if parent is not None else None
    if first is None or first.range().start.index == node.range().start.index:
        return "return"
    return shorten(flat(first.text()[:100]))


def _caught(text: str) -> str:
    head = re.split(r"[:{]", text.replace("::", "\0"), maxsplit=1)[0].replace("\0", "::")
    head = re.sub(r"^(?:except|catch|rescue)\b\s*\*?", "", head)
    head = re.sub(r"\s+as\s+\w+\s*$|=>.*$", "", head).strip("() ")
    # `catch (e)` of JavaScript catches everything; elsewhere the name follows the type.
    head = "" if re.fullmatch(r"_?(?:e|err|error|ex|exc|_)\d?", head) else head
    return shorten(re.sub(r"^(?:const )?([\w:.|\\ ]+?)[ &*$]+\w+$", r"\1", head))


def _thrown(text: str) -> str:
    match = re.search(r"(?:raise|throw)\s+(?:new\s+)?([\w.:]+)", text)
    return shorten(match[1]) if match else ""


def _style(text: str) -> str:
    return shorten(text.split(":")[0])


def _tag(text: str) -> str:
    return shorten(re.split(r"[\s/>]", text.lstrip("<"), maxsplit=1)[0])


_SUBJECTS: dict[str, Callable[[str], str]] = {
    "catch": _caught,
    "comment": comments.kind_of,
    "style": _style,
    "tag": _tag,
    "throw": _thrown,
}
"""The subject of an element by its text."""


def _name(node: SgNode) -> str:
    fields = ("name", "left", "pattern", "declarator")
    name = next((n for field in fields if (n := node.field(field)) is not None), None)
    if name is not None and (inner := name.field("declarator")):
        name = inner
    text = flat((name if name is not None else node).text()[:200]).lstrip("@#[<")
    return shorten(re.split(r"[\s(={<:>\]/]", text.strip(), maxsplit=1)[0])


def _key(node: SgNode) -> str:
    key = node.field("key") or node.field("name")
    if key is None:
        key = next((child for child in node.children() if child.is_named()), node)
    return shorten(flat(key.text()[:200]).strip("\"':"))


@cache
def _extensions() -> dict[str, str]:
    languages: Iterable[dict[str, list[str]]] = rules.load("elements")["language"]
    return {ext: str(row["name"]) for row in languages for ext in row["extensions"]}


@cache
def _nodes(language: str) -> dict[str, str]:
    table = {row["name"]: row for row in rules.load("elements")["language"]}
    nodes: dict[str, str] = {}
    while language:
        nodes = {**table[language]["nodes"], **nodes}
        language = table[language].get("like", "")
    return nodes
