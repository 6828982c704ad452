"""Steps of a session, from the lines of a transcript: one function per format.

A function takes the decoded JSON of one line and returns its steps in order; no steps if the line
says nothing about the turn, or has another form.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any


class Kind(Enum):
    """What happened in a step."""

    PROMPT = auto()
    SAID = auto()
    CALL = auto()
    FAILED = auto()
    REJECTED = auto()
    INTERRUPTED = auto()


class Step(NamedTuple):
    """One step.

    Attributes:
        text: of a prompt or of what the agent said; the tool's name of a call; of a rejection, what
            the person typed.
        file: the file of a call, or "".
    """

    kind: Kind
    text: str = ""
    file: str = ""


_FILE_FIELDS = ("file_path", "notebook_path", "absolute_path", "path", "filePath")
_INTERRUPTED = "[Request interrupted"
_REJECTED = ("The user doesn't want to proceed", "The user doesn't want to take this action")
_REASON = re.compile(r"(?:the user said|reason for the rejection):\s*(.+)", re.DOTALL)
_NOTE = "\n\nNote: The user's next message may contain"
_PATCHED_FILE = re.compile(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", re.MULTILINE)
_CANCELLED = "[Operation Cancelled] Reason: User"


def claude(line: Mapping[str, Any]) -> list[Step]:
    """Steps of a line of Claude Code's transcripts."""
    message = line.get("message")
    if not isinstance(message, dict) or _is_side(line):
        return []
    content = message.get("content")
    if line.get("type") == "assistant":
        return [step for block in _objects(content) for step in _claude_agent(block)]
    if line.get("type") != "user":
        return []
    results = [block for block in _objects(content) if block.get("type") == "tool_result"]
    if results:
        return [step for block in results for step in _claude_result(block)]
    return _typed(_text(content))


def _is_side(line: Mapping[str, Any]) -> bool:
    """Whether a line belongs to a sub-agent, or the tool wrote it for the model."""
    return any(line.get(name) for name in ("isSidechain", "isMeta", "isCompactSummary"))


def _claude_agent(block: Mapping[str, Any]) -> Iterator[Step]:
    if block.get("type") == "text":
        yield Step(Kind.SAID, _string(block.get("text")))
    elif block.get("type") == "tool_use":
        yield Step(Kind.CALL, _string(block.get("name")), _file(block.get("input")))


def _claude_result(block: Mapping[str, Any]) -> Iterator[Step]:
    if not block.get("is_error"):
        return
    text = _text(block.get("content"))
    if text.startswith(_INTERRUPTED):
        yield Step(Kind.INTERRUPTED)
    elif text.startswith(_REJECTED):
        reason = _REASON.search(text)
        words = reason[1].split(_NOTE, 1)[0].strip() if reason else ""
        yield Step(Kind.REJECTED, words)
    else:
        yield Step(Kind.FAILED)


def _typed(text: str) -> list[Step]:
    if text.lstrip().startswith(_INTERRUPTED):
        return [Step(Kind.INTERRUPTED)]
    return [Step(Kind.PROMPT, text)] if text.strip() else []


def codex(line: Mapping[str, Any]) -> list[Step]:
    """Steps of a line of Codex's rollout files."""
    item = line.get("payload")
    if not isinstance(item, dict):
        return []
    if line.get("type") == "event_msg":
        return [Step(Kind.INTERRUPTED)] if item.get("type") == "turn_aborted" else []
    if line.get("type") != "response_item":
        return []
    kind = _string(item.get("type"))
    if kind == "message":
        text = _text(item.get("content"))
        if item.get("role") == "assistant":
            return [Step(Kind.SAID, text)]
        if item.get("role") != "user" or text.startswith("<turn_aborted"):
            return []
        return [Step(Kind.PROMPT, text)]
    if kind in ("function_call", "custom_tool_call", "local_shell_call"):
        patched = _PATCHED_FILE.search(_string(item.get("input")))
        return [Step(Kind.CALL, _string(item.get("name")) or kind, patched[1] if patched else "")]
    if kind in ("function_call_output", "custom_tool_call_output"):
        return _codex_result(item.get("output"))
    return []


def _codex_result(output: Any) -> list[Step]:
    text = _text(output.get("content") if isinstance(output, dict) else output)
    if "rejected by user" in text[:200]:
        return [Step(Kind.REJECTED)]
    return [Step(Kind.INTERRUPTED)] if "aborted by user" in text[:200] else []


def gemini(line: Mapping[str, Any]) -> list[Step]:
    """Steps of a message of Gemini CLI's chats."""
    text = _text(line.get("content"))
    if line.get("type") == "user":
        return [Step(Kind.PROMPT, text)] if text.strip() else []
    if line.get("type") != "gemini":
        return []
    steps = [Step(Kind.SAID, text)] if text.strip() else []
    for call in _objects(line.get("toolCalls")):
        steps.append(Step(Kind.CALL, _string(call.get("name")), _file(call.get("args"))))
        if call.get("status") == "cancelled" or _CANCELLED in str(call.get("result"))[:2000]:
            steps.append(Step(Kind.REJECTED))
        elif call.get("status") == "error":
            steps.append(Step(Kind.FAILED))
    return steps


FORMATS: dict[str, Callable[[Mapping[str, Any]], list[Step]]] = {
    "claude": claude,
    "codex": codex,
    "gemini": gemini,
}
"""The names that ``transcript_format`` in ``rules/agents.toml`` may have."""


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(content: Any) -> str:
    """The text of a message: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    return "\n".join(_string(part.get("text")) for part in _objects(content) if part.get("text"))


def _file(arguments: Any) -> str:
    if not isinstance(arguments, dict):
        return ""
    files = (_string(arguments.get(name)) for name in _FILE_FIELDS)
    return next(filter(None, files), "")
