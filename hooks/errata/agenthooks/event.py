"""An event that an agent's tool sends: which tool sent it, and the values of its fields."""

from __future__ import annotations

from errata.provenance import environment
from errata.rules import agent_tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Table = Mapping[str, Any]


class Event:
    """An event that an agent's tool sends.

    Attributes:
        answer_format: of the answer that the tool accepts; "" if it accepts none (``answer.py``).
        name: errata's name for it: SessionStart, SubagentStart, UserPromptSubmit, PreToolUse,
            PostToolUse, PostToolBatch or SessionEnd.
        tool: the tool that sent it, or "" if unknown.
        form: the tool's table in ``rules/agents.toml``.
        data: what the tool sent.
    """

    __slots__ = ("_env", "answer_format", "data", "form", "name", "tool")

    def __init__(
        self, name: str, data: Table, table: Table, tool: str, env: Mapping[str, str]
    ) -> None:
        tools = agent_tools.with_hooks(table)
        requested = tool if tool in tools else ""
        # A tool may run hooks that were installed for another tool, which sends other fields.
        self.tool: str = (
            _tool_by_payload(tools, data) or requested or _tool_by_context(tools, data, env)
        )
        self.form: Table = tools.get(self.tool) or tools[agent_tools.DEFAULT]
        self.name = name
        self.data = data
        self._env = env
        answering = tools[requested] if requested else self.form
        self.answer_format: str = answering["answer"].get(name, "")

    def text(self, field: str) -> str:
        """The first text at the places that the form gives for a field; "" if there is none."""
        texts = (value for value in self.values(field) if isinstance(value, str) and value)
        return clean(next(texts, ""))

    def values(self, field: str) -> Iterator[Any]:
        """The values at the places that the form gives for a field, except null."""
        for path in self.form[field]:
            value = _value_at(self.data, path)
            if value is not None:
                yield value

    def replacements(self) -> Iterator[tuple[str, str]]:
        """(old text, new text) of each edit of the event's file, as far as it tells."""
        for edits in self.values("edits"):
            if isinstance(edits, list):
                for edit in edits:
                    if isinstance(edit, dict):
                        yield _text(edit.get("old_string")), _text(edit.get("new_string"))
                return
        if (old := self.text("old")) or self.text("new"):
            yield old, self.text("new")

    def is_set(self, variables: Iterable[str]) -> bool:
        """Whether one of these variables of the environment holds anything."""
        return any(self._env.get(name) for name in variables)

    @property
    def agent(self) -> str:
        """The agent at work: ``ERRATA_AGENT``, the sub-agent's type, or the tool; "" if unknown."""
        if role := environment.agent_name(self._env.get("ERRATA_AGENT", "")):
            return role
        kind = self.text("agent_type").lower()
        return kind if environment.agent_name(kind) == kind and kind else self.tool

    @property
    def sent_name(self) -> str:
        """The tool's own name for the event."""
        sent = self.data.get("hook_event_name")
        return sent if isinstance(sent, str) and sent else str(self.form["events"][self.name][0])

    @property
    def session(self) -> str:
        """The session's id as trailers have it, or ""."""
        return environment.token(self.text("session"))


def canonical_name(name: str, data: Table, table: Table) -> str:
    """Errata's name for an event named on the command line or in the payload; "" if unknown."""
    from errata.rules import plain

    sent = data.get("hook_event_name")
    events: dict[str, str] = table["events"]
    return events.get(plain(name or (sent if isinstance(sent, str) else "")), "")


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def clean(text: str) -> str:
    """Text that can be encoded: a lone surrogate, which JSON may hold, becomes "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _value_at(value: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for key in path.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _tool_by_payload(tools: Table, data: Table) -> str:
    """The only tool that sends one of these fields, or this event; "" if there is none."""
    sent = data.get("hook_event_name")
    for tool, form in tools.items():
        signs = form["known_by"]
        if sent in signs["events"] or any(field in data for field in signs["fields"]):
            return str(tool)
    return ""


def _tool_by_context(tools: Table, data: Table, env: Mapping[str, str]) -> str:
    """The tool that the transcript's path or the environment suggests; "" if neither does."""
    transcript = data.get("transcript_path")
    if isinstance(transcript, str):
        transcript = transcript.replace("\\", "/")
        for tool, form in tools.items():
            if any(part in transcript for part in form["known_by"]["transcript"]):
                return str(tool)
    for tool, form in tools.items():
        if any(env.get(name) for name in form["known_by"]["environment"]):
            return str(tool)
    agent = environment.at_keyboard(env)
    return agent.tool if agent else ""
