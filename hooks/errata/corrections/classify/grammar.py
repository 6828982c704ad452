"""What is known about the grammar of each language (``rules/syntax.toml``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from errata import rules

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_SETS = (
    *("transparent", "comments", "numbers", "parentheses", "verbatim", "texts", "containers"),
    *("imports", "separators", "keep_commas", "keep_semicolons", "keys", "depth"),
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language; ``rules/syntax.toml`` explains the fields."""

    name: str
    transparent: frozenset[str]
    comments: frozenset[str]
    numbers: frozenset[str]
    parentheses: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    separators: frozenset[str] = frozenset()
    keep_commas: frozenset[str] = frozenset()
    keep_semicolons: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    depth: frozenset[str] = frozenset()
    same: dict[str, str] = field(default_factory=dict)


@cache
def grammars() -> dict[str, Grammar]:
    """The grammars by ending or file name."""
    table = rules.load("syntax")
    by_ending: dict[str, Grammar] = {}
    for name, own in table["languages"].items():
        row = {**table["common"], **own}
        sets: dict[str, Any] = {key: frozenset(row[key]) for key in _SETS if key in row}
        by_ending |= dict.fromkeys(row["endings"], Grammar(name, same=row.get("same", {}), **sets))
    return by_ending


@cache
def block_tags() -> frozenset[str]:
    """The HTML elements beside which white space is not shown."""
    return frozenset(rules.load("syntax")["block_tags"])


def named_children(node: SgNode) -> list[SgNode]:
    """The children of a node without punctuation."""
    return [child for child in node.children() if child.is_named()]
