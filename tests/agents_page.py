"""``make agents-page`` writes docs/agents.md, what errata knows of each tool, from agents.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from errata.rules.agent_tools import all_tools, beginnings, with_hooks

PAGE = Path(__file__).parents[1] / "docs/agents.md"
_HEAD = """\
# Agents' tools

<!-- Written by `make agents-page` from hooks/errata/rules/agents.toml. -->

`errata init` sets up the tools that have files in the repository. `errata init --agent TOOL` adds
one, and `errata init --agent auto` all that the repository, its history or your machine shows.
Commits of every tool here, and of [more](../hooks/errata/rules/identities.toml), are recognised
without any hook.

| Tool | `--agent` | Hooks | Lessons | Prompts | Edits | Known from |
|---|---|---|---|---|---|---|
"""
_TAIL = """
- **Lessons**: when a session begins, or with its first prompt, the agent is given the runbooks.
  "sub-agents": a sub-agent is given those of its role.
- **Prompts**: corrections in words are found. **Edits**: what the agent writes is known before it
  is committed.
- **Known from**: "driven" means that the tool itself ran with these hooks, against a scripted
  model, and that what it sent and what reached the model was looked at
  ([step by step](driven-agents.md)). "documentation" means that its row follows its documentation.

`errata doctor` says which hooks Codex does not trust, and names a tool whose version was never
tried.

Notes:

- opencode and Amp load a plugin, which calls errata. In opencode, a commit that a person makes with
  `!` is the person's, and one by a sub-agent bears its role.
- Goose takes nothing from a hook.
- Copilot also runs the hooks of `.claude/settings.json`. There errata ignores them: it needs
  `--agent copilot`.
- Continue CLI reads hooks, but runs none yet.
"""


def text() -> str:
    """The page."""
    rows = [_row(tool, form) for tool, form in all_tools().items()]
    return f"{_HEAD}{''.join(rows)}{_TAIL}"


def _row(tool: str, form: dict[str, Any]) -> str:
    title, tried = form["program"]["title"], form["tried"]
    cells = [title, "-", "-", "-", "-", "-"]
    if tool in with_hooks():
        setup = form["setup"]
        events = form["events"].items()
        sent = {event for event, names in events if set(names) & set(setup["matchers"])}
        answer = form["answer"]
        sub = "SubagentStart" in answer or answer.get("PreToolUse") == "task"
        lessons = ("yes, sub-agents" if sub else "yes") if beginnings(tool) else "no"
        yes = ["yes" if event in sent else "no" for event in ("UserPromptSubmit", "PostToolUse")]
        cells = [title, f"`{tool}`", f"`{setup['hooks']}`", lessons, *yes]
    version = f" {tried['versions'][-1]}" if tried["versions"] else ""
    known = f"{tried['how']}{version}, {tried['date']}"
    return f"| {' | '.join([*cells, known])} |\n"


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
