"""The answer to an event: text that the tool adds to its agent's context.

``[tools.TOOL.answer]`` in ``rules/agents.toml`` lists the events that a tool accepts an answer to,
and the format of each: Claude Code, Codex and Gemini use "specific", Cursor uses "plain".
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
    """Write the answer to standard output; False if it could not be written."""
    answer: dict[str, Any] = {"additional_context": text}
    if event.answer_format == "specific":
        answer = {
            "hookSpecificOutput": {"hookEventName": event.sent_name, "additionalContext": text}
        }
    return _write(json.dumps(answer).encode() + b"\n")


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
