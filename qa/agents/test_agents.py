"""The parts of `make test-agents` that need no tool."""

from __future__ import annotations

import datetime
import http.client
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qa.agents import packages, recording, table
from qa.agents.__main__ import TOOLS
from qa.agents.expected import Expected
from qa.agents.model import Model, Reply, Rule, choose
from qa.agents.place import Place
from qa.agents.steps import HEADLESS, STEPS, TERMINAL, WRONG, Result
from qa.agents.terminal import Terminal
from qa.agents.tools.codex import Codex
from qa.agents.tools.gemini import Gemini

RULES = [
    Rule("write it", [Reply(tool="Write", arguments={"path": "a"}), Reply("Done.")]),
    Rule("what now", [Reply("Nothing.")]),
]
TOOLS_OFFERED = [{"name": "Write"}]


def anthropic(*messages: tuple[str, Any]) -> dict[str, Any]:
    return {"tools": TOOLS_OFFERED, "messages": [{"role": r, "content": c} for r, c in messages]}


CALL = ("assistant", [{"type": "tool_use", "id": "t", "name": "Write", "input": {}}])
RESULT = ("user", [{"type": "tool_result", "tool_use_id": "t", "content": "what now"}])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (anthropic(("user", "write it")), "Write"),
        (anthropic(("user", "write it"), CALL, RESULT), "Done."),
        (anthropic(("user", "write it"), CALL, RESULT, CALL, RESULT), "ok"),
        (anthropic(("user", "write it"), CALL, RESULT, ("user", "what now")), "Nothing."),
        # Two prompts in one message: the later one decides.
        (anthropic(("user", "write it\nwhat now")), "Nothing."),
        (anthropic(("user", "something else")), "ok"),
        # Without tools: for a title or a summary.
        ({"messages": [{"role": "user", "content": "write it"}]}, "ok"),
        (
            anthropic(("user", "write it"), ("user", "Write a summary of the conversation")),
            "ok",
        ),
        (
            {
                "tools": TOOLS_OFFERED,
                "input": [
                    {"type": "message", "role": "user", "content": [{"text": "write it"}]},
                    {"type": "custom_tool_call", "name": "exec", "input": ""},
                    {"type": "custom_tool_call_output", "output": "what now"},
                ],
            },
            "Done.",
        ),
        (
            {
                "tools": TOOLS_OFFERED,
                "contents": [
                    {"role": "user", "parts": [{"text": "write it"}]},
                    {"role": "model", "parts": [{"functionCall": {"name": "write_file"}}]},
                    {"role": "user", "parts": [{"functionResponse": {"response": {}}}]},
                ],
            },
            "Done.",
        ),
    ],
)
def test_the_newest_prompt_and_the_calls_since_choose(body: dict[str, Any], text: str) -> None:
    reply = choose(body, RULES)
    assert (reply.tool or reply.text) == text


@pytest.mark.parametrize(
    ("path", "body", "inside"),
    [
        ("/v1/messages?beta=true", {"stream": True}, "event: message_stop"),
        ("/v1/messages", {}, '"end_turn"'),
        ("/v1/responses", {"stream": True}, "event: response.completed"),
        ("/v1beta/models/m:generateContent", {}, '"candidates"'),
        ("/v1beta/models/m:streamGenerateContent?alt=sse", {}, 'data: {"candidates"'),
        ("/v1/messages/count_tokens", {}, '"input_tokens": 10'),
    ],
)
def test_each_api_is_answered(path: str, body: dict[str, Any], inside: str) -> None:
    with Model() as model:
        connection = http.client.HTTPConnection(model.url.removeprefix("http://"))
        connection.request("POST", path, json.dumps(body))
        answer = connection.getresponse()
        assert (answer.status, inside in answer.read().decode()) == (200, True)
        connection.request("POST", "/v1/unknown", "{}")
        assert connection.getresponse().status == 404


def test_what_is_typed_at_a_terminal_is_answered(tmp_path: Path) -> None:
    line = "printf 'ready '; read line; echo \"got <$line>\"; read line"
    with Terminal(["sh", "-c", line], {"PATH": "/usr/bin:/bin"}, tmp_path) as terminal:
        assert terminal.wait_for("never", "ready", seconds=10) == "ready"
        terminal.type("hello")
        assert terminal.wait_for("got <hello>", seconds=10)
        assert "ready" in terminal.settle(0.5)


# ------------------------------------------------------------------------------------- recordings


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place", Model())


def test_nothing_of_the_machine_stays_in_a_recording(place: Place) -> None:
    event = {
        "session_id": "9d94a717-e046-4dee-9e0e-85a5598743a5",
        "transcript_path": f"{place.home}/x/session-2026-11-29T09-42-9d94a717.jsonl",
        "cwd": str(place.repo),
        "timestamp": "2026-11-29T09:42:51.384Z",
        "other": "b1e5c0de-e046-4dee-9e0e-85a5598743a5 toolu_0007 toolu_0009 toolu_0007",
        "duration_ms": 17,
    }
    scrubbed = recording.Scrubber(place).value(event)
    assert scrubbed == {
        "session_id": "00000000-0000-4000-8000-000000000001",
        "transcript_path": "$HOME/x/session-2026-01-01T00-00-00000000.jsonl",
        "cwd": "$REPO",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "other": "00000000-0000-4000-8000-000000000002 call_1 call_2 call_1",
        "duration_ms": 0,
    }


@given(text=st.from_regex("|".join(shape for shape, _ in recording.VARYING)))
def test_scrubbing_twice_changes_nothing(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scrubber = recording.Scrubber(Place(tmp_path_factory.mktemp("place"), Model()))
    once = scrubber.text(text)
    assert scrubber.text(once) == once


# "/root" is what Codex calls its main agent.
MACHINE = r"(?<![\w.])/(?:home|root(?!/api)|Users|usr|tmp)\b|api[_-]?key"


def test_recorded_files_hold_nothing_of_a_machine() -> None:
    for path in recording.FOLDER.rglob("*.json"):
        assert not re.search(MACHINE, path.read_text("utf-8"), re.IGNORECASE), path


def test_files_that_changed() -> None:
    before, after = {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "5"}
    assert recording.changes(before, after) == {"b": "4", "c": None, "d": "5"}


def test_a_sub_agent_starts_after_the_call_that_started_it() -> None:
    start = {"event": {"hook_event_name": "SubagentStart"}}
    spawn = {"event": {"hook_event_name": "PostToolUse", "tool_name": "collaborationspawn_agent"}}
    other = {"event": {"hook_event_name": "PostToolUse", "tool_name": "Bash"}}
    for recorded in ([other, start, spawn, other], [other, spawn, start, other]):
        assert recording.in_order(recorded) == [other, spawn, start, other]
    assert recording.in_order([start, other]) == [start, other]


def test_a_correction_names_what_its_session_wrote() -> None:
    expected = Expected(Codex)
    event = {"session_id": "s", "hook_event_name": "PostToolUse", "tool_name": "apply_patch"}
    entry = {"step": "headless: start", "event": event, "files": {"a.py": "a\n"}}
    assert expected.after(entry) == {"edits": ["a.py"]}
    prompt = {"session_id": "s", "hook_event_name": "UserPromptSubmit", "prompt": WRONG}
    entry = {"step": "headless: correction", "event": prompt}
    assert expected.after(entry) == {"corrections": [{"verbatim": WRONG, "file": "a.py"}]}
    assert expected.after(entry) == {}


# -------------------------------------------------------------------------------- table and pins


def test_table_says_what_works_where() -> None:
    results = [
        Result("start", HEADLESS, "a"),
        Result("start", TERMINAL, "b", "fault"),
        Result("prompt", HEADLESS, "c"),
    ]
    shown = table.render([table.Run(Codex, "1.0", results)], datetime.date(2026, 1, 2))
    assert "Run on 2026-01-02." in shown
    assert "| start | headless works, terminal **fails** |" in shown
    assert "| prompt | headless works |" in shown
    assert "| slash command | cannot |" in shown
    assert "| resume | not run |" in shown
    assert "- Codex, start, terminal: not so: b." in shown
    assert shown.count("\n| ") == len(STEPS) + 1
    document = f"# A\n{table.BEGIN}\nold\n{table.END}\nmore\n"
    assert table.update(document, "new\n") == f"# A\n{table.BEGIN}\nnew\n{table.END}\nmore\n"
    with pytest.raises(ValueError, match="agents:begin"):
        table.update("# A\n", shown)


def test_document_has_a_place_for_the_table() -> None:
    table.update(table.DOCUMENT.read_text("utf-8"), "")


@pytest.mark.parametrize("name", TOOLS)
def test_pinned_version_has_hashes_and_a_recording(name: str) -> None:
    tool = TOOLS[name]
    version = packages.pinned(name, tool.package)
    lock = json.loads((packages.PINS / name / "package-lock.json").read_text("utf-8"))["packages"]
    assert lock[f"node_modules/{tool.package}"]["version"] == version
    installed = [one for path, one in lock.items() if path]
    assert all(one["integrity"].startswith("sha512-") for one in installed)
    # The registry is whichever npm is set up for.
    assert not any("resolved" in one for one in installed)
    assert (recording.FOLDER / f"{name}-{version}").is_dir()


def test_gemini_gets_its_lessons_with_the_first_prompt() -> None:
    expected = Expected(Gemini)
    start = {"session_id": "s", "hook_event_name": "SessionStart", "source": "startup"}
    assert expected.after({"step": "", "event": start}) == {}
    prompt = {"session_id": "s", "hook_event_name": "BeforeAgent", "prompt": "write it"}
    entry = {"step": "", "event": prompt}
    assert [*expected.after(entry)] == ["context"]
    assert expected.after(entry) == {}
