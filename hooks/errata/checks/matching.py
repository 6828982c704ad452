"""Where rules match in the added lines of a file.

A check never speaks about a line that was there: what it reports begins on an added line. Parsers
and rules are only bounded by time, so callers that do not trust them run this in
:mod:`errata.checks.isolated`.
"""

from __future__ import annotations

import re

from errata.checks import languages
from errata.corrections.classify.parser_limits import is_foreign, may_abort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Any

    from ast_grep_py import SgNode

    from errata.checks.rule_file import Rule

MAX_TEXT = 1_000_000
_LONG = 10_000
_MAX_LINE = 5_000
_MAX_LINES = 20_000
_CLOSING = re.compile("</", re.IGNORECASE)


def applies(rule: Rule, path: str, *, is_new: bool = False) -> bool:
    """Whether a rule is about a file, by its language and its globs."""
    from errata.patterns import globs

    if rule["language"] != languages.TEXT and rule["language"] != languages.of_path(path):
        return False
    if rule["new"] and not is_new:
        return False
    if rule["files"] and not any(globs.matcher(glob)(path) for glob in rule["files"]):
        return False
    return not any(globs.matcher(glob)(path) for glob in rule["ignores"])


def find_lines(
    rules: Sequence[Rule],
    text: str,
    added: Mapping[int, str] | Collection[int],
    before: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[int, int]]:
    """(place in ``rules``, line from 1) of what rules find in the added lines of a file, in order.

    Args:
        rules: those that apply to the file.
        text: the file as a whole.
        added: the numbers of the added lines, from 1.
        before: called with the place of each rule before it is tried.

    Raises:
        RuntimeError, Exception: a rule is not valid; of the ast-grep library.
    """
    if not added or len(text) > MAX_TEXT:
        return
    trees: dict[str, SgNode | None] = {}
    words: SgNode | None = None
    numbers = sorted(added)[:_MAX_LINES]
    for place, rule in enumerate(rules):
        before(place)
        lines: set[int] = set()
        if rule["new"]:
            lines = {numbers[0]}
        elif rule["language"] == languages.TEXT:
            if words is None:
                words = _lines_as_nodes(text, numbers)
            config = {"rule": {"kind": "raw_text", **rule["config"]["rule"]}}
            lines = {numbers[node.range().start.line] for node in _find(words, config)}
        else:
            language = rule["language"]
            if language not in trees:
                trees[language] = _tree(text, language)
            if (root := trees[language]) is not None:
                lines = {node.range().start.line + 1 for node in _find(root, rule["config"])}
        for line in sorted(lines.intersection(added)):
            yield place, line


def matches(rule: Rule, text: str) -> bool:
    """Whether a rule finds anything in a text, all of which is taken for added."""
    return any(
        True for _ in find_lines([{**rule, "new": False}], text, range(1, text.count("\n") + 2))
    )


def _find(root: SgNode, config: Any) -> list[SgNode]:
    return root.find_all(config)


def _tree(text: str, language: str) -> SgNode | None:
    """The root of a text; None if it must not be parsed."""
    from ast_grep_py import SgRoot

    if may_abort(text, language) or (len(text) > _LONG and is_foreign(text, language)):
        return None
    return SgRoot(text, language).root()


def _lines_as_nodes(text: str, numbers: Sequence[int]) -> SgNode:
    """A tree in which each of these lines is a node of the kind ``raw_text``, in a row of its own.

    So the expressions of words are those of ast-grep, whose time is linear: Python's may take
    forever. In HTML the content of a script is not looked into.
    """
    from ast_grep_py import SgRoot

    lines = text.split("\n")
    rows = (_CLOSING.sub("< /", lines[n - 1][:_MAX_LINE]).rstrip("\r") for n in numbers)
    return SgRoot("".join(f"<script>{row}</script>\n" for row in rows), "html").root()
