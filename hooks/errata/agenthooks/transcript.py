"""The transcript that a tool keeps of a session: reads the end of the agent's last turn.

The file belongs to the tool. It is only read: nothing of it is stored, written or sent. It may be
missing, huge, broken, of another format, or grow while we read. Then there is no turn, and the
prompt is judged by its own words.

Each format has a function that takes the decoded JSON of one line and returns its steps in order;
no steps if the line says nothing about the turn, or has another form.
"""

from __future__ import annotations

import json
import os
import time

from errata.core.safe_open import open_nofollow
from errata.messages.turn import Call, Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    Step = tuple[str, str, str]
    """What happened; of a prompt or what the agent said, the text, of a call the tool's name, of a
    rejection what the person typed; and the file of a call, or ""."""

LIMIT = 65_536
"""How many bytes at the end of the file are read."""
_BUDGET = 0.02
"""How long reading may take, in seconds."""
_MAX_TEXT = 4_000
"""How many characters of each text are kept, those at its end."""
_MAX_CALLS = 20
_MAX_OBJECTS = 400

_PROMPT, _TEXT, _CALL = "prompt", "text", "call"
_FAILED, _REJECTED, _INTERRUPTED = "failed", "rejected", "interrupted"
_FILE_FIELDS = ("file_path", "notebook_path", "absolute_path", "path", "filePath")
_INTERRUPTION = "[Request interrupted"
_REJECTION = ("The user doesn't want to proceed", "The user doesn't want to take this action")
_REASONS = ("the user said:", "reason for the rejection:")
_NOTE = "\n\nNote: The user's next message may contain"
_OF_THE_TOOL = "The user wants to clarify these questions"
_PATCHED = ("*** Update File: ", "*** Add File: ", "*** Delete File: ")
_CANCELLED = "[Operation Cancelled] Reason: User"


def last_turn(path: str, form: str, prompt: str) -> Turn | None:
    """The end of the agent's last turn before a prompt; None if the file does not tell.

    Args:
        path: the transcript; only an absolute path of a regular file, not of a link, is opened.
        form: its format, a key of :data:`FORMATS`.
        prompt: the prompt, which some tools append before they run their hooks.
    """
    end = time.monotonic() + _BUDGET
    if form not in FORMATS or not os.path.isabs(path):
        return None
    try:
        with open(path, "rb", buffering=0, opener=open_nofollow) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LIMIT))
            tail = file.read(LIMIT)
    except (OSError, ValueError):
        return None
    return parse(tail or b"", form, prompt, end)


def parse(tail: bytes, form: str, prompt: str, end: float | None = None) -> Turn | None:
    """The end of the last turn before a prompt, from the last bytes of a transcript.

    Args:
        end: when to stop, by the monotonic clock.
    """
    turn = _fold(_last_steps(tail, form, prompt, end))
    return None if turn == Turn() else turn


def _last_steps(tail: bytes, form: str, prompt: str, end: float | None) -> Iterator[Step]:
    """The steps after the previous prompt, the last one first."""
    begun = False
    for value in _lines(tail):
        for step in reversed(FORMATS[form](value)):
            if step[0] != _PROMPT:
                begun = True
                yield step
            elif begun or not _precedes(step[1], prompt):
                return
        if end is not None and time.monotonic() > end:
            return


def _precedes(text: str, prompt: str) -> bool:
    """Whether a last message is the prompt that is judged, or text that a tool added before it."""
    text, prompt = text.strip(), prompt.strip()
    return text.startswith("<") or (bool(prompt) and prompt in text)


def _lines(tail: bytes) -> Iterator[dict[str, object]]:
    """The JSON objects in the tail of a file, the last one first.

    A file is a list of lines; or one indented document, whose messages are objects in a list.
    """
    lines = tail.split(b"\n")
    chunks = _indented(lines) if tail.rstrip().endswith(b"\n}") else reversed(lines)
    for number, chunk in enumerate(chunks):
        if number >= _MAX_OBJECTS:
            return
        if not chunk.lstrip().startswith(b"{"):
            continue
        try:
            value = json.loads(chunk)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _indented(lines: list[bytes]) -> Iterator[bytes]:
    """The objects that begin and end on lines with four spaces before the brace."""
    last = None
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].rstrip()
        if line in (b"    }", b"    },"):
            last = at
        elif line == b"    {" and last is not None:
            yield b"\n".join(lines[at : last + 1]).rstrip().rstrip(b",")
            last = None


def _fold(steps: Iterable[Step]) -> Turn:
    """The turn of some steps, of which the last comes first."""
    last_text, spoke_last = "", False
    calls: list[Call] = []
    objections: list[str] = []
    kinds = set()
    for kind, text, file in steps:
        kinds.add(kind)
        if kind == _TEXT and not last_text:
            last_text, spoke_last = text.strip()[-_MAX_TEXT:], not calls
        elif kind == _CALL and len(calls) < _MAX_CALLS:
            calls.append(Call(text[:100], file[-_MAX_TEXT:]))
        elif kind == _REJECTED and text:
            objections.append(text[:_MAX_TEXT])
    return Turn(
        last_text,
        bool(last_text) and spoke_last,
        tuple(calls),
        _REJECTED in kinds,
        _INTERRUPTED in kinds,
        _FAILED in kinds,
        tuple(objections),
    )


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
        yield _step(_TEXT, _string(block.get("text")))
    elif block.get("type") == "tool_use":
        yield _step(_CALL, _string(block.get("name")), _file(block.get("input")))


def _claude_result(block: Mapping[str, Any]) -> Iterator[Step]:
    if not block.get("is_error"):
        return
    text = _text(block.get("content"))
    if text.startswith(_INTERRUPTION):
        yield _step(_INTERRUPTED)
    elif is_rejection(text):
        yield _step(_REJECTED, objection(text))
    else:
        yield _step(_FAILED)


def is_rejection(text: str) -> bool:
    """Whether the answer to a tool call says that a person rejected it."""
    return text.startswith(_REJECTION)


def objection(text: str) -> str:
    """What a person typed while rejecting a tool call, or ""."""
    for introduction in _REASONS:
        _, separator, words = text.partition(introduction)
        if separator:
            words = words.split(_NOTE, 1)[0].strip()
            return "" if words.startswith(_OF_THE_TOOL) else words
    return ""


def _typed(text: str) -> list[Step]:
    if text.lstrip().startswith(_INTERRUPTION):
        return [_step(_INTERRUPTED)]
    return [_step(_PROMPT, text)] if text.strip() else []


def codex(line: Mapping[str, Any]) -> list[Step]:
    """Steps of a line of Codex's rollout files."""
    item = line.get("payload")
    if not isinstance(item, dict):
        return []
    kind = _string(item.get("type"))
    if line.get("type") == "event_msg":
        return [_step(_INTERRUPTED)] if kind == "turn_aborted" else []
    if line.get("type") != "response_item":
        return []
    if kind == "message":
        return _codex_message(item)
    if kind in ("function_call", "custom_tool_call", "local_shell_call"):
        return [_step(_CALL, _string(item.get("name")) or kind, _patched(item.get("input")))]
    return _codex_result(item.get("output")) if kind.endswith("_call_output") else []


def _codex_message(item: Mapping[str, Any]) -> list[Step]:
    text = _text(item.get("content"))
    if item.get("role") == "assistant":
        return [_step(_TEXT, text)]
    is_prompt = item.get("role") == "user" and not text.startswith("<turn_aborted")
    return [_step(_PROMPT, text)] if is_prompt else []


def _patched(patch: Any) -> str:
    """The first file of a patch, or ""."""
    for line in _string(patch).splitlines():
        if line.startswith(_PATCHED):
            return line.partition(": ")[2]
    return ""


def _codex_result(output: Any) -> list[Step]:
    text = _text(output.get("content") if isinstance(output, dict) else output)
    if "rejected by user" in text[:200]:
        return [_step(_REJECTED)]
    return [_step(_INTERRUPTED)] if "aborted by user" in text[:200] else []


def gemini(line: Mapping[str, Any]) -> list[Step]:
    """Steps of a message of Gemini CLI's chats."""
    text = _text(line.get("content"))
    if line.get("type") == "user":
        return [_step(_PROMPT, text)] if text.strip() else []
    if line.get("type") == "info" and text.startswith("Request cancel"):
        return [_step(_INTERRUPTED)]
    if line.get("type") != "gemini":
        return []
    steps = [_step(_TEXT, text)] if text.strip() else []
    for call in _objects(line.get("toolCalls")):
        steps.append(_step(_CALL, _string(call.get("name")), _file(call.get("args"))))
        if call.get("status") == "cancelled" or _CANCELLED in str(call.get("result"))[:2000]:
            steps.append(_step(_REJECTED))
        elif call.get("status") == "error":
            steps.append(_step(_FAILED))
    return steps


FORMATS: dict[str, Callable[[Mapping[str, Any]], list[Step]]] = {
    "claude": claude,
    "codex": codex,
    "gemini": gemini,
}
"""The names that ``transcript_format`` in ``rules/agents.toml`` may have."""


def _step(kind: str, text: str = "", file: str = "") -> Step:
    return kind, text, file


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
