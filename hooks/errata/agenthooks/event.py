"""One event of an agent's tool: whose it is, and what its fields hold."""

from __future__ import annotations

import json
import os

from errata.provenance import environment
from errata.rules import agent_tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Table = Mapping[str, Any]


class Event:
    """An event under our name for it.

    Attributes:
        name: SessionStart, SubagentStart, UserPromptSubmit, PostToolUse or SessionEnd.
        tool: whose it is, or "".
        form: the tool's table.
        data: what the tool sent.
    """

    __slots__ = ("_answer", "_env", "data", "form", "name", "tool")

    def __init__(
        self, name: str, data: Table, table: Table, asked: str, env: Mapping[str, str]
    ) -> None:
        tools = agent_tools.with_hooks(table)
        known = asked if asked in tools else ""
        # A tool may run the hooks that were set up for another one, in that one's form.
        self.tool: str = _sure(tools, data) or known or _likely(tools, data, env)
        self.form: Table = tools.get(self.tool) or tools[agent_tools.DEFAULT]
        self.name = name
        self.data = data
        self._env = env
        self._answer = (tools[known] if known else self.form)["answer"].get(name, "")

    def text(self, field: str) -> str:
        """The first text that stands where the form says; "" if there is none."""
        found = (value for value in self.values(field) if isinstance(value, str) and value)
        return clean(next(found, ""))

    def values(self, field: str) -> Iterator[Any]:
        """Everything but null that stands where the form says."""
        for place in self.form[field]:
            value = _at(self.data, place)
            if value is not None:
                yield value

    @property
    def agent(self) -> str:
        """The agent at work: ``ERRATA_AGENT``, the sub-agent's type, or the tool; "" if unknown."""
        if role := environment.agent_name(self._env.get("ERRATA_AGENT", "")):
            return role
        kind = self.text("agent_type").lower()
        return kind if environment.agent_name(kind) == kind and kind else self.tool

    @property
    def session(self) -> str:
        """The session's id as it stands in trailers, or ""."""
        return environment.token(self.text("session"))

    @property
    def answerable(self) -> bool:
        """Whether the tool takes text for its agent here."""
        return bool(self._answer)

    def answer(self, text: str) -> bool:
        """Give the agent something to read; whether the tool has taken it."""
        said: dict[str, Any] = {"additional_context": text}
        if self._answer == "specific":
            said = {"hookSpecificOutput": {"hookEventName": self.name, "additionalContext": text}}
        return _write(json.dumps(said).encode() + b"\n")


def our_name(name: str, data: Table, table: Table) -> str:
    """Our name for an event, from the command line or else from what was sent; "" if unknown."""
    from errata.rules import plain

    sent = data.get("hook_event_name")
    events: dict[str, str] = table["events"]
    return events.get(plain(name or (sent if isinstance(sent, str) else "")), "")


def clean(text: str) -> str:
    """Text that can be encoded: half a character, as JSON may hold, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _at(value: Any, place: str) -> Any:
    """What stands at a dotted place, or None."""
    for key in place.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _sure(tools: Table, data: Table) -> str:
    """The tool that alone sends such a field or such an event."""
    sent = data.get("hook_event_name")
    for tool, form in tools.items():
        signs = form["known_by"]
        if sent in signs["events"] or any(field in data for field in signs["fields"]):
            return str(tool)
    return ""


def _likely(tools: Table, data: Table, env: Mapping[str, str]) -> str:
    transcript = data.get("transcript_path")
    if isinstance(transcript, str):
        transcript = transcript.replace("\\", "/")
        for tool, form in tools.items():
            if any(part in transcript for part in form["known_by"]["transcript"]):
                return str(tool)
    for tool, form in tools.items():
        if any(env.get(name) for name in form["known_by"]["environment"]):
            return str(tool)
    at_work = environment.at_keyboard(env)
    return at_work.tool if at_work else ""


def _write(line: bytes) -> bool:
    import sys

    if sys.stdout is None:
        # Closed by the caller: the descriptor may be another file's by now.
        return False
    try:
        while line:
            line = line[os.write(1, line) :]
    except OSError:
        return False
    return True
