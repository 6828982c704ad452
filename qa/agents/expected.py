"""What errata must do after each recorded event, told from the steps that the tools went through.

- ``context``: a lesson that the tool is given as text for the model;
- ``edits``: files of which errata keeps that the agent wrote them;
- ``corrections``: new ones that a person typed, with the file if the session wrote one;
- ``trailers``: of a commit, those that name an agent;
- ``captured``: the agents that a person's commit corrects.
"""

from __future__ import annotations

import json
from typing import Any

from qa.agents.place import LESSON, ROLE, ROLE_LESSON, Json
from qa.agents.steps import FORGOT, REFUSAL, TERMINAL, WRONG
from qa.agents.tools.base import Tool

ROLES_FILES = ("sub", "acting")
PROMPTS, RESULTS = ("UserPromptSubmit", "BeforeAgent"), ("PostToolUse", "AfterTool")


class Expected:
    """Follows the entries of one recording."""

    def __init__(self, tool: type[Tool]) -> None:
        self._tool = tool
        self._session = ""
        self._written: dict[str, str] = {}
        self._typed: set[tuple[str, str]] = set()
        self._given: set[str] = set()

    def after(self, entry: Json) -> Json:
        """What must be so after an entry."""
        if "event" not in entry:
            return self._commit(entry) if "commit" in entry else {}
        event = entry["event"]
        session = self._session = event.get("session_id", "")
        name = event["hook_event_name"]
        expected: Json = {}
        if name in RESULTS and (files := [*entry.get("files", ())]):
            self._written[session] = files[-1]
            expected["edits"] = files
        if lesson := self._context(event):
            expected["context"] = lesson
        if (words := _words(event)) and (session, words) not in self._typed:
            self._typed.add((session, words))
            expected["corrections"] = [{"verbatim": words, "file": self._written.get(session, "")}]
        return expected

    def _context(self, event: Json) -> str:
        name, session = event["hook_event_name"], event.get("session_id", "")
        if name == "SubagentStart" or _delegates(event):
            return ROLE_LESSON
        at = "SessionStart" if self._tool.context_at_start else "BeforeAgent"
        kept = event.get("source") == "resume" and self._tool.keeps_context
        begins = name == "SessionStart" and not kept
        if begins:
            self._given.discard(session)
        if name == at and session not in self._given and (begins or name == "BeforeAgent"):
            self._given.add(session)
            return ROLE_LESSON if "agent_type" in event else LESSON
        return ""

    def _commit(self, entry: Json) -> Json:
        subject = entry["commit"]
        if "person" in entry["step"] or subject.startswith("fix:"):
            if TERMINAL in entry["step"] and not self._tool.stamps:
                return {"trailers": {}, "captured": []}
            role = any(f"{name}.py" in subject for name in ROLES_FILES)
            return {"trailers": {}, "captured": [ROLE if role else self._tool.name]}
        if not self._tool.stamps:
            return {"trailers": {}, "captured": []}
        agent = ROLE if "sub-agent" in entry["step"] else self._tool.name
        return {"trailers": {"Agent": agent, "Agent-Session": self._session}, "captured": []}


def _delegates(event: Json) -> bool:
    """Whether a sub-agent of Gemini CLI gets its task, which is its only text."""
    return (event["hook_event_name"], event.get("tool_name")) == ("BeforeTool", "invoke_agent")


def _words(event: Json) -> str:
    """A correction that a person typed, in a prompt or with a refusal."""
    if event["hook_event_name"] in PROMPTS:
        text: Any = event.get("prompt", "")
        return text if text in (WRONG, FORGOT, REFUSAL) else ""
    refused = event["hook_event_name"] == "PostToolBatch" and REFUSAL in json.dumps(event)
    return REFUSAL if refused else ""
