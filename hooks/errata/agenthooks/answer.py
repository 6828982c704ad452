"""The answer to an event: text that the tool adds to its agent's context.

``[tools.TOOL.answer]`` in ``rules/agents.toml`` lists the events that a tool accepts an answer to,
and the format of each. "task" puts the text below the task of a sub-agent that is about to start.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from errata.agenthooks.event import Event


def send(event: Event, text: str) -> bool:
    """Write the answer to standard output; False if that is not possible."""
    answer = _answer(event, text)
    return answer is not None and _write(json.dumps(answer).encode() + b"\n")


def _answer(event: Event, text: str) -> dict[str, Any] | None:
    if event.answer_format == "plain":
        return {"additional_context": text}
    if event.answer_format == "camel":
        return {"additionalContext": text}
    if event.answer_format == "cline":
        return {"cancel": False, "contextModification": text}
    members: dict[str, Any] = {"hookEventName": event.sent_name, "additionalContext": text}
    if event.answer_format == "task":
        given = event.data.get("tool_input")
        task = given.get("prompt") if isinstance(given, dict) else None
        if given is None or not isinstance(task, str):
            return None
        # Gemini CLI takes this instead of the whole input, whatever its documents say.
        del members["additionalContext"]
        members["tool_input"] = {**given, "prompt": f"{task}\n\n{text}"}
    return {"hookSpecificOutput": members}


def _write(line: bytes) -> bool:
    if sys.stdout is None:
        # The caller closed it, so descriptor 1 may belong to another file.
        return False
    try:
        while line:
            line = line[os.write(1, line) :]
    except OSError:
        return False
    return True
