"""Texts that must not be parsed, because a parser takes minutes or ends the whole process.

A parser of tree-sitter is slow where a text is not of its language, and nothing can stop it. And
a scanner may keep 1,024 bytes of state between two tokens. If it needs more, an assertion fails
that no Python code can catch: nested indentation in YAML, the name of a heredoc in Ruby, nested
interpolation in Kotlin.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MAX_DEPTH = 100
_SAMPLE, _LEAST = 4_000, 600
"""Characters of the samples of a long text that are parsed first."""
_MAX_SAMPLES = 3
_FEW_ERRORS = 12
_TOP_LEVEL = re.compile(r"\n(?=[^\s})\]])")
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


def is_foreign(text: str, language: str) -> bool:
    """Whether the beginning of a text is mostly errors, so that it is not of its language.

    A sample that ends inside a function may be one error as a whole. So errors are counted, too,
    and samples end where a line begins at the top level, as far as there are such lines.
    """
    ends = [match.start() for match in _TOP_LEVEL.finditer(text[:_SAMPLE])]
    ends = [end for end in ends if end >= _LEAST] or [min(len(text), _SAMPLE)]
    step = max(1, len(ends) // _MAX_SAMPLES)
    return all(_is_mostly_errors(text[:end], language) for end in ends[::-step][:_MAX_SAMPLES])


# Both versions of a file mostly begin with the same sample.
@lru_cache(maxsize=256)
def _is_mostly_errors(sample: str, language: str) -> bool:
    from ast_grep_py import SgRoot

    root = SgRoot(sample, language).root()
    parts = [root] if root.kind() == "ERROR" else root.children()
    errors = sum(len(node.text()) for node in parts if node.kind() == "ERROR")
    return errors > len(sample) / 2 and len(root.find_all(kind="ERROR")) > _FEW_ERRORS
