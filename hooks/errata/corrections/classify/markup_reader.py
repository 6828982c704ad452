"""The tokens of HTML, and of the markup in JavaScript: white space means something beside text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from errata.corrections.classify.grammar import Grammar, block_tags, named_children
from errata.corrections.classify.token_stream import SPACE, ReadEmbedded
from errata.corrections.classify.tree_reader import TreeReader

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TAGS = ("start_tag", "end_tag", "self_closing_tag")
_PREFORMATTED = ("pre", "textarea")


class JsxReader(TreeReader):
    """JavaScript and TypeScript with markup."""

    def visit(self, node: SgNode, parent: str) -> None:
        kind = node.kind()
        if kind == "template_string":
            self._visit_template(node)
        elif kind in ("union_type", "intersection_type") and len(node.children()) == 2:
            # A mark before the first type means nothing.
            self.take(node.children()[0])
            self.visit(node.children()[1], parent)
        elif kind == "binary_expression" and (operator := _logical(node)):
            self._visit_logical(node, operator, parent)
        elif kind == "jsx_text":
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

    def _visit_logical(self, node: SgNode, operator: str, parent: str) -> None:
        """Add ``a && (b && c)`` like ``(a && b) && c``: how it is grouped means nothing."""
        mark = f"<{operator}>"
        if parent != mark:
            self.stream.add(mark, node.range().start.line)
        for child in node.children():
            inner = child
            while inner.kind() == "parenthesized_expression" and len(named_children(inner)) == 1:
                inner = named_children(inner)[0]
            if inner is not child and _logical(inner) == operator:
                self._visit_in_parentheses(child, mark)
            else:
                self.visit(child, mark if _logical(child) == operator else "binary_expression")
        if parent != mark:
            self.stream.add(f"</{operator}>", self.stream.lines[-1])

    def _visit_in_parentheses(self, node: SgNode, mark: str) -> None:
        for child in node.children():
            if not child.is_named():
                self.take(child)
            elif child.kind() == "parenthesized_expression":
                self._visit_in_parentheses(child, mark)
            else:
                self.visit(child, mark)

    def _visit_template(self, node: SgNode) -> None:
        """Add a template string, in which only the code may be formatted."""
        for child in node.children():
            if child.kind() == "template_substitution":
                self.visit(child, "template_string")
            else:
                self.take_verbatim(child)

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


def _logical(node: SgNode) -> str:
    """The operator of ``a && b`` or ``a || b``; "" for any other node."""
    operator = node.field("operator") if node.kind() == "binary_expression" else None
    name = operator.kind() if operator is not None else ""
    return name if name in ("&&", "||") else ""


def _is_bare(parameters: SgNode) -> bool:
    """Whether there is one parameter and nothing but its name."""
    named = named_children(parameters)
    if len(named) != 1:
        return False
    inner = named[0].children()
    return named[0].kind() == "identifier" or (len(inner) == 1 and inner[0].kind() == "identifier")


class CssReader(TreeReader):
    """Style sheets."""

    def visit(self, node: SgNode, parent: str) -> None:
        if node.kind() == "plain_value" and parent == "attribute_selector":
            # Quotes may be left out.
            text, line = self.take(node)
            self.stream.add(f'"{text}', line)
        else:
            super().visit(node, parent)


class HtmlReader(TreeReader):
    """HTML."""

    def __init__(self, grammar: Grammar, text: str, read_embedded: ReadEmbedded) -> None:
        super().__init__(grammar, text)
        self._read_embedded = read_embedded
        self._after_inline = False
        self._preformatted = False

    def visit(self, node: SgNode, parent: str) -> None:
        kind = node.kind()
        if kind == "text" and self._preformatted:
            self.take_verbatim(node)
        elif kind == "text":
            self._begin_inline(node, inline=True)
            text, line = self.take(node)
            self.stream.add_spaced_words(text.strip(), line)
        elif kind in ("attribute_value", "quoted_attribute_value"):
            text, line = self.take(node)
            self.stream.add_text('"', text[1:-1] if kind[0] == "q" else text, line)
        elif kind == "raw_text":
            self._visit_raw_text(node, parent)
        elif kind == "doctype":
            text, line = self.take(node)
            self.stream.add_words("", text.lower(), line)
        elif kind == "element":
            self._visit_element(node)
        else:
            super().visit(node, parent)

    def visit_inner(self, node: SgNode, kind: str, children: Sequence[SgNode], parent: str) -> None:
        if kind in _TAGS:
            inline = _tag_name(node) not in block_tags()
            self._begin_inline(node, inline)
            super().visit_inner(
                node, "self_closing_tag" if kind == "start_tag" else kind, children, parent
            )
            self._after_inline = inline
        else:
            super().visit_inner(node, kind, children, parent)

    def _visit_element(self, node: SgNode) -> None:
        """Add an element without a mark: its tags show where it begins and ends."""
        outer = self._preformatted
        self._preformatted = outer or _tag_name(node) in _PREFORMATTED
        for child in node.children():
            self.visit(child, "element")
        self._preformatted = outer

    def _visit_raw_text(self, node: SgNode, parent: str) -> None:
        """Add a script or a style sheet."""
        owner = node.parent()
        start = owner.children()[0].text() if owner is not None else ""
        # Other types are data, or templates.
        is_plain = "type" not in start or "javascript" in start or "module" in start
        language = {"script_element": "javascript", "style_element": "css"}.get(parent, "")
        text, line = self.take(node)
        code = self._read_embedded(language, text) if is_plain else None
        if code is None:
            self.stream.add_text("=", text, line)
        else:
            self.stream.extend(code, line)

    def visit_leaf(self, node: SgNode) -> None:
        text, line = self.take(node)
        if node.kind() in ("tag_name", "attribute_name", "doctype"):
            text = text.lower()
        if text.strip():
            self.stream.add_text("", ">" if text == "/>" else text, line)

    def _begin_inline(self, node: SgNode, inline: bool) -> None:
        """Add white space that is shown: between two things that stand in a line."""
        start = node.range().start
        if self._preformatted:
            self.stream.add_text("=", self.gap(start.index), start.line)
        elif inline and self._after_inline and self.gap(start.index):
            self.stream.add(SPACE, start.line)
        self._after_inline = inline


def _tag_name(node: SgNode) -> str:
    name = node.find(kind="tag_name")
    return name.text().lower() if name is not None else ""
