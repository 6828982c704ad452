"""The forms of the tools' events, from ``rules/agents.toml``.

``python -m errata.agenthooks.table`` writes them as JSON, which is what an event reads.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RULES = f"{os.path.dirname(os.path.dirname(__file__))}/rules"


def load() -> dict[str, Any]:
    """The table: ``tools`` by name, ``prompt``, and ``events``: any name, plain -> ours."""
    with open(f"{_RULES}/agents.json", "rb") as file:
        table: dict[str, Any] = json.load(file)
    return table


def plain(name: str) -> str:
    """An event's name whatever the convention: ``session-start``, ``sessionStart``."""
    return "".join(c for c in name if c.isalnum()).lower()


def compiled() -> dict[str, Any]:
    """What the JSON has to hold."""
    from errata import rules

    table = rules.load("agents")
    events: dict[str, str] = {}
    for tool in table["tools"].values():
        for ours, theirs in tool["events"].items():
            events |= {plain(name): ours for name in (ours, *theirs)}
    return {**table, "events": events}


def text() -> str:
    """The JSON file."""
    return json.dumps(compiled(), separators=(",", ":")) + "\n"


if __name__ == "__main__":
    with open(f"{_RULES}/agents.json", "w", encoding="utf-8") as out:
        out.write(text())
