"""The tools of coding agents, as ``rules/agents.toml`` describes them."""

from __future__ import annotations

from errata import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Table = Mapping[str, Any]

DEFAULT = "claude-code"
"""The tool to assume when nothing says which one it is; others have copied its event format."""
AUTO = "auto"
"""The name for the tools that the repository, its history or the machine shows."""


def with_hooks(table: Table | None = None) -> dict[str, Any]:
    """Name -> table of each tool whose events errata handles and whose files it can set up."""
    tools = (rules.load("agents") if table is None else table)["tools"]
    return {name: tool for name, tool in tools.items() if "events" in tool}


def with_setup() -> dict[str, Any]:
    """Name -> its ``setup`` table, of each tool that ``errata init`` can set up."""
    return {name: tool["setup"] for name, tool in with_hooks().items()}


def is_run_by_another(tool: str, env: Mapping[str, str], table: Table) -> bool:
    """Whether a hook that was set up for ``tool`` is run by a tool that has hooks of its own."""
    return any(
        name != tool and env.get(form["setup"].get("runs_others", ""))
        for name, form in with_hooks(table).items()
    )


def all_tools() -> dict[str, Any]:
    """Name -> table of each tool, those without hooks too."""
    tools: dict[str, Any] = rules.load("agents")["tools"]
    return tools


def beginnings(tool: str) -> set[str]:
    """The tool's names of the events whose answer gives its agent the lessons."""
    form = with_hooks()[tool]
    events = [event for event in ("SessionStart", "SubagentStart") if event in form["answer"]]
    if "SessionStart" not in events and form["answer"].get("UserPromptSubmit") == "specific":
        events.append("UserPromptSubmit")
    return {name for event in events for name in form["events"][event]}
