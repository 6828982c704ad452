"""The table of the tools' forms."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

import errata
from errata import rules
from errata.rules.agent_tools import with_hooks

RULES = Path(errata.__file__).parent / "rules"
OURS = {
    *("SessionStart", "SubagentStart", "UserPromptSubmit", "SessionEnd"),
    *("PreToolUse", "PostToolUse", "PostToolBatch"),
}
TABLE = rules.load("agents")


@pytest.mark.parametrize("tool", with_hooks())
def test_each_tool_has_every_field(tool: str) -> None:
    form, usual = TABLE["tools"][tool], TABLE["tools"]["claude-code"]
    assert form.keys() == usual.keys()
    assert form["events"].keys() <= OURS
    assert form["answer"].keys() <= form["events"].keys()
    assert set(form["answer"].values()) <= {"specific", "plain", "task", "camel", "cline"}
    assert form["known_by"].keys() == usual["known_by"].keys()
    optional = {"texts", "runs_others"}
    assert form["setup"].keys() - optional == usual["setup"].keys()
    assert set(form["setup"]["matchers"]) <= {n for names in form["events"].values() for n in names}


@pytest.mark.parametrize("tool", with_hooks())
def test_each_tool_says_where_its_form_is_described(tool: str) -> None:
    text = (RULES / "agents.toml").read_text("utf-8")
    above = text[: text.index(f"[tools.{tool}]\n")].rsplit("\n\n", 1)[1]
    assert re.match(r"# Sources?: ", above)


@pytest.mark.parametrize("tool", TABLE["tools"])
def test_each_tool_says_how_it_is_known(tool: str) -> None:
    form, usual = TABLE["tools"][tool], TABLE["tools"]["claude-code"]
    assert form["program"].keys() == usual["program"].keys()
    assert form["program"]["title"] and form["program"]["names"]
    assert form["tried"].keys() == usual["tried"].keys()
    assert form["tried"]["how"] in ("driven", "documentation")
    assert form["tried"]["versions"] or form["tried"]["how"] == "documentation"
    assert datetime.date.fromisoformat(form["tried"]["date"])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *((name, name) for name in sorted(OURS)),
        ("session-start", "SessionStart"),
        ("session_start", "SessionStart"),
        ("sessionStart", "SessionStart"),
        ("SESSIONSTART", "SessionStart"),
        ("BeforeAgent", "UserPromptSubmit"),
        ("before-agent", "UserPromptSubmit"),
        ("beforeSubmitPrompt", "UserPromptSubmit"),
        ("AfterTool", "PostToolUse"),
        ("afterFileEdit", "PostToolUse"),
        ("postToolUse", "PostToolUse"),
        ("PostToolUseFailure", "PostToolUse"),
        ("BeforeTool", "PreToolUse"),
        ("sessionEnd", "SessionEnd"),
        ("subagentStart", "SubagentStart"),
        ("userPromptSubmitted", "UserPromptSubmit"),
        ("PromptSubmit", "UserPromptSubmit"),
        ("TaskStart", "SessionStart"),
        ("TaskResume", "SessionStart"),
        ("TaskCancel", "SessionEnd"),
    ],
)
def test_names_of_events(name: str, ours: str) -> None:
    assert TABLE["events"][rules.plain(name)] == ours


@pytest.mark.parametrize("name", ["", "Stop", "PermissionRequest", "beforeReadFile", "é"])
def test_other_events_are_not_known(name: str) -> None:
    assert rules.plain(name) not in TABLE["events"]


def test_beginnings_are_compared_in_lower_case() -> None:
    beginnings = TABLE["prompt"]["beginnings"]
    assert beginnings == [one.lower() for one in beginnings]
