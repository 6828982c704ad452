"""The tokens of HTML, and of the markup in JavaScript: white space means something beside text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from errata.corrections.classify.grammar import block_tags, named_children
from errata.corrections.classify.token_stream import SPACE
from errata.corrections.classify.tree_reader import TreeReader

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TAGS = ("start_tag", "end_tag", "self_closing_tag", "doctype")
_PREFORMATTED = ("pre", "textarea")


class JsxReader(TreeReader):
    """JavaScript and TypeScript with markup."""

    def visit(self, node: SgNode, parent: str) -> None:
        kind = node.kind()
        if kind == "jsx_text":
            self._visit_text(node)
        elif kind == "jsx_expression" and self._is_string(node):
            self._visit_string_in_braces(node, parent)
        elif kind == "string" and parent == "jsx_attribute":
            text, line = self.take(node)
            self.stream.add_text('"', text[1:-1], line)
        elif kind == "formal_parameters" and parent == "arrow_function" and _is_bare(node):
            self._visit_bare_parameter(node)
        else:
            super().visit(node, parent)

    @staticmethod
    def _is_string(node: SgNode) -> bool:
        inner = named_children(node)
        return len(inner) == 1 and inner[0].kind() == "string" and "\\" not in inner[0].text()

    def _visit_string_in_braces(self, node: SgNode, parent: str) -> None:
        content = named_children(node)[0].text()[1:-1]
        if parent != "jsx_attribute" and content.strip():
            super().visit(node, parent)
            return
        _, line = self.take(node)
        if parent == "jsx_attribute":
            self.stream.add_text('"', content, line)
        elif content:
            self.stream.add_space(line)

    def _visit_text(self, node: SgNode) -> None:
        """Add text as it is shown: white space with a line end in it only wraps the source."""
        text, line = self.take(node)
        parts = text.split("\n")
        last = len(parts) - 1
        begun = False
        for number, part in enumerate(parts):
            shown = part if number == 0 else part.lstrip()
            shown = shown if number == last else shown.rstrip()
            if not shown.strip() and (last or not shown):
                continue
            if begun:
                self.stream.add_space(line + number)
            self.stream.add_spaced_words(shown, line + number)
            if not shown.strip():
                self.stream.add_space(line + number)
            begun = True

    def _visit_bare_parameter(self, node: SgNode) -> None:
        """Add ``(x)`` of an arrow function like ``x``."""
        for child in node.children():
            if child.is_named():
                inner = named_children(child)
                self.visit(inner[0] if inner else child, "arrow_function")
            else:
                self.take(child)


def _is_bare(parameters: SgNode) -> bool:
    """Whether there is one parameter and nothing but its name."""
    named = named_children(parameters)
    if len(named) != 1:
        return False
    inner = named[0].children()
    return named[0].kind() == "identifier" or (len(inner) == 1 and inner[0].kind() == "identifier")


class HtmlReader(TreeReader):
    """HTML."""

    _after_inline = False

    def visit(self, node: SgNode, parent: str) -> None:
        kind = node.kind()
        if kind == "text":
            self._begin_inline(node, inline=True)
            text, line = self.take(node)
            self.stream.add_spaced_words(text.strip(), line)
        elif kind in ("attribute_value", "quoted_attribute_value"):
            text, line = self.take(node)
            self.stream.add_text('"', text[1:-1] if kind[0] == "q" else text, line)
        elif kind == "element" and _tag_name(node) in _PREFORMATTED:
            self._begin_inline(node, inline=False)
            self.take_verbatim(node)
        else:
            super().visit(node, parent)

    def visit_inner(self, node: SgNode, kind: str, children: Sequence[SgNode], parent: str) -> None:
        if kind in _TAGS:
            inline = kind != "doctype" and _tag_name(node) not in block_tags()
            self._begin_inline(node, inline)
            super().visit_inner(
                node, "self_closing_tag" if kind == "start_tag" else kind, children, parent
            )
            self._after_inline = inline
        else:
            super().visit_inner(node, kind, children, parent)

    def visit_leaf(self, node: SgNode) -> None:
        text, line = self.take(node)
        if node.kind() in ("tag_name", "attribute_name", "doctype"):
            text = text.lower()
        if text.strip():
            self.stream.add_text("", ">" if text == "/>" else text, line)

    def _begin_inline(self, node: SgNode, inline: bool) -> None:
        """Add white space that is shown: between two things that stand in a line."""
        start = node.range().start
        if inline and self._after_inline and self.has_gap(start.index):
            self.stream.add(SPACE, start.line)
        self._after_inline = inline


def _tag_name(node: SgNode) -> str:
    name = node.find(kind="tag_name")
    return name.text().lower() if name is not None else ""
