"""Gemini CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import ClassVar

from qa.agents.model import Reply
from qa.agents.terminal import Terminal
from qa.agents.tools.base import Tool

EVENTS = (
    *("SessionStart", "SessionEnd", "BeforeAgent", "AfterAgent", "BeforeTool", "AfterTool"),
    *("Notification", "PreCompress"),
)
FLAGS = ("-m", "gemini-2.5-flash")


class Gemini(Tool):
    """https://geminicli.com/docs/hooks/reference and /docs/cli."""

    name, title = "gemini", "Gemini CLI"
    package, program = "@google/gemini-cli", ".bin/gemini"
    settings, own_settings = ".gemini/settings.json", '{\n  "ui": { "hideTips": true }\n}\n'
    compact = "/compress"
    stamps, context_at_start = False, False
    remarks: ClassVar = {
        "commit by agent": "its shell turns git's hooks off, so its commits have no trailers;"
        " errata notes them after the call",
        "commit by person": "git's hooks are off for `!git commit` too; `errata backfill` finds"
        " the fix",
    }

    def prepare(self) -> None:
        hook = {"type": "command", "command": self.place.record_command, "name": "recorder"}
        settings = {
            "security": {"auth": {"selectedType": "gemini-api-key"}},
            "privacy": {"usageStatisticsEnabled": False},
            "general": {"enableAutoUpdate": False},
            "hooks": {event: [{"hooks": [hook]}] for event in EVENTS},
        }
        home = self.place.home / ".gemini"
        (home / "agents").mkdir(parents=True)
        (home / "settings.json").write_text(json.dumps(settings))
        # A role of a project must be confirmed at a terminal first; one of the user need not be.
        text = "---\nname: api-dev\ndescription: Writes the API.\n---\nYou are api-dev.\n"
        (home / "agents/api-dev.md").write_text(text)
        self.place.env |= {
            **{"GEMINI_API_KEY": "scripted-key", "GOOGLE_GEMINI_BASE_URL": self.place.model.url},
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
        }

    def role_files(self) -> dict[str, str]:
        return {}

    def write(self, path: str, text: str) -> Reply:
        given = {"file_path": str(self.place.repo / path), "content": text}
        return Reply(tool="write_file", arguments=given)

    def edit(self, path: str, old: str, new: str) -> Reply:
        given = {"old_string": old, "new_string": new, "instruction": "Replace it."}
        place = {"file_path": str(self.place.repo / path)}
        return Reply(tool="replace", arguments=place | given)

    def shell(self, line: str) -> Reply:
        given = {"command": line, "description": "run"}
        return Reply(tool="run_shell_command", arguments=given)

    def delegate(self, role: str, task: str) -> Sequence[Reply]:
        return [Reply(tool="invoke_agent", arguments={"agent_name": role, "prompt": task})]

    def finish(self) -> Sequence[Reply]:
        return [Reply(tool="complete_task", arguments={"result": "Sub-agent done."})]

    def ask(
        self,
        prompt: str,
        *,
        resume: bool = False,
        role: str = "",  # noqa: ARG002
    ) -> subprocess.CompletedProcess[str]:
        more = ("--resume", "latest") if resume else ()
        command = (self.path, *FLAGS, "--approval-mode", "yolo")
        return self.place.run(*command, *more, "-p", prompt)

    def open(self, *, allow: bool) -> Terminal:
        mode = ["--approval-mode", "yolo" if allow else "default"]
        command = [str(self.path), *FLAGS, *mode]
        terminal = Terminal(command, self.place.env, self.place.repo)
        terminal.wait_for("Type your message", seconds=40)
        terminal.settle(2.5)
        return terminal

    def refuse(self, terminal: Terminal, words: str) -> None:
        terminal.wait_for("No, suggest changes")
        terminal.press("escape")
        terminal.settle()
        terminal.type(words)

    def by_hand(self, terminal: Terminal, line: str) -> None:
        terminal.type("!", enter=False)  # Switches to the shell's mode.
        terminal.type(line)
        terminal.settle()
        terminal.press("escape")
