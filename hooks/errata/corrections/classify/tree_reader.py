"""The tokens of source code from its parse tree (ast-grep), in the normal form of a formatter.

Quotes, white space, needless parentheses, semicolons, trailing commas, the case of numbers and the
order of imports leave no trace. The structure does: an inner node begins and ends with a token.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from errata.corrections.classify import import_blocks
from errata.corrections.classify.grammar import Grammar, named_children
from errata.corrections.classify.parser_limits import is_foreign, may_abort
from errata.corrections.classify.token_stream import (
    Spans,
    TokenStream,
    normal_number,
    normal_text,
)

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_OPENING, _CLOSING = ("(", "[", "{", "<"), (")", "]", "}", ">")
_PARENTHESES = ("(", ")", "$(", "`")
_STATEMENTS = ("program", "statement_block", "class_body")
_STRING = re.compile(r"([\"'])(.*)\1\Z", re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")
_INTERPOLATION = re.compile(r"[\\#$]")
_PLAIN_STRINGS = ("javascript", "typescript", "tsx", "css")
"""In these languages both quotes mean the same; elsewhere escapes differ."""
_KEYED = ("keyed_element", "pair", "initializer_pair", "assignment_expression", "spread_element")
_EXPRESSIONS = ("_expression", "identifier", "_literal", "invocation")
_DEPENDENCIES = re.compile(r"dependenc|^.require(?:-dev)?.$", re.IGNORECASE)


_MARKUP_LINE = re.compile(r"^[ \t]*<[A-Za-z/!]", re.MULTILINE)
_MARKUP = ("html", "javascript", "typescript", "tsx", "php")
_MAX_MARKUP_LINES = 100
_LONG = 20_000
"""Characters: of a longer text, samples from its beginning are parsed first."""
_MAX_REPETITIONS, _MAX_SHARE = 300, 0.4
"""A line that is repeated more often is not from a program that a person or an agent wrote."""


class TreeReader:
    """Reads one version of a file; raises RecursionError if it is nested too deeply."""

    def __init__(self, grammar: Grammar, text: str, changed: Spans | None = None) -> None:
        self.grammar = grammar
        self._changed = changed
        self._stops = [stop for _, stop in changed or ()]
        self.stream = TokenStream()
        self._text = text
        self._end = 0
        self._depth = 0
        self._scope: list[str] = []
        self._blocks: dict[str, int] = {}

    def read(self) -> TokenStream:
        """The tokens of the whole text.

        Raises:
            ValueError: it is not of its language. Then a parser can take minutes, and nothing can
                stop it; or it may end the process.
        """
        from ast_grep_py import SgRoot

        is_code = self.grammar.name not in _MARKUP
        if is_code and len(_MARKUP_LINE.findall(self._text)) > _MAX_MARKUP_LINES:
            raise ValueError("markup")
        if may_abort(self._text, self.grammar.name) or self._is_foreign():
            raise ValueError("not of its language")

        self.visit(SgRoot(self._text, self.grammar.name).root(), "")
        self._take_gap(len(self._text), self._text.count("\n"))
        return self.stream

    def _is_foreign(self) -> bool:
        """Whether a text repeats one line, or is long and not of its language."""
        lines = Counter(filter(None, map(str.strip, self._text.split("\n"))))
        repetitions = max(lines.values(), default=0)
        if repetitions > _MAX_REPETITIONS and repetitions > _MAX_SHARE * lines.total():
            return True
        return len(self._text) > _LONG and is_foreign(self._text, self.grammar.name)

    def visit(self, node: SgNode, parent: str) -> None:
        """Add the tokens of a node. ``parent`` is the kind of the node above it."""
        kind, grammar = node.kind(), self.grammar
        if self._changed is not None and self._is_unchanged(node):
            text, line = self.take(node)
            self.stream.add(f"={text}", line)
        elif kind in grammar.comments:
            text, line = self.take(node)
            self.stream.add_comment(text, line)
        elif kind in grammar.numbers:
            text, line = self.take(node)
            self.stream.add(normal_number(text), line)
        elif kind in grammar.texts:
            self.visit_string(node, parent)
        elif kind in grammar.verbatim:
            self.take_verbatim(node)
        elif kind == "ERROR":
            self._visit_error(node)
        elif children := node.children():
            self.visit_inner(node, grammar.same.get(kind, kind), children, parent)
        else:
            self.visit_leaf(node)

    def _is_unchanged(self, node: SgNode) -> bool:
        """Whether a node is on lines that did not change, and not beside others."""
        span = node.range()
        changed = self._changed or []
        place = bisect_left(self._stops, span.start.line)
        return place == len(changed) or span.end.line < changed[place][0] - 1

    def take(self, node: SgNode) -> tuple[str, int]:
        """The text of a node, which counts as read, and its first line."""
        start = node.range().start
        self._take_gap(start.index, start.line)
        text = node.text()
        self._end = start.index + len(text)
        return text, start.line

    def gap(self, start: int) -> str:
        """The text between what was read and a position."""
        return self._text[self._end : start]

    def take_verbatim(self, node: SgNode) -> None:
        """Add a node that counts as it is written."""
        text, line = self.take(node)
        self.stream.add_text("=", text, line)

    def _take_gap(self, start: int, line: int) -> None:
        """Add what no node stands for, so that no part of the text is overlooked."""
        gap = self._text[self._end : start].replace("\\\n", "\n")
        if "*" not in self.grammar.keep_semicolons:
            # Some grammars have no node for them.
            gap = gap.replace(";", " ")
        if gap.strip():
            self.stream.add_words("?", gap, line - gap.count("\n"))

    def visit_leaf(self, node: SgNode) -> None:
        """Add a node without children."""
        text, line = self.take(node)
        if text.strip() and node.kind() != "line_continuation":
            self.stream.add_text("", text, line)

    def _visit_error(self, node: SgNode) -> None:
        """Add text that the grammar does not know; its indentation counts if the grammar's does."""
        text, line = self.take(node)
        if not self.grammar.depth:
            self.stream.add_words("!", text, line)
            return
        for number, part in enumerate(text.split("\n")):
            if part.strip():
                self.stream.add("!" + part.rstrip(), line + number)

    def visit_inner(self, node: SgNode, kind: str, children: Sequence[SgNode], parent: str) -> None:
        """Add a node with children."""
        if self._is_grouping(kind, children, parent):
            self._visit_group(kind, children, "()")
        elif kind == "block" and self._is_needless_block(children, parent):
            self._visit_group(kind, children, "{}")
        elif kind in self.grammar.depth:
            self._visit_block(node, kind, children)
        else:
            self._visit_marked(node, kind, children)

    def _is_grouping(self, kind: str, children: Sequence[SgNode], parent: str) -> bool:
        """Whether parentheses only group, which the structure shows as well."""
        if kind not in self.grammar.transparent:
            return False
        inner = [c for c in children if c.is_named() and c.kind() not in self.grammar.comments]
        # Parentheses end an optional chain.
        in_chain = parent in ("member_expression", "call_expression", "subscript_expression")
        return len(inner) == 1 and not (in_chain and "?." in inner[0].text())

    def _is_needless_block(self, children: Sequence[SgNode], parent: str) -> bool:
        """Whether braces surround nothing but an expression (Rust)."""
        if self.grammar.name != "rust" or parent not in ("match_arm", "closure_expression"):
            return False
        return len(children) == 3 and children[1].kind().endswith(_EXPRESSIONS)

    def _visit_group(self, kind: str, children: Sequence[SgNode], brackets: str) -> None:
        for child in children:
            if child.kind() in tuple(brackets):
                self.take(child)
            else:
                self.visit(child, kind)

    def _visit_marked(self, node: SgNode, kind: str, children: Sequence[SgNode]) -> None:
        stream = self.stream
        start = len(stream.tokens)
        stream.add(f"<{kind}>", -1)
        name = node.field("name") if kind.endswith(("definition", "declaration", "item")) else None
        self._scope.append(name.text() if name is not None else "")
        self._visit_children(node, kind, children)
        self._scope.pop()
        if len(stream.tokens) == start + 1:
            del stream.tokens[-1], stream.lines[-1]
            return
        stream.lines[start] = stream.lines[start + 1]
        stream.add(f"</{kind}>", stream.lines[-1])

    def _visit_block(self, node: SgNode, kind: str, children: Sequence[SgNode]) -> None:
        """Add statements whose nesting shows in their indentation alone."""
        self._depth += 1
        self._visit_children(node, kind, children)
        self._depth -= 1

    def _visit_children(self, node: SgNode, kind: str, children: Sequence[SgNode]) -> None:
        in_container = self.is_container(node, kind)
        position = 0
        while position < len(children):
            child = children[position]
            if child.kind() in self.grammar.imports:
                position += self._visit_imports(children[position:], kind)
                continue
            if self._is_optional(child, kind, children, position, in_container):
                self.take(child)
            else:
                self._visit_child(child, kind, is_entry=in_container)
            position += 1

    def _visit_child(self, child: SgNode, kind: str, is_entry: bool) -> None:
        stream = self.stream
        start = len(stream.tokens)
        is_comment = child.kind() in self.grammar.comments
        if kind in self.grammar.depth and not is_comment and child.is_named():
            stream.add(f"@{self._depth}", child.range().start.line)
        self.visit(child, kind)
        is_keyed = child.kind() in _KEYED and kind != "object"
        if is_entry and child.is_named() and not is_comment and not is_keyed:
            stream.entries.append((start, len(stream.tokens)))

    def is_container(self, node: SgNode, kind: str) -> bool:
        """Whether a node lists things."""
        return kind in self.grammar.containers or self._lists_dependencies(node, kind)

    def _lists_dependencies(self, node: SgNode, kind: str) -> bool:
        """Whether an object of JSON lists packages and their versions."""
        owner = node.parent() if self.grammar.name == "json" and kind == "object" else None
        key = owner.field("key") if owner is not None else None
        return key is not None and _DEPENDENCIES.search(key.text()) is not None

    def _is_optional(
        self,
        child: SgNode,
        kind: str,
        children: Sequence[SgNode],
        position: int,
        in_container: bool,
    ) -> bool:
        """Whether a token or node may be left out without any difference."""
        name = child.kind()
        if name == ",":
            return self._is_optional_comma(kind, children, position, in_container)
        if name in ("argument_list", "arguments"):
            owners = ("class_definition", "new_expression")
            return kind in owners and not named_children(child)
        kinds = {"empty_statement": _STATEMENTS, ";": self.grammar.separators}
        if name == ";" and not self.grammar.keep_semicolons & {"*", kind}:
            return True
        return kind in (self.grammar.parentheses if name in _PARENTHESES else kinds.get(name, ()))

    def _is_optional_comma(
        self, kind: str, children: Sequence[SgNode], position: int, in_container: bool
    ) -> bool:
        if self.grammar.keep_commas & {"*", kind}:
            # One comma makes a tuple of one; after several, the last means nothing.
            commas = sum(child.kind() == "," for child in children)
            if kind != "subscript" or commas == 1:
                return False
        before = children[position - 1].kind() if position else ""
        # One by one: a list may have thousands of commas.
        rest = (children[index].kind() for index in range(position + 1, len(children)))
        after = next((name for name in rest if name not in self.grammar.comments), ")")
        if kind in self.grammar.separators:
            return True
        if before in (",", *_OPENING) or after == ",":
            return False
        return in_container or after in _CLOSING or kind == "match_arm"

    def _visit_imports(self, nodes: Sequence[SgNode], kind: str) -> int:
        """Add a block of imports; returns how many nodes it has."""
        scope = f"{kind} {' '.join(self._scope)}"
        number = self._blocks.get(scope, 0)
        self._blocks[scope] = number + 1
        block = import_blocks.read_block(self.grammar, nodes, f"{scope} {number}")
        for node in nodes[: block.size]:
            if block.ordered:
                self._visit_child(node, kind, is_entry=False)
            else:
                self.take(node)
        self.stream.unordered += block.items
        return block.size

    def visit_string(self, node: SgNode, parent: str) -> None:
        """Add a string literal."""
        text, line = self.take(node)
        match = _STRING.match(text)
        is_plain = self.grammar.name in _PLAIN_STRINGS
        if match is None or not (is_plain or not _INTERPOLATION.search(text)):
            self.stream.add_text("=", text, line)
            return
        content = normal_text(match[2])
        is_key = parent in self.grammar.keys and _IDENTIFIER.match(content)
        self.stream.add_text("" if is_key else '"', content, line)
