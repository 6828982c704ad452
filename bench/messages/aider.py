"""Reads the chat history of Aider, ``.aider.chat.history.md``, as lines of a transcript.

The lines have the form of Claude Code's transcripts, so that everything else reads them as the
hook does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

MARK = b"# aider chat started at"
STARTED = "aider chat started"
"""Stands for the beginning of a session, before which no turn counts."""
_TYPED, _SAID_BY_AIDER = "#### ", "> "
_TALK = ("/ask ", "/code ", "/architect ", "/chat-mode ")
_BY_ITSELF = ("Fix any errors below", "I added these files to the chat", "# Fix any", "Fix lint")
_APPLIED = re.compile(r"> (?:Applied edit to|Did not apply edit to) (.+?)\s*$")
_RAN = re.compile(r"> Running ")
_STOPPED = ("> ^C", "> KeyboardInterrupt")
_CODE = re.compile(r"^(```+|~~~+)[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def lines(text: str) -> list[dict[str, Any]]:
    """The prompts and answers of a history, one line of a transcript for each."""
    result = []
    for kind, group in groupby(text.splitlines(), _kind):
        if kind == "start":
            result.append(_typed(STARTED))
        content = list(group)
        if kind == "prompt":
            result.extend(_prompt(content))
        elif kind == "tool":
            result.extend(_events(content))
        elif kind == "agent" and (said := _CODE.sub("", "\n".join(content)).strip()):
            result.append(_answer({"type": "text", "text": said}))
    return result


def _kind(line: str) -> str:
    if line.startswith(MARK.decode()):
        return "start"
    if line.startswith(_TYPED) or line.rstrip() == _TYPED.rstrip():
        return "prompt"
    return "tool" if line.startswith(_SAID_BY_AIDER) else "agent"


def _prompt(content: list[str]) -> Iterator[dict[str, Any]]:
    """What a person typed; commands such as ``/add`` say nothing to the agent."""
    text = "\n".join(line[len(_TYPED) :].rstrip() for line in content).strip()
    for command in _TALK:
        text = text.removeprefix(command).strip()
    if text and not text.startswith(("/", "!", *_BY_ITSELF)):
        yield _typed(text)


def _events(content: list[str]) -> Iterator[dict[str, Any]]:
    for line in content:
        if applied := _APPLIED.match(line):
            yield _answer(_call("Edit", {"file_path": applied[1]}))
        elif _RAN.match(line):
            yield _answer(_call("Bash", {}))
        elif line.startswith(_STOPPED):
            yield _typed("[Request interrupted by user]")


def _typed(text: str) -> dict[str, Any]:
    return {"type": "user", "message": {"content": text}}


def _answer(block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "assistant", "message": {"content": [block]}}


def _call(name: str, arguments: dict[str, str]) -> dict[str, Any]:
    return {"type": "tool_use", "name": name, "input": arguments}
