"""Events of agents' tools, and messages from people to agents."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from qa.fuzz import mutation
from qa.fuzz.target import Target, chosen

from errata import messages, rules
from errata.agenthooks import (
    answer,
    dispatch,
    find_repository,
    post_tool_use,
    reverse_edit,
    transcript,
    user_prompt,
)
from errata.agenthooks import event as events
from errata.core import git
from errata.core.config import Explicit
from errata.messages.redact import MARK, redact
from errata.messages.to_record import verbatim
from errata.state import outbox

_NOW = 1_740_787_200_000_000
_FORMS = rules.load("agents")
_TOOLS = ("", *_FORMS["tools"])
_NAMES = ("SessionStart", "SubagentStart", "UserPromptSubmit", "PostToolUse", "SessionEnd", "", "x")
_PATCH = """*** Begin Patch
*** Update File: a.py
@@ def f
 x
-y
+z
*** Move to: b.py
*** Add File: c.py
+new
*** Delete File: d.py
*** End Patch
"""
_WORDS = (
    *(b"*** Update File: ", b"*** Add File: ", b"*** Move to: ", b"*** End Patch\n", b"@@\n"),
    *(b"*** End of File\n", b"*** Begin Patch\n", b"\0", b"\r\n", b"\n-", b"\n+", b"\n ", b"***"),
)
_SAYINGS = (
    "no, that's wrong. use the helper instead, I told you not to touch `main.py`",
    "Perfect! Now let's add tests\n\n```\nE   AssertionError\n```\n> quoted",
    "<system-reminder>be good</system-reminder> why did you remove the retries?",
    "password: hunter2 and AKIAIOSFODNN7EXAMPLE, ghp_0123456789abcdefghij0123456789abcdef",
    "The API is broken: https://u:pw@x.test/a?token=abcdef and -----BEGIN PRIVATE KEY-----\nA",
    "das ist falsch und nicht was ich will",
)
_TEXT_WORDS = (
    *(b"<system-reminder>", b"</system-reminder>", b"<command-name>", b"```", b"~~~", b'"', b"'"),
    *(b"no ", b"not ", b"wrong", b"you ", b"why", b"instead", b"revert", b". ", b"?!", b"/clear "),
    *(
        b"password ",
        b"token=",
        b"secret: ",
        b"Bearer ",
        b"://",
        b"@",
        b"-----BEGIN PRIVATE KEY-----",
    ),
    *(b"-----END", b"sk-", b"ghp_", b"AKIA", b"eyJ", b"mysql -p", b"a1B2c3D4e5F6g7H8i9J0k1", b"\n"),
)


def _event(data: bytes) -> None:
    """Parse an event: its name, its agent, and all fields that are read."""
    (name, tool), raw = chosen(data, _NAMES, _TOOLS)
    data_sent, fault = dispatch.decode(raw)
    assert isinstance(data_sent, dict)
    assert "\n" not in fault
    assert events.canonical_name(str(name), data_sent, _FORMS) in (*_NAMES, "")
    event = events.Event("PostToolUse", data_sent, _FORMS, str(tool), {})
    for field in ("session", "prompt", "cwd", "tool_name", "file", "old", "new", "agent_type"):
        event.text(field).encode()
    assert event.agent is not None
    assert event.session.isascii()
    for path, edits, _ in post_tool_use.edited_files(event):
        path.encode()
        assert edits is None or all(len(pair) == 2 for pair in edits)
    if user_prompt.is_typed(event, _FORMS["prompt"]):
        user_prompt.remove_tool_text(event.text("prompt"), _FORMS["prompt"])


@cache
def _repository() -> Path:
    """A scratch repository."""
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="errata-fuzz-", dir=shared)).resolve()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "a.py").write_text("x = 1\n")
    (root / "errata.toml").write_text("[evolve]\nmin_occurrences = 2\n")
    (root / "sub").mkdir()
    return root


@contextlib.contextmanager
def _without_slow_parts() -> Iterator[None]:
    """Without git processes, locks and output, none of which parse the event."""
    with (
        mock.patch.object(git, "spawn_stream", lambda *_args, **_options: iter([b"a.py"])),
        mock.patch.object(outbox, "add", lambda *_args, **_options: []),
        mock.patch.object(answer, "send", lambda _event, text: bool(json.dumps(text))),
    ):
        yield


def _hook(data: bytes) -> None:
    """Handle an event completely, but without git and locks."""
    (name, tool), raw = chosen(data, _NAMES, _TOOLS)
    root = _repository()
    data_sent, fault = dispatch.decode(raw.replace(b"@ROOT@", os.fsencode(root)))
    event_name = events.canonical_name(str(name), data_sent, _FORMS)
    if fault or not event_name:
        return
    event = events.Event(event_name, data_sent, _FORMS, str(tool), {})
    dispatch.start_folder(event)
    repo = find_repository.find(str(root))
    assert repo is not None
    with _without_slow_parts():
        dispatch.handle(event, repo, _FORMS, _NOW)


def _patch(data: bytes) -> None:
    """A patch of an agent and the file after it: reversed where the result is certain."""
    text, _, after = data.partition(b"\0")
    for path, edits in reverse_edit.parse_patch(text.decode("utf-8", "replace")):
        assert path
        if edits is None:
            continue
        before = reverse_edit.before_patch(after, edits)
        if before == after:
            continue
        for old, new in edits:
            reverse_edit.before(after, [(old, new)])
    reverse_edit.as_on_disk(text.decode("utf-8", "replace"), after)


def _prompt(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    forms = _FORMS["prompt"]
    own = user_prompt.remove_tool_text(text, forms)
    assert len(own) <= len(text)


def _words(data: bytes) -> None:
    """Classify a message, and record it if it is a correction."""
    text = data.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    judged = messages.judge(text)
    assert 0 <= judged.score <= 1
    if judged.correction:
        made = messages.record(
            judged, text, agent="api-dev", tool="codex", session="s", action={}, now=_NOW,
            settings=Explicit(),
        )  # fmt: skip
        json.dumps(made).encode()


def _transcript(data: bytes) -> None:
    """The end of a turn, bounded, and a prompt judged after it."""
    (form,), tail = chosen(data, tuple(transcript.FORMATS))
    turn = transcript.parse(tail, str(form), _SAYINGS[0])
    if turn is None:
        return
    assert max(map(len, (turn.text, *turn.objections))) <= 4_000
    assert len(turn.calls) <= 20
    assert 0 <= messages.judge(_SAYINGS[0], turn).score <= 1


def _redact(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    at = 0
    for part in redact(text).split(MARK):
        # Other text is unchanged. A second pass may find more, because a mask is a word too.
        at = text.index(part, at) + len(part)
    excerpt = verbatim(text, 120)
    assert len(excerpt) <= 120
    assert "\n" not in excerpt


def _events() -> Iterable[bytes]:
    session = {"session_id": "s-1", "cwd": "@ROOT@", "transcript_path": "/home/a/.claude/x.jsonl"}
    edit = {"file_path": "@ROOT@/a.py", "old_string": "y = 1", "new_string": "x = 1"}
    several = {"file_path": "a.py", "edits": [{"old_string": "a", "new_string": "x"}]}
    for at in range(len(_TOOLS)):
        for sent in (
            {"hook_event_name": "PostToolUse", "tool_name": "Edit", "tool_input": edit},
            {
                "hook_event_name": "afterFileEdit",
                "file_path": "@ROOT@/a.py",
                "edits": several["edits"],
            },
            {"tool_name": "apply_patch", "tool_input": {"command": _PATCH}},
            {
                "tool_name": "MultiEdit",
                "tool_input": several,
                "tool_response": {"originalFile": "x"},
            },
        ):
            yield bytes([3, at]) + json.dumps({**session, **sent}).encode()
        yield bytes([2, at]) + json.dumps({**session, "prompt": _SAYINGS[at % 6]}).encode()
        yield bytes([0, at]) + json.dumps({**session, "source": "startup"}).encode()
        yield bytes([1, at]) + json.dumps({**session, "agent_type": "api-dev"}).encode()
        yield bytes([4, at]) + json.dumps({**session, "reason": "clear"}).encode()


def _transcripts() -> Iterable[bytes]:
    call = {"type": "tool_use", "name": "Edit", "input": {"file_path": "/r/a.py"}}
    denied = "The user doesn't want to proceed with this tool use. The user said:\nnot that file"
    result = {"type": "tool_result", "is_error": True, "content": denied}
    said = {"type": "text", "text": "I've fixed it. Shall I commit?"}
    claude = [{"type": "assistant", "message": {"content": [said, call]}}]
    claude += [{"type": "user", "message": {"content": [result]}}]
    codex = [{"type": "custom_tool_call", "name": "apply_patch", "input": _PATCH}]
    codex += [{"type": "message", "role": "assistant", "content": [said]}]
    gemini = [
        {"type": "gemini", "content": "x", "toolCalls": [{"name": "w", "status": "cancelled"}]}
    ]
    items = [{"type": "response_item", "payload": item} for item in codex]
    for at, rows in enumerate((claude, items, gemini)):
        yield bytes([at]) + "\n".join(map(json.dumps, rows)).encode()
    yield b"\x02" + json.dumps({"messages": gemini}, indent=2).encode()


def _sayings() -> Iterable[bytes]:
    return (saying.encode() for saying in _SAYINGS)


def _patches() -> Iterable[bytes]:
    yield _PATCH.encode() + b"\0x\nz\n"
    yield _PATCH.replace("\n", "\r\n").encode() + b"\0x\r\nz\r\n"
    yield b"*** Begin Patch\n*** Update File: a\n+z\n\0z\n"


def _sent(data: bytes, random: Random) -> bytes:
    head = data[:2]
    if random.randrange(6) == 0:
        head = bytes([random.randrange(len(_NAMES)), random.randrange(len(_TOOLS))])
    change: Any = mutation.values if random.randrange(3) else mutation.words
    changed: bytes = change(data[2:], random)
    return head + changed


TARGETS = (
    Target("event", _event, _events, _WORDS, limit=600, mutate=_sent),
    Target("hook", _hook, _events, _WORDS, limit=500, mutate=_sent),
    Target("patch", _patch, _patches, _WORDS),
    Target("prompt", _prompt, _sayings, _TEXT_WORDS),
    Target("words", _words, _sayings, _TEXT_WORDS, limit=60),
    Target("transcript", _transcript, _transcripts, _WORDS, limit=600),
    Target("redact", _redact, _sayings, _TEXT_WORDS, limit=60),
)
