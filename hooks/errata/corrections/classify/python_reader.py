"""The tokens of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from errata.corrections.classify.token_stream import normal_text
from errata.corrections.classify.tree_reader import TreeReader

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_STRING = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')(.*)\2\Z", re.DOTALL)
_ENUM_BASE = re.compile(r"(?:Enum|Flag)\b")


class PythonReader(TreeReader):
    """Python: literals that stand together are one string, and indentation makes blocks."""

    _content = ""
    _began = 0

    def visit(self, node: SgNode, parent: str) -> None:
        kind = node.kind()
        if kind == "string":
            self._visit_strings(node, [node], parent)
        elif kind == "tuple_pattern" and len(node.children()) == 3:
            # A name in parentheses.
            for child in node.children():
                if child.is_named():
                    self.visit(child, parent)
                else:
                    self.take(child)
        elif kind == "concatenated_string":
            self._visit_strings(node, node.children(), parent)
        else:
            super().visit(node, parent)

    def is_container(self, node: SgNode, kind: str) -> bool:
        owner = node.parent() if kind == "block" else None
        bases = owner.field("superclasses") if owner is not None else None
        is_enum = bases is not None and _ENUM_BASE.search(bases.text()) is not None
        return is_enum or super().is_container(node, kind)

    def _visit_strings(self, node: SgNode, parts: list[SgNode], parent: str) -> None:
        is_docstring = _is_docstring(node, parent)
        start = node.range().start.line
        is_bytes = "b" in _flags(parts[0].text())
        self.stream.add("bytes" if is_bytes else "text", start)
        for part in parts:
            if part.kind() != "string":
                super().visit(part, parent)
            elif any(child.kind() == "interpolation" for child in part.children()):
                self._visit_f_string(part)
            else:
                text, line = self.take(part)
                match = _STRING.match(text)
                content = match[3] if match else text
                self._add_content(content, _flags(text), line)
        if is_docstring:
            self.stream.add_words("~", self._content, self._began)
        else:
            self._flush()
        self._content = ""

    def _visit_f_string(self, node: SgNode) -> None:
        flags = _flags(node.text())
        for child in node.children():
            kind = child.kind()
            if kind == "interpolation":
                self._flush()
                self.visit(child, "string")
                continue
            text, line = self.take(child)
            if kind not in ("string_start", "string_end"):
                self._add_content(text, flags, line)

    def _add_content(self, content: str, flags: str, line: int) -> None:
        """Add to the text that stands between two interpolations."""
        if "f" in flags:
            content = content.replace("{{", "{").replace("}}", "}")
        if "r" not in flags:
            content = normal_text(content)
        elif "\\" in content:
            # Another way to write this is not what a formatter looks for.
            self._flush()
            self.stream.add("raw", line)
        if not self._content:
            self._began = line
        self._content += content

    def _flush(self) -> None:
        if self._content:
            self.stream.add_text("~", self._content, self._began)
        self._content = ""


def _flags(literal: str) -> str:
    """The prefix of a string literal in lower case."""
    return literal[: len(literal) - len(literal.lstrip("rRbBuUfFtT"))].lower()


def _is_docstring(node: SgNode, parent: str) -> bool:
    above = node.parent()
    return parent == "expression_statement" and above is not None and len(above.children()) == 1
