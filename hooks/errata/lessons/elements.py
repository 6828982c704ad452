"""The parts of a program that an edit can touch: calls, imports, comments, conditions and so on.

They come from the parse trees of ast-grep. Which node of which grammar is which element is data
(``rules/elements.toml``). An element has a subject, which names it (``logger.debug``), and a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from errata import rules

if TYPE_CHECKING:
    from ast_grep_py import SgNode

LIMIT = 1_000_000
"""Maximum length of a text in characters; longer ones are not parsed."""
_MAX_LINE = 5_000
_MAX_DEPTH = 400
_MAX_SUBJECT = 60
_MAX_ELEMENTS = 400
_CALLEE_FIELDS = ("function", "macro", "constructor", "method", "name", "type")
_RECEIVER_FIELDS = ("receiver", "object", "scope")
_TEST_NAME = re.compile(r"(?i)^(?:tests?_|test(?=[A-Z\d]|$)|spec_)|_(?:test|spec)$|Test$")
_TEST_CALL = re.compile(r"^(?:it|test|describe|specify|context)(?:\.\w+)?$")
_ASSERTION = re.compile(
    r"(?:^|[.:])(?:assert\w*!?|expect\w*|to(?:Be|Equal|Have|Match|Throw|Contain|Strict)\w*|should\w*|require\.\w+|assert\.\w+|Assert\.\w+|t\.(?:Error|Fatal)\w*)$"
)
_REQUIRE = ("require", "require_relative", "include", "source", ".")
_SUPPRESSION = re.compile(
    r"(?i)\b(?:noqa|type: ?ignore|pylint: ?disable|eslint-disable\S*"
    r"|ts-(?:ignore|expect-error|nocheck)|nolint|nosec|rubocop:disable|noinspection"
    r"|istanbul ignore|pragma: ?no cover|fmt: ?(?:off|skip)|prettier-ignore|biome-ignore"
    r"|shellcheck disable|phpcs:ignore|NOSONAR)\b"
)
_TODO = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_BANNER = re.compile(r"[-=#*~─═]{4,}")
_EXIT = re.compile(r"^(?:return|raise|throw|continue|break|exit|panic|abort|next|fail|die)\b")
_SPACE = re.compile(r"\s+")


_NAMED = ("class", "decorator", "tag", "define")
_OWNERS = ("call", "assertion", "assert", "tag")


class Element(NamedTuple):
    """One part of a program.

    Attributes:
        kind: of element: call, import, comment, string, condition, and so on.
        subject: its name, as far as it has one; white space is normalised.
        text: all of it, with normalised white space.
        owner: what it belongs to: the callee of an argument, the assertion around a literal,
            "function" for an import inside one.
        start, stop: where it stands in the text, in characters.
    """

    kind: str
    subject: str
    text: str
    owner: str = ""
    start: int = 0
    stop: int = 0


def language_of(path: str) -> str:
    """The language whose grammar parses a file, by its extension; "" if there is none."""
    return _extensions().get(path.rpartition(".")[2].lower(), "") if "." in path else ""


def elements(text: str, language: str, ranges: Sequence[tuple[int, int]]) -> list[Element]:
    """The elements that lie in some lines of a text.

    Args:
        ranges: half-open ranges of lines, from 0. Strings and comments that reach into a range lie
            in it; all other elements must begin there.

    Returns:
        At most 400 elements in the order of the text; none if the text is too long to be parsed.
    """
    if not ranges or is_unreadable(text):
        return []
    from ast_grep_py import SgRoot

    walk = _Walk(_nodes(language), ranges)
    walk.visit(SgRoot(text, language).root(), "", "", depth=0, nested=False)
    return walk.elements


def is_unreadable(text: str) -> bool:
    """Whether a text is too long to be parsed, or was made by a program that writes long lines.

    The parser counts the characters from the beginning of the line for each node.
    """
    return len(text) > LIMIT or max(map(len, text.split("\n"))) > _MAX_LINE


class _Walk:
    """A walk through the part of a tree that lies in some lines."""

    def __init__(self, nodes: dict[str, str], ranges: Sequence[tuple[int, int]]) -> None:
        self._nodes = nodes
        self._ranges = ranges
        self.elements: list[Element] = []

    def visit(self, node: SgNode, owner: str, path: str, *, depth: int, nested: bool) -> None:
        """Collect the elements of a subtree.

        Args:
            path: the keys of the pairs around it.
            nested: whether it lies in a function.
        """
        span = node.range()
        first, last = span.start.line, span.end.line
        if depth > _MAX_DEPTH or len(self.elements) >= _MAX_ELEMENTS:
            return
        if not any(first < stop and last >= start for start, stop in self._ranges):
            return
        kind = self._nodes.get(node.kind(), "") if node.is_named() else ""
        if kind:
            inside = any(start <= first < stop for start, stop in self._ranges)
            around = "function" if kind == "import" and nested else owner
            for element in _elements(kind, node, around, path):
                if inside or element.kind in ("string", "docstring", "comment", "text"):
                    self.elements.append(
                        element._replace(start=span.start.index, stop=span.end.index)
                    )
                if element.kind in _OWNERS:
                    owner = element.subject or element.kind
            if kind == "pair":
                path = f"{path}.{_key(node)}" if path else _key(node)
            if kind in ("string", "comment"):
                return
            nested = nested or kind in ("function", "lambda")
        for child in node.children():
            self.visit(child, owner, path, depth=depth + 1, nested=nested)


def _elements(kind: str, node: SgNode, owner: str, path: str) -> Iterator[Element]:
    text = flat(node.text())
    if kind == "call":
        yield _call(node, text, owner)
    elif kind == "import":
        for name in _imported(text):
            yield Element("import", name, text, owner)
    elif kind == "condition":
        yield _condition(node, text)
    elif kind in ("argument", "attribute"):
        yield Element(kind, f"{owner}({_key(node)}=)" if owner else _key(node), text, owner)
    elif kind == "pair":
        yield Element("pair", shorten(f"{path}.{_key(node)}" if path else _key(node)), text)
    elif kind == "default":
        if node.field("value") is not None or node.field("right") is not None:
            yield Element("default", _name(node), text)
    else:
        yield _simple_element(kind, node, text, owner)


def _simple_element(kind: str, node: SgNode, text: str, owner: str) -> Element:
    if kind == "comment":
        return Element("comment", _comment_subject(text), text)
    if kind == "string":
        return Element("docstring" if _is_docstring(node) else "string", "", text, owner)
    if kind == "function":
        name = _name(node)
        return Element("test" if _TEST_NAME.search(name) else "function", name, text)
    if kind == "catch":
        return Element("catch", _caught(text), text)
    if kind == "throw":
        return Element("throw", _first_name(text), text)
    subject = _name(node) if kind in _NAMED else ""
    return Element(kind, subject, text, owner)


def _call(node: SgNode, text: str, owner: str) -> Element:
    callee = callee_of(node)
    if callee in _REQUIRE:
        return Element("import", shorten(text[len(callee) :].strip("(); '\"")), text)
    if _TEST_CALL.match(callee):
        return Element("test", shorten(text[len(callee) :].lstrip("(").split(",")[0]), text)
    if _ASSERTION.search(callee):
        return Element("assertion", callee, text, owner)
    return Element("call", callee, text, owner)


def callee_of(node: SgNode) -> str:
    """What a call calls: a dotted name, or ``.name`` for a method of an expression."""
    callee = next((n for field in _CALLEE_FIELDS if (n := node.field(field))), None)
    if callee is None:
        named = [child for child in node.children() if child.is_named()]
        callee = named[0] if named else None
    if callee is None:
        return ""
    name = flat(callee.text())
    receiver = next((n for field in _RECEIVER_FIELDS if (n := node.field(field))), None)
    if receiver is not None:
        name = f"{flat(receiver.text())}.{name}"
    head, dot, last = name.rpartition(".")
    if dot and re.search(r"[(\[{\"'`\s]", head):
        name = f".{last}"
    return shorten(name) if re.match(r"[.\w$:@!?*&<>\-/#]+$", name) else ""


def _imported(text: str) -> list[str]:
    """The modules, or names of modules, that an import statement imports."""
    text = text.rstrip(";")
    if match := re.match(r"from (\S+) import \(?([^)#]*)\)?", text):
        names = [name.split(" as ")[0].strip() for name in match[2].split(",")]
        return [shorten(f"{match[1]}.{name}") for name in names if name]
    if match := re.search(r"""["'<]([^"'>]+)["'>]\s*$""", text):
        return [shorten(match[1])]
    if text.startswith("import ") and "," in text and "{" not in text:
        return [shorten(name.split(" as ")[0].strip()) for name in text[7:].split(",")]
    words = re.sub(
        r"^(?:pub )?(?:import|use|using|include|static|#include)\s+(?:static\s+)?", "", text
    )
    return [shorten(words.split(" as ")[0])]


def _comment_subject(text: str) -> str:
    if match := _SUPPRESSION.search(text):
        return match[0].lower().replace(" ", "")
    if _TODO.search(text):
        return "TODO"
    return "banner" if _BANNER.search(text) else ""


def _condition(node: SgNode, text: str) -> Element:
    test = node.field("condition")
    subject = flat(test.text()) if test is not None else text.split(":")[0].split("{")[0]
    subject = re.sub(r"^\((.*)\)$", r"\1", subject)
    body = node.field("consequence") or node.field("body")
    lines = re.sub(r"^[{:]\s*|\s*[};]+$", "", flat(body.text())) if body is not None else ""
    is_guard = bool(_EXIT.match(lines)) and node.field("alternative") is None
    return Element("guard" if is_guard else "condition", shorten(subject), text)


def _is_docstring(node: SgNode) -> bool:
    parent = node.parent()
    if parent is None or parent.kind() != "expression_statement":
        return False
    block = parent.parent()
    if block is None or block.kind() not in ("block", "module"):
        return False
    first = next((c for c in block.children() if c.is_named() and c.kind() != "comment"), None)
    return first is not None and first.range().start.index == parent.range().start.index


def _caught(text: str) -> str:
    head = re.split(r"[:{]", text, maxsplit=1)[0]
    head = re.sub(r"^(?:except|catch|rescue)\b\s*\*?", "", head)
    head = re.sub(r"\s+as\s+\w+\s*$|=>.*$", "", head).strip("() ")
    return shorten(re.sub(r"^(?:const )?([\w:.|\\ ]+?)[ &*$]+\w+$", r"\1", head))


def _first_name(text: str) -> str:
    match = re.search(r"(?:raise|throw)\s+(?:new\s+)?([\w.:]+)", text)
    return shorten(match[1]) if match else ""


def _name(node: SgNode) -> str:
    fields = ("name", "left", "pattern", "declarator")
    name = next((n for field in fields if (n := node.field(field)) is not None), None)
    if name is not None and (inner := name.field("declarator")):
        name = inner
    text = flat(name.text()) if name is not None else flat(node.text()).lstrip("@#[<")
    return shorten(re.split(r"[\s(={<:>]", text.strip(), maxsplit=1)[0])


def _key(node: SgNode) -> str:
    key = node.field("key") or node.field("name")
    if key is None:
        key = next((child for child in node.children() if child.is_named()), node)
    return shorten(flat(key.text()).strip("\"'"))


def flat(text: str) -> str:
    """A text with each run of white space replaced by one space."""
    return _SPACE.sub(" ", text).strip()


def shorten(text: str) -> str:
    """A subject of at most 60 characters on one line."""
    text = flat(text)
    return text if len(text) <= _MAX_SUBJECT else text[: _MAX_SUBJECT - 1] + "…"


def _extensions() -> dict[str, str]:
    return {
        extension: language["name"]
        for language in rules.load("elements")["language"]
        for extension in language["extensions"]
    }


def _nodes(language: str) -> dict[str, str]:
    table = {item["name"]: item for item in rules.load("elements")["language"]}
    nodes: dict[str, str] = {}
    while language:
        nodes = {**table[language]["nodes"], **nodes}
        language = table[language].get("like", "")
    return nodes
