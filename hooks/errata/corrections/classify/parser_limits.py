"""Texts that must not be parsed: they make a parser of tree-sitter end the whole process.

A scanner may keep 1,024 bytes of state between two tokens. If it needs more, an assertion fails
that no Python code can catch: nested indentation in YAML, the name of a heredoc in Ruby, nested
interpolation in Kotlin.
"""

from __future__ import annotations

import re

_MAX_DEPTH = 100
_YAML_INDENTATION = re.compile(r"^(?:[ \t]|[-?:](?=[ \t])){200}", re.MULTILINE)
_RUBY_HEREDOC = re.compile(r"<<[~-]?[\"'`]?\w[^\s\"'`]{99}|(?:<<[~-]?[\"'`A-Z][^\n]*?){20}")
_INTERPOLATION = re.compile(r"\$\{|\}")


def may_abort(text: str, language: str) -> bool:
    """Whether the parser of a language may end the process instead of parsing a text."""
    if language == "yaml":
        return _YAML_INDENTATION.search(text) is not None
    if language == "ruby":
        return _RUBY_HEREDOC.search(text) is not None
    if language == "kotlin":
        return _is_deep(text)
    return False


def _is_deep(text: str) -> bool:
    """Whether interpolations of strings are nested deeply."""
    depth = 0
    for match in _INTERPOLATION.finditer(text):
        depth = depth + 1 if match[0] == "${" else max(depth - 1, 0)
        if depth > _MAX_DEPTH:
            return True
    return False
