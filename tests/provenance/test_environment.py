"""Who is at the keyboard, and words that are safe in a trailer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import AGENT_NAME
from errata.provenance.environment import agent_name, at_keyboard, feature, token


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, None),
        ({"TERM": "xterm", "AGENT": "ssh-agent"}, None),
        ({"CURSOR_TRACE_ID": "x"}, None),  # also in a person's terminal inside Cursor
        ({"SSH_AGENT_PID": "1"}, None),
        ({"CLAUDECODE": ""}, None),
        ({"CLAUDECODE": "false"}, None),
        ({"ERRATA_SESSION": "s"}, None),
        ({"CLAUDECODE": "1"}, ("claude-code", "", "")),
        ({"AGENT": "amp"}, ("amp", "", "")),
        ({"CLINE_ACTIVE": "true"}, ("cline", "", "")),
        ({"CODEX_THREAD_ID": "t-1", "CODEX_SANDBOX": "seatbelt"}, ("codex", "", "t-1")),
        ({"CODEX_THREAD_ID": "t", "CLAUDECODE": "1"}, ("claude-code", "", "")),
        ({"CODEX_CI": "1", "ERRATA_SESSION": "own"}, ("codex", "", "own")),
        ({"ERRATA_AGENT": "sre"}, ("", "sre", "")),
        ({"ERRATA_AGENT": "sre", "GEMINI_CLI": "1"}, ("gemini", "sre", "")),
        ({"ERRATA_AGENT": "NONE", "GEMINI_CLI": "1"}, None),
        ({"ERRATA_AGENT": " ", "GEMINI_CLI": "1"}, ("gemini", "", "")),
    ],
)
def test_signs(env: dict[str, str], expected: tuple[str, str, str] | None) -> None:
    got = at_keyboard(env)
    assert (got and (got.tool, got.role, got.session)) == expected
    assert got is None or got.name == (got.role or got.tool)


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("feat-042", "feat-042"),
        ("feat-042-quota", "feat-042"),
        ("ann/FEAT-7", "feat-7"),
        ("fix/feat-042_retry", "feat-042"),
        ("main", ""),
        ("feat-quota", ""),
        ("defeat-042", ""),
        ("feat-042b", ""),
        ("", ""),
    ],
)
def test_a_feature_in_the_branch(branch: str, expected: str) -> None:
    assert feature({}, branch) == expected
    assert feature({"ERRATA_FEATURE": "feat-9\nAgent: x"}, branch) == "feat-9"


@given(st.text(max_size=300))
def test_what_is_written_is_well_formed(text: str) -> None:
    name, word = agent_name(text), token(text)
    assert name == "" or (AGENT_NAME.match(name) and len(name) <= 64)
    assert word == "" or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,83}", word)
    assert (agent_name(name), token(word)) == (name, word)
