"""A proposal as lines of ``errata.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from errata.core.config import Alias
from errata.records.alias_proposal import Proposal

if TYPE_CHECKING:
    from tomlkit.items import Table

_OPTIONAL = "suggested_fix"
LINES = 10
"""The most lines that a proposal takes, comments not counted, unless it needs more."""


def text(proposal: Proposal, log: str = "", old: Alias | None = None) -> str:
    """The lines, with a final newline; "" if there is nothing to propose.

    Args:
        log: the path of the findings log, if it is to be configured too.
        old: the aliases that are configured already; the proposal overrides them.
    """
    import tomlkit

    fields = {**(old.fields if old else {}), **proposal.alias.fields}
    values = {**(old.values if old else {}), **proposal.alias.values}
    remarks = proposal.remarks

    def dump(fields: Mapping[str, str]) -> str:
        document = tomlkit.document()
        if log:
            document["logs"] = {"findings": log}
        aliases = tomlkit.table(is_super_table=True)
        for name, table in (("fields", fields), ("values", _values_table(values, remarks))):
            if table:
                aliases[name] = table
        if aliases:
            document["aliases"] = tomlkit.table(is_super_table=True).add(proposal.kind, aliases)
        return _escape_invisible(tomlkit.dumps(document))

    toml = dump(fields)
    if sum(bool(line) and not line.startswith("#") for line in toml.splitlines()) > LINES:
        # Patterns do not depend on the optional field.
        toml = dump({theirs: ours for theirs, ours in fields.items() if ours != _OPTIONAL})
    return toml


def _values_table(values: Mapping[str, Mapping[str, str]], remarks: Mapping[str, str]) -> Table:
    """One line for each of our fields, below its remark."""
    import tomlkit

    table = tomlkit.table()
    for ours, words in values.items():
        if ours in remarks:
            line = "".join(char if char.isprintable() else " " for char in remarks[ours])
            table.add(tomlkit.comment(line))
        table.add(ours, tomlkit.inline_table())
        table[ours].update(words)
    return table


def quoted(value: str) -> str:
    """A basic TOML string; characters that a terminal does not show, or obeys, are escaped."""
    import tomlkit

    return _escape_invisible(tomlkit.string(value).as_string())


def _escape_invisible(toml: str) -> str:
    """Escape what tomlkit leaves in strings, such as U+202E, which reverses the text after it."""
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in toml)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
