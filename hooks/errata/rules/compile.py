"""From the TOML that people edit to the modules that are read at run time."""

from __future__ import annotations

import re
from typing import Any

from errata import rules
from errata.rules.literals import literals

_EXAMPLES = ("match", "miss")
# Fields that hold regular expressions, and whether those ignore case.
_EXPRESSIONS: dict[str, tuple[tuple[str, ...], bool]] = {
    "identities": (("name", "email", "value", "line", "model", "session"), True),
    "evidence": (("words", "body"), False),
    "kinds": (("words", "unless", "gone", "come", "not_gone", "not_come", "path"), False),
}


def names() -> list[str]:
    """The tables there are."""
    return sorted(path.stem for path in rules.folder().glob("*.toml"))


def compiled(name: str) -> dict[str, Any]:
    """What is read at run time: no examples, and what saves work known beforehand."""
    table: dict[str, Any] = _bare(rules.source(name))
    if name in _EXPRESSIONS:
        fields, fold = _EXPRESSIONS[name]
        _prepare(table, fields, re.IGNORECASE if fold else 0)
    if name == "identities":
        table["sure"] = _sure(table)
    if name == "agents":
        table["events"] = _events(table)
        table["environment"] = _environment(table)
    return table


def text(name: str) -> str:
    """The module."""
    about = f'"""Made from {name}.toml by ``python -m errata.rules``: do not edit."""'
    lines = [about, "", "TABLE = {"]
    for key, value in compiled(name).items():
        if isinstance(value, list):
            lines += [f"    {key!r}: [", *(f"        {one!r}," for one in value), "    ],"]
        else:
            lines.append(f"    {key!r}: {value!r},")
    return "\n".join([*lines, "}"]) + "\n"


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key not in _EXAMPLES}
    return [_bare(one) for one in node] if isinstance(node, list) else node


def _prepare(node: Any, fields: tuple[str, ...], flags: int) -> None:
    """Put ``needs`` and ``only`` beside the expressions of each rule."""
    for rule in node if isinstance(node, list) else [node]:
        if isinstance(rule, dict):
            for value in list(rule.values()):
                if isinstance(value, dict | list):
                    _prepare(value, fields, flags)
            found = {key: literals(rule[key], flags) for key in fields if key in rule}
            needs = {key: one.needs for key, one in found.items() if one.needs}
            only = {key: one.only for key, one in found.items() if one.only is not None}
            rule |= {"needs": needs} if needs else {}
            rule |= {"only": only} if only and flags else {}


def _sure(table: dict[str, Any]) -> list[str]:
    """Addresses that alone make their owner an agent, as an author and as a co-author."""
    return sorted(
        address
        for rule in table["agent"]
        if {"author", "co-author"} <= set(rule["on"]) and "name" not in rule
        for address in rule.get("only", {}).get("email", ())
        if address
    )


def _events(table: dict[str, Any]) -> dict[str, str]:
    """Any tool's name of an event, plain -> ours."""
    events: dict[str, str] = {}
    for tool in table["tools"].values():
        for ours, theirs in tool.get("events", {}).items():
            events |= {rules.plain(name): ours for name in (ours, *theirs)}
    return events


def _environment(table: dict[str, Any]) -> list[list[str]]:
    """[variable, its value or "" for any, tool] in the order of the tables."""
    return [
        [*sign.partition("=")[::2], tool]
        for tool, form in table["tools"].items()
        for sign in form["environment"]
    ]
