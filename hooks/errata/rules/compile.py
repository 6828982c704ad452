"""Compiles the TOML tables to Python modules, which hooks load 100 times faster than TOML."""

from __future__ import annotations

from typing import Any

from errata import rules
from errata.rules.expression import Expression
from errata.rules.literals import exact_strings, expression

EXPRESSION_FIELDS: dict[str, tuple[str, ...]] = {
    "identities": ("name", "email", "value", "line", "model", "session"),
    "edits": ("old", "new", "owner"),
    "elements": ("pattern",),
    "evidence": ("words", "body", "agent"),
    "generated": ("words", "unless"),
    "instruction_comments": ("words", "unless"),
    "instructions": ("words",),
    "commit_words": ("words",),
    "complaints": ("words", "unless", "edits", "example"),
    "kinds": ("words", "unless"),
    "masks": ("pattern",),
    "patterns": ("words",),
    "reviews": ("words",),
    "secrets": ("pattern",),
    "written_rules": ("words", "unless", "apart", "narrow", "lead", "own", "path"),
}
"""Fields of each table that hold regular expressions."""
_IGNORE_CASE = ("identities", "instruction_comments")
_EXAMPLES = ("match", "miss")


def names() -> list[str]:
    """The names of all tables."""
    return sorted(path.stem for path in rules.folder().glob("*.toml"))


def compiled(name: str) -> dict[str, Any]:
    """The table as hooks read it: expressions with their literals, and no examples."""
    table: dict[str, Any] = rules.source(name)
    fragments = table.pop("fragments", {})
    flags = "(?i)" if name in _IGNORE_CASE else ""
    table = _convert(table, EXPRESSION_FIELDS.get(name, ()), fragments, flags)
    if name == "identities":
        table["sure"] = _agent_addresses(table)
    if name == "agents":
        table["events"] = _events(table)
        table["environment"] = _environment(table)
    return table


def text(name: str) -> str:
    """The source of the module."""
    table = compiled(name)
    lines = [f'"""Made from {name}.toml by ``python -m errata.rules``: do not edit."""', ""]
    if name in EXPRESSION_FIELDS:
        lines += ["from errata.rules.expression import Expression", ""]
    lines.append("TABLE = {")
    for key, value in table.items():
        if isinstance(value, list):
            lines += [f"    {key!r}: [", *(f"        {item!r}," for item in value), "    ],"]
        else:
            lines.append(f"    {key!r}: {value!r},")
    return "\n".join([*lines, "}"]) + "\n"


def _convert(node: Any, fields: tuple[str, ...], fragments: dict[str, str], flags: str) -> Any:
    if isinstance(node, list):
        return [_convert(item, fields, fragments, flags) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _expression(value, fragments, flags)
        if key in fields and isinstance(value, str)
        else _convert(value, fields, fragments, flags)
        for key, value in node.items()
        if key not in _EXAMPLES
    }


def _expression(pattern: str, fragments: dict[str, str], flags: str) -> Expression:
    for name, fragment in fragments.items():
        pattern = pattern.replace(f"<{name}>", fragment)
    return expression(flags + pattern if pattern else pattern)


def _agent_addresses(table: dict[str, Any]) -> list[str]:
    """Addresses that alone identify an agent, both as an author and as a co-author."""
    return sorted(
        address
        for rule in table["agent"]
        if {"author", "co-author"} <= set(rule["on"])
        and "name" not in rule
        and not rule.get("reviewer")
        for address in exact_strings(rule["email"].pattern)
        if address
    )


def _events(table: dict[str, Any]) -> dict[str, str]:
    """Each tool's names of the events, normalised -> our name."""
    events: dict[str, str] = {}
    for tool in table["tools"].values():
        for ours, theirs in tool.get("events", {}).items():
            events |= {rules.plain(name): ours for name in (ours, *theirs)}
    return events


def _environment(table: dict[str, Any]) -> list[list[str]]:
    """[variable, its value or "" for any, tool, variable that must not be set or ""], in order."""
    signs = (
        (*sign.partition(" unless ")[::2], tool)
        for tool, form in table["tools"].items()
        for sign in form["environment"]
    )
    return [[*sign.partition("=")[::2], tool, unless] for sign, unless, tool in signs]
