"""Imports that stand together: their order, and how they are grouped, mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from errata.corrections.classify.grammar import Grammar, named_children

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PRAGMA = re.compile(
    r"isort:|fmt: *(?:off|skip)|yapf: *disable|E402|eslint-disable|prettier-ignore|clang-format off"
)
_PUNCTUATION = re.compile(r"\s*([{}(),;:.*=])\s*")
_BRACES = re.compile(r"\{([^{}]*)\}")
_BY_NAME = ("python", "javascript", "typescript", "tsx")


@dataclass(slots=True)
class ImportBlock:
    """The imports at the beginning of a list of sibling nodes.

    Attributes:
        size: how many of the nodes belong to the block.
        ordered: whether the order counts after all.
        items: what is imported, with its line.
    """

    size: int
    ordered: bool
    items: list[tuple[str, int]] = field(default_factory=list)


def read_block(grammar: Grammar, nodes: Sequence[SgNode], scope: str) -> ImportBlock:
    """The block that begins with the first node, which is an import.

    Args:
        scope: tells the imports of one function or class from those of another.
    """
    if _has_effects(grammar, nodes[0]):
        return ImportBlock(1, ordered=True)
    size = _block_size(grammar, nodes)
    block = nodes[:size]
    if any(_PRAGMA.search(node.text()) for node in block):
        return ImportBlock(size, ordered=True)
    items = [(f"{scope}|{item}", line) for node in block for item, line in _items(grammar, node)]
    return ImportBlock(size, ordered=False, items=items)


def _block_size(grammar: Grammar, nodes: Sequence[SgNode]) -> int:
    """Imports and the comments between them, up to code or an import with effects."""
    size = 1
    last_line = _last_line(nodes[0])
    for number, node in enumerate(nodes[1:], start=1):
        kind, span = node.kind(), node.range()
        if kind in grammar.imports:
            if _has_effects(grammar, node):
                break
            # clang-format sorts no includes across a blank line.
            if grammar.name in ("c", "cpp") and span.start.line > last_line + 1:
                break
            size, last_line = number + 1, _last_line(node)
        elif kind in grammar.comments:
            if span.start.line == last_line:
                size = number + 1
        elif kind != ";" and node.text().strip():
            break
    return size


def _last_line(node: SgNode) -> int:
    # Some grammars count the line end as a part of the node.
    return node.range().start.line + node.text().rstrip().count("\n")


def _has_effects(grammar: Grammar, node: SgNode) -> bool:
    """Whether an import does more than to name something."""
    if grammar.name in ("javascript", "typescript", "tsx"):
        return not any(
            c.kind() in ("import_clause", "import_require_clause") for c in node.children()
        )
    return "__future__" in node.text()


def _items(grammar: Grammar, node: SgNode) -> Iterator[tuple[str, int]]:
    """Each thing that a node of a block imports, or a comment's text, with its line."""
    line = node.range().start.line
    if node.kind() == "import_from_statement":
        module = node.field("module_name")
        names = node.field_children("name") or [
            c for c in node.children() if c.kind() == "wildcard_import"
        ]
        source = module.text() if module else ""
        yield from ((f"{source} {_normal(n.text())}", n.range().start.line) for n in names)
        yield from _comments(grammar, node)
    elif grammar.name == "python" and node.kind() == "import_statement":
        names = node.field_children("name")
        yield from ((_normal(n.text()), n.range().start.line) for n in names)
    elif grammar.name in _BY_NAME and node.kind() == "import_statement":
        yield from _script_items(node)
        yield from _comments(grammar, node)
    elif node.kind() == "import_declaration" and grammar.name == "go":
        yield from (
            (_normal(n.text()), n.range().start.line) for n in node.find_all(kind="import_spec")
        )
        yield from _comments(grammar, node)
    elif node.kind() in grammar.comments:
        yield from ((f"//{word}", line) for word in node.text().split())
    else:
        yield _normal(node.text()), line


def _script_items(node: SgNode) -> Iterator[tuple[str, int]]:
    source = node.field("source")
    origin = source.text().strip("'\"") if source else ""
    # `import type` and the like.
    how = " ".join(
        c.text() for c in node.children() if c.kind() in ("type", "typeof", "import_attribute")
    )
    for clause in node.children():
        if clause.kind() == "import_require_clause":
            yield _normal(clause.text()), clause.range().start.line
        elif clause.kind() == "import_clause":
            for part in named_children(clause):
                names = named_children(part) if part.kind() == "named_imports" else [part]
                for name in names:
                    if name.kind() != "comment":
                        form = "" if part.kind() == "named_imports" else part.kind()
                        yield (
                            f"{origin} {how} {form} {_normal(name.text())}",
                            name.range().start.line,
                        )


def _comments(grammar: Grammar, node: SgNode) -> Iterator[tuple[str, int]]:
    """The words of the comments within an import."""
    for kind in grammar.comments & {"comment"}:
        for comment in node.find_all(kind=kind):
            yield from ((f"//{w}", comment.range().start.line) for w in comment.text().split())


def _normal(text: str) -> str:
    """The text of an import without white space, quotes, trailing commas and order in braces."""
    text = _PUNCTUATION.sub(r"\1", " ".join(text.split())).rstrip(";").replace("'", '"')
    return _BRACES.sub(_sorted_names, text)


def _sorted_names(match: re.Match[str]) -> str:
    return "{" + ",".join(sorted(filter(None, match[1].split(",")))) + "}"
