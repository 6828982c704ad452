"""A proposal as the lines of ``errata.toml`` that it stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from errata.core.config import Alias
from errata.records.alias_proposal import Proposal

_SPARE = '= "suggested_fix"'
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
LINES = 10
"""So many lines a proposal takes at most where that is possible, comments not counted."""


def text(proposal: Proposal, log: str = "", old: Alias | None = None) -> str:
    """The lines, with a final newline; "" if there is nothing to propose.

    Args:
        log: the path of the findings log, if it is to be configured too.
        old: the aliases that are configured already, kept where the proposal says nothing else.
    """
    alias = proposal.alias
    fields = {**(old.fields if old else {}), **alias.fields}
    values = {**(old.values if old else {}), **alias.values}
    blocks = [["[logs]", f"findings = {quoted(log)}"]] if log else []
    where = f"aliases.{proposal.kind}"
    if fields:
        blocks.append([f"[{where}.fields]", *_rows(fields)])
    for ours, words in values.items():
        remark = proposal.remarks.get(ours)
        head = [f"# {_visible(remark)}"] if remark else []
        blocks.append([*head, f"[{where}.values.{key(ours)}]", *_rows(words)])
    if _count(blocks) > LINES and values:
        blocks = [block for block in blocks if f"[{where}.values." not in "".join(block)]
        blocks.append(_inline(where, values, proposal.remarks))
    if _count(blocks) > LINES:
        # Nothing is promoted by it, and whoever wants it adds it.
        blocks = [[row for row in block if not row.endswith(_SPARE)] for block in blocks]
    return "".join("\n".join(block) + "\n\n" for block in blocks)[:-1]


def _rows(table: Mapping[str, str]) -> list[str]:
    return [f"{key(theirs)} = {quoted(ours)}" for theirs, ours in table.items()]


def _count(blocks: list[list[str]]) -> int:
    return sum(not line.startswith("#") for block in blocks for line in block)


def _inline(
    where: str, values: Mapping[str, Mapping[str, str]], remarks: Mapping[str, str]
) -> list[str]:
    out = [f"[{where}.values]"]
    for ours, words in values.items():
        if ours in remarks:
            out.append(f"# {_visible(remarks[ours])}")
        out.append(f"{key(ours)} = {{ {', '.join(_rows(words))} }}")
    return out


def key(name: str) -> str:
    """A key of TOML."""
    return name if _BARE.match(name) else quoted(name)


def quoted(value: str) -> str:
    """A basic string of TOML; what cannot be seen, or would move a terminal, is escaped."""
    return "".join(_shown(char) for char in json.dumps(value, ensure_ascii=False))


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _visible(remark: str) -> str:
    return "".join(char if char.isprintable() else " " for char in remark)
