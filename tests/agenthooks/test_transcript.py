"""The end of an agent's turn, read from the transcripts of three tools."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata import rules
from errata.agenthooks.transcript import FORMATS, LIMIT, last_turn, parse
from errata.messages.turn import Call, Turn
from errata.rules.agent_tools import with_hooks

PROMPT = "No, use the logger."
DENIED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was"
    " a file edit, the new_string was NOT written to the file)."
)


def said(text: str) -> dict[str, Any]:
    """A line of Claude Code: the agent's text."""
    return {"type": "assistant", "message": {"content": [{"type": "text", "text": text}]}}


def called(name: str, **arguments: str) -> dict[str, Any]:
    """A line of Claude Code: a tool call."""
    block = {"type": "tool_use", "id": "t", "name": name, "input": arguments}
    return {"type": "assistant", "message": {"content": [block]}}


def result(text: str, *, error: bool = False) -> dict[str, Any]:
    """A line of Claude Code: the result of a tool call."""
    block = {"type": "tool_result", "tool_use_id": "t", "content": text, "is_error": error}
    return {"type": "user", "message": {"content": [block]}}


def typed(text: Any, **fields: Any) -> dict[str, Any]:
    """A line of Claude Code: a person's prompt."""
    return {"type": "user", "message": {"role": "user", "content": text}, **fields}


def item(**payload: Any) -> dict[str, Any]:
    """A line of Codex."""
    return {"type": "response_item", "payload": payload}


def codex_message(role: str, text: str) -> dict[str, Any]:
    """A line of Codex: a message."""
    return item(type="message", role=role, content=[{"type": "output_text", "text": text}])


def lines(*entries: dict[str, Any]) -> bytes:
    """The bytes of a file with one JSON object per line."""
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


EDIT = called("Edit", file_path="/r/a.py")
CLAUDE: dict[str, tuple[list[dict[str, Any]], Turn | None]] = {
    "text and calls": (
        [typed("go"), said("I begin."), EDIT, result("ok"), said("Done.")],
        Turn("Done.", True, (Call("Edit", "/r/a.py"),)),
    ),
    "a call last": ([said("I edit."), EDIT], Turn("I edit.", False, (Call("Edit", "/r/a.py"),))),
    "only the last turn": (
        [said("One."), called("Bash"), typed("next"), said("Two.")],
        Turn("Two.", True),
    ),
    "the prompt is there already": ([said("Done."), typed(f"{PROMPT}\n")], Turn("Done.", True)),
    "the prompt with text of the tool": (
        [said("Done."), typed(f"<ide_selection>x</ide_selection>{PROMPT}")],
        Turn("Done.", True),
    ),
    "output of a command of the person": (
        [said("Done."), typed("<local-command-stdout>x</local-command-stdout>")],
        Turn("Done.", True),
    ),
    "an unanswered prompt": ([said("Done."), typed("and the tests")], None),
    "rejected": (
        [said("I edit."), EDIT, result(DENIED, error=True), typed("[Request interrupted by user]")],
        Turn("I edit.", False, (Call("Edit", "/r/a.py"),), True, True),
    ),
    "rejected with words": (
        [
            EDIT,
            result(
                f"{DENIED} To tell you how to proceed, the user said:\nnot that\nfile", error=True
            ),
        ],
        Turn("", False, (Call("Edit", "/r/a.py"),), True, objections=("not that\nfile",)),
    ),
    "words with a note of the tool": (
        [
            result(
                "The user doesn't want to proceed with this tool use. The user provided the"
                " following reason for the rejection:  no mocks\n\n"
                "Note: The user's next message may contain x",
                error=True,
            )
        ],
        Turn(rejected=True, objections=("no mocks",)),
    ),
    "a file quotes a rejection": ([said("x"), result(DENIED)], Turn("x", True)),
    "interrupted": (
        [said("I look."), typed([{"type": "text", "text": "[Request interrupted by user]"}])],
        Turn("I look.", True, interrupted=True),
    ),
    "interrupted tool": (
        [called("Bash"), result("[Request interrupted by user for tool use]", error=True)],
        Turn("", False, (Call("Bash"),), interrupted=True),
    ),
    "failed": (
        [called("Bash"), result("exit 1", error=True)],
        Turn("", False, (Call("Bash"),), failed=True),
    ),
    "a sub-agent and the tool itself": (
        [said("Done."), said("sub") | {"isSidechain": True}, typed("caveat", isMeta=True)],
        Turn("Done.", True),
    ),
    "other lines": (
        [said("Done."), {"type": "file-history-snapshot", "snapshot": {}}, {"type": "system"}],
        Turn("Done.", True),
    ),
    "nothing": ([], None),
    "a summary": ([{"type": "summary", "summary": "x"}], None),
}


@pytest.mark.parametrize("name", CLAUDE)
def test_claude(name: str) -> None:
    entries, expected = CLAUDE[name]
    assert parse(lines(*entries), "claude", PROMPT) == expected


PATCH = "*** Begin Patch\n*** Update File: src/a.rs\n@@\n"
CODEX: dict[str, tuple[list[dict[str, Any]], Turn | None]] = {
    "text and calls": (
        [
            codex_message("user", "go"),
            item(type="function_call", name="shell", arguments="{}"),
            item(type="function_call_output", output="ok"),
            item(type="custom_tool_call", name="apply_patch", input=PATCH),
            codex_message("assistant", "Done."),
        ],
        Turn("Done.", True, (Call("apply_patch", "src/a.rs"), Call("shell"))),
    ),
    "rejected": (
        [
            item(type="function_call", name="shell", arguments="{}"),
            item(type="function_call_output", output="exec command rejected by user"),
        ],
        Turn("", False, (Call("shell"),), True),
    ),
    "aborted": (
        [
            codex_message("assistant", "I look."),
            {"type": "event_msg", "payload": {"type": "turn_aborted", "reason": "interrupted"}},
            codex_message("user", "<turn_aborted>\nx\n</turn_aborted>"),
        ],
        Turn("I look.", True, interrupted=True),
    ),
    "context before the prompt": (
        [
            codex_message("assistant", "Done."),
            codex_message("user", "<environment_context>\n</environment_context>"),
            codex_message("user", PROMPT),
        ],
        Turn("Done.", True),
    ),
    "display lines": (
        [
            codex_message("assistant", "Done."),
            {"type": "event_msg", "payload": {"type": "token_count"}},
        ],
        Turn("Done.", True),
    ),
}


@pytest.mark.parametrize("name", CODEX)
def test_codex(name: str) -> None:
    entries, expected = CODEX[name]
    assert parse(lines(*entries), "codex", PROMPT) == expected


def gemini_message(text: str, *calls: dict[str, Any]) -> dict[str, Any]:
    """A message of Gemini CLI's agent."""
    return {"id": "1", "type": "gemini", "content": text, "toolCalls": list(calls)}


WRITE = {"name": "write_file", "args": {"file_path": "/r/a.ts"}, "status": "success"}
GEMINI: dict[str, tuple[list[dict[str, Any]], Turn | None]] = {
    "text and calls": (
        [
            {"type": "user", "content": [{"text": "go"}]},
            gemini_message("I write.", WRITE),
            gemini_message("Done."),
        ],
        Turn("Done.", True, (Call("write_file", "/r/a.ts"),)),
    ),
    "cancelled": (
        [gemini_message("I write.", WRITE | {"status": "cancelled"})],
        Turn("I write.", False, (Call("write_file", "/r/a.ts"),), True),
    ),
    "failed": (
        [gemini_message("", WRITE | {"status": "error"})],
        Turn("", False, (Call("write_file", "/r/a.ts"),), failed=True),
    ),
    "interrupted": (
        [gemini_message("I look."), {"type": "info", "content": "Request cancelled."}],
        Turn("I look.", True, interrupted=True),
    ),
    "other messages": (
        [gemini_message("Done."), {"type": "info", "content": "x"}],
        Turn("Done.", True),
    ),
}


@pytest.mark.parametrize("name", GEMINI)
@pytest.mark.parametrize("indented", [False, True])
def test_gemini(name: str, indented: bool) -> None:
    """Older versions write one indented document, newer ones lines."""
    entries, expected = GEMINI[name]
    document = json.dumps({"sessionId": "s", "messages": entries}, indent=2).encode()
    assert parse(document if indented else lines(*entries), "gemini", PROMPT) == expected


def test_each_tool_has_a_known_format() -> None:
    forms = {form["transcript_format"] for form in with_hooks(rules.load("agents")).values()}
    assert forms - {""} == FORMATS.keys()


@pytest.mark.parametrize("form", FORMATS)
def test_a_tail_that_begins_inside_a_line(form: str) -> None:
    entries = {
        "claude": lines(said("x" * 3000), said("Done.")),
        "codex": lines(codex_message("assistant", "x" * 3000), codex_message("assistant", "Done.")),
        "gemini": lines(gemini_message("x" * 3000), gemini_message("Done.")),
    }[form]
    assert parse(entries[2000:], form, PROMPT) == Turn("Done.", True)


def test_only_the_tail_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(lines(said("Early.")) + b"x" * LIMIT + b"\n" + lines(EDIT))
    assert last_turn(str(path), "claude", PROMPT) == Turn("", False, (Call("Edit", "/r/a.py"),))


def test_a_sparse_file_of_terabytes(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    with path.open("wb") as file:
        file.truncate(1 << 40)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + lines(said("Done.")))
    assert last_turn(str(path), "claude", PROMPT) == Turn("Done.", True)


def test_no_other_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.jsonl").write_bytes(lines(said("Done.")))
    Path("link").symlink_to("t.jsonl")
    os.mkfifo("pipe")
    for path in ("t.jsonl", "", "\0", str(tmp_path), str(tmp_path / "link"), str(tmp_path / "pipe"),
                 str(tmp_path / "missing"), "/dev/zero", "/dev/stdin", "~/t.jsonl"):  # fmt: skip
        assert last_turn(path, "claude", PROMPT) is None
    assert last_turn(str(tmp_path / "t.jsonl"), "other", PROMPT) is None
    assert last_turn(str(tmp_path / "t.jsonl"), "claude", PROMPT) == Turn("Done.", True)


KEYS = (
    *("type", "message", "content", "text", "payload", "role", "name", "input", "args", "output"),
    *("toolCalls", "status", "result", "is_error", "isMeta"),
)
WORDS = ("assistant", "user", "gemini", "message", "text", "tool_use", "tool_result", DENIED)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    PLAIN | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=5), st.sampled_from([*FORMATS]), st.text(max_size=20), st.booleans())
def test_never_raises_on_json(values: list[Any], form: str, prompt: str, indented: bool) -> None:
    indent = 2 if indented else None
    tail = b"\n".join(json.dumps(value, indent=indent).encode() for value in values)
    check(parse(tail, form, prompt))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([*FORMATS]), st.text(max_size=20))
def test_never_raises_on_bytes(tail: bytes, form: str, prompt: str) -> None:
    check(parse(tail, form, prompt))
    check(parse(lines(said("Done.")) + tail, form, prompt))


def check(turn: Turn | None) -> None:
    """A turn is bounded."""
    if turn is not None:
        assert len(turn.text) <= 4_000
        assert len(turn.calls) <= 20
        assert all(len(text) <= 4_000 for text in turn.objections)


def test_deep_nesting_and_long_texts() -> None:
    assert parse(b'{"message":' + b"[" * 60_000, "claude", PROMPT) is None
    turn = parse(lines(said("x" * 50_000)), "claude", PROMPT)
    assert turn is not None
    check(turn)


def test_no_time_left() -> None:
    entries = lines(said("Early."), *[called("Bash")] * 50)
    turn = parse(entries, "claude", PROMPT, end=0.0)
    assert turn == Turn("", False, (Call("Bash"),))
