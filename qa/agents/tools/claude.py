"""Claude Code."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from qa.agents.model import Reply
from qa.agents.place import Place
from qa.agents.terminal import Terminal
from qa.agents.tools.base import Tool

EVENTS = (
    *("SessionStart", "SessionEnd", "SubagentStart", "SubagentStop", "UserPromptSubmit"),
    *("UserPromptExpansion", "PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch"),
    *("PermissionRequest", "Notification", "PreCompact", "PostCompact", "Stop", "StopFailure"),
)
_MACHINE = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class Claude(Tool):
    """https://code.claude.com/docs/en/hooks, /settings and /cli-reference."""

    name, title = "claude-code", "Claude Code"
    package = "@anthropic-ai/claude-code"
    # The binary of the platform's package: the main package would copy it in a script of npm.
    program = (
        f"@anthropic-ai/claude-code-{platform.system().lower()}"
        f"-{_MACHINE.get(platform.machine().lower(), '')}/claude"
    )
    settings = ".claude/settings.json"
    own_settings = (
        '{\n    "permissions": {"allow": ["Bash(ls:*)"]},\n    "hooks": {\n        "Stop": [\n'
        '            {"hooks": [{"type": "command", "command": "true"}]}\n        ]\n    }\n}\n'
    )
    compact = "/compact"
    sessions_of_roles = True
    keeps_context = False

    def __init__(self, packages: Path, place: Place) -> None:
        super().__init__(packages, place)
        self._config = place.home / ".claude"

    def prepare(self) -> None:
        hook = {"type": "command", "command": self.place.record_command}
        hooks = {event: [{"hooks": [hook]}] for event in EVENTS}
        self._config.mkdir()
        (self._config / "settings.json").write_text(json.dumps({"hooks": hooks}))
        trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
        state = {
            **{"hasCompletedOnboarding": True, "theme": "dark"},
            "customApiKeyResponses": {"approved": ["scripted-key"], "rejected": []},
            "projects": {str(self.place.repo): trusted},
        }
        (self.place.home / ".claude.json").write_text(json.dumps(state))
        self.place.env |= {
            **{"ANTHROPIC_BASE_URL": self.place.model.url, "ANTHROPIC_API_KEY": "scripted-key"},
            **{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"},
            **{"IS_SANDBOX": "1", "CLAUDE_CODE_TMPDIR": str(self.place.home / "tmp")},
        }

    def role_files(self) -> dict[str, str]:
        text = "---\nname: api-dev\ndescription: Writes the API.\n---\nYou are api-dev.\n"
        return {".claude/agents/api-dev.md": text}

    def write(self, path: str, text: str) -> Reply:
        given = {"file_path": str(self.place.repo / path), "content": text}
        return Reply(tool="Write", arguments=given)

    def edit(self, path: str, old: str, new: str) -> Reply:
        place = str(self.place.repo / path)
        given = {"file_path": place, "old_string": old, "new_string": new}
        return Reply(tool="Edit", arguments=given)

    def shell(self, line: str) -> Reply:
        return Reply(tool="Bash", arguments={"command": line, "description": "run"})

    def delegate(self, role: str, task: str) -> Sequence[Reply]:
        given = {"description": "api", "prompt": task, "subagent_type": role}
        return [Reply(tool="Agent", arguments={**given, "run_in_background": False})]

    def ask(
        self, prompt: str, *, resume: bool = False, role: str = ""
    ) -> subprocess.CompletedProcess[str]:
        more = ["--continue"] if resume else []
        more += ["--agent", role] if role else []
        return self.place.run(self.path, "-p", "--dangerously-skip-permissions", *more, prompt)

    def open(self, *, allow: bool) -> Terminal:
        mode = ["--permission-mode", "acceptEdits" if allow else "default"]
        tools = ["--allowedTools", "Bash"] if allow else []
        terminal = Terminal([str(self.path), *mode, *tools], self.place.env, self.place.repo)
        terminal.wait_for("for shortcuts", "shift+tab")
        terminal.settle()
        return terminal

    def refuse(self, terminal: Terminal, words: str) -> None:
        terminal.wait_for("3. No")
        # The third answer takes words after a tab.
        terminal.press("down", "down", "tab")
        terminal.type(words)
