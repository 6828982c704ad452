"""Whose event it is, and what its fields hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errata import rules
from errata.agenthooks import event

from .conftest import claude, codex, cursor, gemini

TABLE = rules.load("agents")
ROOT = Path("/somewhere")


def made(
    data: dict[str, Any], asked: str = "", name: str = "SessionStart", **env: str
) -> event.Event:
    return event.Event(name, data, TABLE, asked, env)


@pytest.mark.parametrize(
    ("data", "asked", "env", "tool"),
    [
        (claude(ROOT), "", {}, "claude-code"),
        (codex(ROOT), "", {}, "codex"),
        (codex(ROOT, turn_id="t"), "", {}, "codex"),
        (gemini(ROOT), "", {}, "gemini"),
        (cursor(ROOT), "", {}, "cursor"),
        ({"hook_event_name": "BeforeAgent"}, "", {}, "gemini"),
        ({"hook_event_name": "afterFileEdit"}, "", {}, "cursor"),
        ({"transcript_path": r"C:\Users\ann\.codex\sessions\x.jsonl"}, "", {}, "codex"),
        ({}, "", {"CLAUDECODE": "1"}, "claude-code"),
        ({}, "", {"GEMINI_CLI": "1"}, "gemini"),
        ({}, "", {"OPENCODE": "1"}, "opencode"),
        ({}, "gemini", {"CLAUDECODE": "1"}, "gemini"),
        # Cursor runs hooks that were set up for Claude Code, too.
        (cursor(ROOT), "claude-code", {}, "cursor"),
        ({}, "", {}, ""),
        ({}, "no-such-tool", {}, ""),
        ({"transcript_path": 7, "hook_event_name": ["x"]}, "", {}, ""),
    ],
)
def test_tool_of_an_event(data: dict[str, Any], asked: str, env: dict[str, str], tool: str) -> None:
    assert made(data, asked, **env).tool == tool


@pytest.mark.parametrize(
    ("data", "env", "agent"),
    [
        ({}, {}, "claude-code"),
        ({"agent_type": "api-dev"}, {}, "api-dev"),
        ({"agent_type": "Explore"}, {}, "explore"),
        ({"agent_type": "general-purpose"}, {}, "general-purpose"),
        ({"agent_type": "my-plugin:reviewer"}, {}, "claude-code"),
        ({"agent_type": "../etc"}, {}, "claude-code"),
        ({"agent_type": "a b"}, {}, "claude-code"),
        ({"agent_type": ""}, {}, "claude-code"),
        ({"agent_type": None}, {}, "claude-code"),
        ({"agent_type": 5}, {}, "claude-code"),
        ({"agent_type": "x" * 65}, {}, "claude-code"),
        ({"agent_type": "explore"}, {"ERRATA_AGENT": "sre"}, "sre"),
        ({}, {"ERRATA_AGENT": "API dev"}, "api-dev"),
    ],
)
def test_agent_name(data: dict[str, Any], env: dict[str, str], agent: str) -> None:
    assert made(data, "claude-code", **env).agent == agent


def test_values_of_wrong_types_are_ignored() -> None:
    found = made({"prompt": 5, "user_prompt": "old", "cwd": "\ud800x"}, "claude-code")
    assert found.text("prompt") == "old"
    assert found.text("cwd") == "?x"
    assert list(found.values("prompt")) == [5, "old"]
    assert made({"workspace_roots": ["/a", "/b"]}, "cursor").text("cwd") == "/a"
    assert made({"workspace_roots": []}, "cursor").text("cwd") == ""
    assert made({"workspace_roots": "/a"}, "cursor").text("cwd") == ""


def test_session_id_is_one_token() -> None:
    assert made({"session_id": "a b\nAgent: x"}).session == "ab"
    assert made({"session_id": {"x": 1}}).session == ""


@pytest.mark.parametrize(
    ("given", "sent", "ours"),
    [
        ("SessionStart", {}, "SessionStart"),
        ("session-start", {"hook_event_name": "Stop"}, "SessionStart"),
        ("", {"hook_event_name": "AfterTool"}, "PostToolUse"),
        ("Stop", {"hook_event_name": "SessionStart"}, ""),
        ("", {"hook_event_name": 5}, ""),
        ("", {}, ""),
    ],
)
def test_canonical_name(given: str, sent: dict[str, Any], ours: str) -> None:
    assert event.canonical_name(given, sent, TABLE) == ours
