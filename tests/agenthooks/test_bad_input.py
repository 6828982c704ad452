"""Whatever comes in: status 0, nothing printed, and at most one line written down."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo

from .conftest import SCRIPT, Hook, claude, exposures, silent, state

EVENTS = (
    *("SessionStart", "SubagentStart", "UserPromptSubmit", "SessionEnd"),
    *("PreToolUse", "PostToolUse", "PostToolBatch"),
)
BAD: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "truncated": b'{"session_id": "x", "prompt": "no, that',
    "not JSON": b"No, that is wrong\n",
    "two objects": b'{"a":1}{"b":2}',
    "a list": b"[]",
    "a text": b'"prompt"',
    "null": b"null",
    "a number": b"NaN",
    "not UTF-8": b'{"prompt": "\xff\xfe"}',
    "UTF-16": '{"prompt": "x"}'.encode("utf-16"),
    "NUL": b"\0" * 100,
    "deep": b'{"a":' * 100_000,
    "deep and closed": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "long number": b'{"a": ' + b"9" * 10_000 + b"}",
}
ODD: dict[str, bytes] = {
    "nothing known": b'{"x": 1}',
    "BOM": b'\xef\xbb\xbf{"x": 1}',
    "NaN": b'{"prompt": NaN, "cwd": Infinity}',
    "twice": b'{"prompt": "a", "prompt": 7}',
    "wrong types": json.dumps(
        {
            "session_id": 5,
            "prompt": ["No, that is wrong"],
            "cwd": {"a": 1},
            "tool_name": "Edit",
            "tool_input": "x",
            "tool_response": [1],
            "agent_type": False,
            "hook_event_name": {},
            "transcript_path": [],
        }
    ).encode(),
    "nulls": json.dumps(dict.fromkeys(claude(Path("/")))).encode(),
    "lone surrogates": b'{"prompt": "\\ud800 ok", "session_id": "\\udfff", "cwd": "\\ud800"}',
    "cwd is nowhere": b'{"cwd": "/no/such/folder", "prompt": "hello"}',
    "cwd with NUL": b'{"cwd": "/\\u0000", "prompt": "hello"}',
}


def test_what_is_too_large_is_said_to_be(project: Repo, hook: Hook) -> None:
    sent = b'{"prompt": "' + b"a" * 33_000_000 + b'"}'
    assert silent(hook("UserPromptSubmit", sent, tool="claude-code"))
    (line,) = (state(project) / "errors.log").read_text("utf-8").splitlines()
    assert line.endswith(f"too large ({len(sent)} bytes)")


@pytest.mark.parametrize(
    ("name", "event"),
    [*((name, "UserPromptSubmit") for name in BAD), *(("truncated", event) for event in EVENTS)],
)
def test_what_cannot_be_read_is_one_line(project: Repo, hook: Hook, name: str, event: str) -> None:
    sent = BAD[name]
    assert silent(hook(event, sent, tool="claude-code"))
    (line,) = (state(project) / "errors.log").read_text("utf-8").splitlines()
    assert f"agent-hook {event}: not" in line
    assert "wrong" not in line


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("sent", ODD.values(), ids=ODD)
def test_odd_event_is_silent(project: Repo, hook: Hook, event: str, sent: bytes) -> None:
    done = hook(event, sent, tool="claude-code")
    assert (done.returncode, done.stderr) == (0, b"")
    assert event in ("SessionStart", "SubagentStart") or done.stdout == b""
    assert not (state(project) / "errors.log").exists()


@pytest.mark.parametrize("event", EVENTS)
def test_five_megabytes(project: Repo, hook: Hook, event: str) -> None:
    sent = claude(project.root, prompt="x " * 2_500_000, tool_name="Edit")
    done = hook(event, sent)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not (state(project) / "errors.log").exists()


@pytest.mark.parametrize("event", ["", "Stop", "PermissionRequest", "--help-me", "x" * 10_000, "é"])
@pytest.mark.parametrize("sent", [b"", b"{}", b"nonsense"])
def test_an_unknown_event_leaves_nothing(
    project: Repo, hook: Hook, event: str, sent: bytes
) -> None:
    assert silent(hook(event, sent))
    assert not state(project).exists()


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["SessionEnd", "--tool"],
        ["SessionEnd", "--tool", "nonsense"],
        ["SessionEnd", "--tool="],
        ["--tool", "codex", "SessionEnd", "more", "--still=more"],
    ],
    ids=str,
)
def test_odd_arguments(project: Repo, args: list[str]) -> None:
    done = subprocess.run([SCRIPT, "agent-hook", *args], input=b"{}", capture_output=True)
    assert silent(done)
    assert not state(project).exists()


@pytest.mark.parametrize("event", EVENTS)
def test_without_a_repository_there_is_nothing(hook: Hook, tmp_path: Path, event: str) -> None:
    where = tmp_path / "plain"
    where.mkdir()
    for sent in (claude(where, prompt="No, that is wrong. You forgot it."), b"nonsense"):
        assert silent(hook(event, sent, tool="claude-code", cwd=where))
    assert list(where.iterdir()) == []
    assert list(Path.home().iterdir()) == [Path.home() / ".gitconfig"]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full"])
def test_closed_streams(project: Repo, event: str, closed: str) -> None:
    sent = json.dumps(claude(project.root, prompt="No, that is wrong. You forgot it."))
    done = subprocess.run(
        ["sh", "-c", f'"$0" agent-hook {event} {closed}; echo status $?', SCRIPT],
        input=sent.encode(),
        capture_output=True,
        env={**os.environ, "ERRATA_AGENT": "api-dev"},
    )
    if ">" not in closed.replace("2>", "") and "<" not in closed and event.endswith("Start"):
        assert done.stdout.startswith(b'{"hookSpecificOutput"')
        done.stdout = done.stdout.split(b"\n", 1)[1]
    assert (done.stdout, done.stderr) == (b"status 0\n", b"")
    # What could not be given to the agent was not read by it.
    assert bool(exposures(project.root)) is (closed == "2>&-" and event.endswith("Start"))


def test_a_reader_that_went_away(project: Repo) -> None:
    read, write = os.pipe()
    os.close(read)
    sent = json.dumps(claude(project.root)).encode()
    done = subprocess.run(
        [SCRIPT, "agent-hook", "SessionStart"], input=sent, stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_is_not_waited_for(project: Repo) -> None:
    ours, theirs = pty.openpty()
    begin = time.monotonic()
    done = subprocess.run(
        [SCRIPT, "agent-hook", "SessionStart"], stdin=theirs, capture_output=True, timeout=30
    )
    os.close(ours)
    os.close(theirs)
    assert silent(done)
    assert time.monotonic() - begin < 2.5
    assert not state(project).exists()


def test_a_caller_that_never_ends_its_event(project: Repo) -> None:
    # A socket pair is what Node.js gives its children.
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(json.dumps(claude(project.root)).encode())
        done = subprocess.run(
            [SCRIPT, "agent-hook", "SessionEnd"], stdin=theirs, capture_output=True, timeout=30
        )
    assert silent(done)


@pytest.mark.parametrize("event", EVENTS)
def test_a_state_folder_that_cannot_be_written(project: Repo, hook: Hook, event: str) -> None:
    state(project).write_text("not a folder")
    project.write("src/a.py", "new\n")
    given = {"file_path": str(project.root / "src/a.py"), "content": "new\n"}
    fields: dict[str, Any] = {"tool_name": "Write", "tool_input": given}
    sent = claude(project.root, prompt="No, that is wrong. You forgot it.", **fields)
    done = hook(event, sent)
    assert (done.returncode, done.stderr) == (0, b"")


def test_git_is_not_there(project: Repo, hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for event in EVENTS:
        done = hook(
            event, claude(project.root, prompt="No, that is wrong."), PATH=str(tmp_path / "bin")
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_help_is_for_people(hook: Hook) -> None:
    done = hook("--help")
    assert done.returncode == 0
    assert b"EVENT is SessionStart" in done.stdout
