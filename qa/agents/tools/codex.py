"""Codex, with a model that calls tools by a program ("code mode"), as most of its models do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import ClassVar

from qa.agents.model import Reply
from qa.agents.terminal import Terminal
from qa.agents.tools.base import Tool

EVENTS = (
    *("SessionStart", "SessionEnd", "SubagentStart", "SubagentStop", "UserPromptSubmit"),
    *("PreToolUse", "PostToolUse", "PermissionRequest", "PreCompact", "PostCompact"),
    *("Stop", "Interrupt"),
)
MODEL = "gpt-6.2-sol"
DIALOGS = ("Hooks need review", "Use existing model")
CONFIG = """\
model = "{model}"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_API_KEY"
[analytics]
enabled = false
[projects."{repo}"]
trust_level = "trusted"
"""


def _program(call: str, argument: object) -> Reply:
    text = f"text(await tools.{call}({json.dumps(argument)}));"
    return Reply(text, tool="exec", namespace="functions")


class Codex(Tool):
    """https://developers.openai.com/codex/hooks and /config."""

    name, title = "codex", "Codex"
    package, program = "@openai/codex", "@openai/codex/bin/codex.js"
    settings = ".codex/hooks.json"
    own_settings = '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}}\n'
    compact = "/compact"
    cannot: ClassVar = {
        "slash command": "a project cannot define commands for Codex; it gets the skills"
    }

    def prepare(self) -> None:
        hook = {"type": "command", "command": self.place.record_command}
        hooks = {event: [{"hooks": [hook]}] for event in EVENTS}
        home = self.place.home / ".codex"
        home.mkdir()
        (home / "hooks.json").write_text(json.dumps({"hooks": hooks}))
        url, repo = self.place.model.url, self.place.repo
        (home / "config.toml").write_text(CONFIG.format(model=MODEL, url=url, repo=repo))
        self.place.env |= {"SCRIPTED_API_KEY": "scripted-key"}

    def role_files(self) -> dict[str, str]:
        text = 'name = "api-dev"\ndescription = "Writes the API."\n'
        return {".codex/agents/api-dev.toml": f'{text}developer_instructions = "Be api-dev."\n'}

    def write(self, path: str, text: str) -> Reply:
        lines = "".join(f"+{line}\n" for line in text.splitlines())
        return self._patch(f"*** Add File: {path}\n{lines}")

    def edit(self, path: str, old: str, new: str) -> Reply:
        return self._patch(f"*** Update File: {path}\n@@\n-{old}\n+{new}\n")

    def _patch(self, change: str) -> Reply:
        return _program("apply_patch", f"*** Begin Patch\n{change}*** End Patch\n")

    def shell(self, line: str) -> Reply:
        return _program("exec_command", {"cmd": line})

    def delegate(self, role: str, task: str) -> Sequence[Reply]:
        given = {"task_name": "api", "message": task, "agent_type": role, "fork_turns": "none"}
        names = {"namespace": "collaboration"}
        return [
            Reply(tool="spawn_agent", arguments=given, **names),
            Reply(tool="wait_agent", arguments={"timeout_ms": 20000}, **names),
        ]

    def ask(
        self,
        prompt: str,
        *,
        resume: bool = False,
        role: str = "",  # noqa: ARG002
    ) -> subprocess.CompletedProcess[str]:
        flags = ("--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust")
        more = ("resume", "--last") if resume else ()
        return self.place.run("node", self.path, "exec", *flags, *more, prompt)

    def open(self, *, allow: bool) -> Terminal:
        # Without --no-daemon, a server stays behind.
        flags = ["--no-daemon", "--ask-for-approval", "on-request", "--sandbox", "read-only"]
        if allow:
            flags = ["--no-daemon", "--dangerously-bypass-approvals-and-sandbox"]
        terminal = Terminal(["node", str(self.path), *flags], self.place.env, self.place.repo)
        terminal.wait_for("Hooks need review", "Use existing model", "Ask Codex")
        # Dialogs may come one after the other; the second answer of each is the one that goes on.
        while any(title in terminal.settle(limit=8) for title in DIALOGS):
            terminal.press("down", "enter")
        return terminal

    def refuse(self, terminal: Terminal, words: str) -> None:
        terminal.wait_for("tell Codex what to do differently")
        terminal.press("escape")
        terminal.settle()
        terminal.type(words)
