"""A proposal as lines of ``errata.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from errata.core.config import Alias
from errata.records.alias_proposal import Proposal

_OPTIONAL = '= "suggested_fix"'
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
LINES = 10
"""The most lines that a proposal takes, comments not counted, unless it needs more."""


def text(proposal: Proposal, log: str = "", old: Alias | None = None) -> str:
    """The lines, with a final newline; "" if there is nothing to propose.

    Args:
        log: the path of the findings log, if it is to be configured too.
        old: the aliases that are configured already; the proposal overrides them.
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
        # Patterns do not depend on it.
        blocks = [[row for row in block if not row.endswith(_OPTIONAL)] for block in blocks]
    return "".join("\n".join(block) + "\n\n" for block in blocks)[:-1]


def _rows(table: Mapping[str, str]) -> list[str]:
    return [f"{key(theirs)} = {quoted(ours)}" for theirs, ours in table.items()]


def _count(blocks: list[list[str]]) -> int:
    return sum(not line.startswith("#") for block in blocks for line in block)


def _inline(
    where: str, values: Mapping[str, Mapping[str, str]], remarks: Mapping[str, str]
) -> list[str]:
    rows = [f"[{where}.values]"]
    for ours, words in values.items():
        if ours in remarks:
            rows.append(f"# {_visible(remarks[ours])}")
        rows.append(f"{key(ours)} = {{ {', '.join(_rows(words))} }}")
    return rows


def key(name: str) -> str:
    """A TOML key."""
    return name if _BARE_KEY.match(name) else quoted(name)


def quoted(value: str) -> str:
    """A basic TOML string; characters that a terminal does not show, or obeys, are escaped."""
    return "".join(_shown(char) for char in json.dumps(value, ensure_ascii=False))


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _visible(remark: str) -> str:
    return "".join(char if char.isprintable() else " " for char in remark)
