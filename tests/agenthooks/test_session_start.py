"""SessionStart and SubagentStart: what the agent is given, and what is noted."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Repo
from errata.agenthooks import runbook_answer
from errata.core.git import Repository
from errata.state import agent_sessions, database
from errata.state.exposures import MAX_ROWS

from .conftest import (
    SCRIPT,
    Hook,
    claude,
    codex,
    cursor,
    exposures,
    gemini,
    sessions,
    silent,
    state,
)


def said(done: subprocess.CompletedProcess[bytes], event: str = "SessionStart") -> str:
    """The text for the agent, out of the one form that Claude Code, Codex and Gemini CLI read."""
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert set(answer) == {"hookSpecificOutput"}
    assert set(answer["hookSpecificOutput"]) == {"hookEventName", "additionalContext"}
    assert answer["hookSpecificOutput"]["hookEventName"] == event
    text = answer["hookSpecificOutput"]["additionalContext"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(("tool", "form"), [("claude-code", claude), ("codex", codex)])
def test_session_start_sends_the_runbook(project: Repo, hook: Hook, tool: str, form: Any) -> None:
    sent = form(project.root, hook_event_name="SessionStart", source="startup")
    for asked in (tool, ""):
        text = said(hook("SessionStart", sent, tool=asked, ERRATA_AGENT="api-dev"))
        assert "Check every size." in text


def test_gemini_receives_it_with_the_first_prompt(project: Repo, hook: Hook) -> None:
    """Text of its SessionStart is lost at /clear, and breaks slash commands of `gemini -p`."""

    def prompt() -> subprocess.CompletedProcess[bytes]:
        sent = gemini(project.root, hook_event_name="BeforeAgent", prompt="add a page")
        return hook("BeforeAgent", sent, tool="gemini", ERRATA_AGENT="api-dev")

    def start(source: str) -> None:
        sent = gemini(project.root, hook_event_name="SessionStart", source=source)
        assert silent(hook("SessionStart", sent, tool="gemini", ERRATA_AGENT="api-dev"))

    start("startup")
    assert "Check every size." in said(prompt(), "BeforeAgent")
    assert silent(prompt())
    start("resume")
    assert silent(prompt())
    start("clear")
    assert "Check every size." in said(prompt(), "BeforeAgent")
    assert len(exposures(project.root)) == 2


def test_a_sub_agent_of_gemini_receives_it_with_its_task(project: Repo, hook: Hook) -> None:
    given = {"agent_name": "api-dev", "prompt": "Add the volumes."}
    sent = gemini(
        project.root, hook_event_name="BeforeTool", tool_name="invoke_agent", tool_input=given
    )
    answer = json.loads(hook("BeforeTool", sent, tool="gemini").stdout)["hookSpecificOutput"]
    assert (answer["hookEventName"], answer["tool_input"]["agent_name"]) == (
        "BeforeTool",
        "api-dev",
    )
    assert answer["tool_input"]["prompt"].startswith("Add the volumes.\n\n")
    assert "Check every size." in answer["tool_input"]["prompt"]
    (line,) = exposures(project.root)
    assert (line["agent"], line["tool"]) == ("api-dev", "gemini")
    for odd in ({"agent_name": "api-dev"}, {"agent_name": "../x", "prompt": "y"}, {"prompt": "y"}):
        assert silent(hook("BeforeTool", sent | {"tool_input": odd}, tool="gemini"))


@pytest.mark.parametrize(("tool", "form"), [("codex", codex), ("gemini", gemini)])
def test_a_resumed_session_gets_a_runbook_that_is_new(
    project: Repo, hook: Hook, tool: str, form: Any
) -> None:
    """Claude Code does not keep what its hooks gave it; the others do."""
    prompt = {"SessionStart": "BeforeAgent"} if tool == "gemini" else {}

    def given(source: str) -> bool:
        sent = form(project.root, source=source, prompt="add a page")
        first = hook("SessionStart", sent, tool=tool, ERRATA_AGENT="api-dev").stdout
        later = [
            hook(event, sent, tool=tool, ERRATA_AGENT="api-dev").stdout for event in prompt.values()
        ]
        return any((first, *later))

    assert given("startup")
    assert not given("resume")
    project.write(
        ".claude/skills/runbooks/api-dev/RUNBOOK.md",
        "# api-dev\n\n## Recent learnings\n\n- Check every size, and every name.\n",
    )
    assert given("resume")
    assert given("clear")


def test_claude_code_gets_it_again_when_resumed(project: Repo, hook: Hook) -> None:
    for source in ("startup", "resume", "compact"):
        sent = claude(project.root, source=source)
        assert said(hook("SessionStart", sent, tool="claude-code", ERRATA_AGENT="api-dev"))


def test_cursor_receives_its_own_format(project: Repo, hook: Hook) -> None:
    sent = cursor(project.root, session_id="c-1", is_background_agent=False, composer_mode="agent")
    done = hook("sessionStart", sent, tool="cursor", ERRATA_AGENT="api-dev")
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert set(answer) == {"additional_context"}
    assert "Check every size." in answer["additional_context"]
    # Its sub-agents take nothing, and then nothing is noted either.
    assert silent(hook("subagentStart", sent | {"subagent_type": "api-dev"}, tool="cursor"))
    assert len(exposures(project.root)) == 1


@pytest.mark.parametrize(("tool", "form"), [("claude-code", claude), ("codex", codex)])
def test_sub_agent_receives_its_own_runbook(
    project: Repo, hook: Hook, tool: str, form: Any
) -> None:
    sent = form(project.root, agent_id="a1", agent_type="API-dev")
    text = said(hook("SubagentStart", sent, tool=tool), "SubagentStart")
    assert "Check every size." in text
    (line,) = exposures(project.root)
    assert (line["agent"], line["tool"]) == ("api-dev", tool)


def test_exposure_has_the_digest_of_the_trailer(project: Repo, hook: Hook) -> None:
    sent = claude(project.root, source="startup")
    hook("SessionStart", sent, tool="claude-code", ERRATA_AGENT="api-dev")
    (line,) = exposures(project.root)
    assert set(line) == {"time", "session", "tool", "agent", "runbook"}
    message = project.write(".git/MESSAGE", "Add a\n")
    env = {
        **os.environ,
        "ERRATA_AGENT": "api-dev",
        "CLAUDECODE": "1",
        "CLAUDE_CODE_SESSION_ID": sent["session_id"],
    }
    stamp = Path(SCRIPT).with_name("errata-stamp")
    subprocess.run([stamp, str(message), "message"], cwd=project.root, env=env, check=True)
    stamped = message.read_text()
    assert f"Runbook: {line['runbook']}\n" in stamped
    assert f"Agent-Session: {line['session']}\n" in stamped


def test_agent_without_a_runbook_has_an_empty_exposure(project: Repo, hook: Hook) -> None:
    said(hook("SessionStart", claude(project.root), tool="claude-code"))
    (line,) = exposures(project.root)
    assert (line["agent"], line["runbook"]) == ("claude-code", "")


@pytest.mark.parametrize(
    ("event", "tool", "form"),
    [
        ("SessionStart", "claude-code", claude),
        ("SubagentStart", "claude-code", claude),
        ("SessionStart", "codex", codex),
        ("SubagentStart", "codex", codex),
        ("BeforeAgent", "gemini", gemini),
        ("sessionStart", "cursor", cursor),
    ],
)
@pytest.mark.parametrize("role", ["api-dev", ""])
def test_every_agent_receives_the_shared_runbook(
    project: Repo, hook: Hook, event: str, tool: str, form: Any, role: str
) -> None:
    path = ".claude/skills/runbooks/everyone/RUNBOOK.md"
    project.write(path, "# everyone\n\n## Patterns\n\n- Close every file.\n")
    done = hook(event, form(project.root), tool=tool, **({"ERRATA_AGENT": role} if role else {}))
    answer = json.loads(done.stdout)
    specific = answer.get("hookSpecificOutput", {})
    text = specific.get("additionalContext") or answer["additional_context"]
    assert ("Check every size." in text) is bool(role)
    assert text.count("Close every file.") == 1
    rows = exposures(project.root)
    assert [row["agent"] for row in rows] == [role or tool] * len(rows)
    runbooks = [row["runbook"].partition("@")[0] for row in rows]
    assert runbooks == [*([role] if role else []), "everyone"]


def test_person_receives_nothing(project: Repo, hook: Hook) -> None:
    for event in ("SessionStart", "SubagentStart", "UserPromptSubmit", "PostToolUse"):
        sent = claude(project.root, prompt="No, that is wrong. You forgot it.")
        assert silent(hook(event, sent, ERRATA_AGENT="off"))
    assert not state(project).exists()


def test_repository_without_errata_receives_nothing(
    project: Repo, hook: Hook, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    project.git("init", "-q", str(other))
    assert silent(hook("SessionStart", claude(other), tool="claude-code"))
    assert not (other / ".git/errata").exists()


def test_answer_respects_max_chars(project: Repo, hook: Hook) -> None:
    project.write("errata.toml", "[agent]\nmax_chars = 500\n")
    rules = "".join(f"- Check the size of part {n} before it is used.\n" for n in range(500))
    project.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", f"# x\n\n## Patterns\n\n{rules}")
    text = said(hook("SessionStart", claude(project.root), ERRATA_AGENT="api-dev"))
    assert 100 < len(text) <= 500


@given(st.text(st.sampled_from("ab\n"), max_size=30), st.integers(1, 20))
def test_truncated_text_ends_with_a_line(text: str, limit: int) -> None:
    cut = runbook_answer.truncate(text, limit)
    assert text.startswith(cut)
    assert len(cut) <= limit
    if len(text) > limit and "\n" in text[:limit].strip("\n"):
        assert text[len(cut)] == "\n"


def test_old_exposures_are_removed(project: Repo, hook: Hook) -> None:
    said(hook("SessionStart", claude(project.root)))
    with database.transaction(Repository.discover(project.root)) as db:
        db.execute("UPDATE exposures SET number = ?", (MAX_ROWS,))
        row = "SELECT 1, time, session, tool, 'the first', runbook FROM exposures"
        db.execute(f"INSERT INTO exposures {row}")
    said(hook("SessionStart", claude(project.root), ERRATA_AGENT="api-dev"))
    assert [row["agent"] for row in exposures(project.root)] == ["claude-code", "api-dev"]


def test_sessions_that_never_ended_are_removed(project: Repo, hook: Hook) -> None:
    repo = Repository.discover(project.root)
    for name, days in (("old", 8), ("new", 6)):
        then = time.time_ns() // 1000 - days * 86_400_000_000
        agent_sessions.add_file(repo, "claude-code", name, "a.py", then)
    said(hook("SessionStart", claude(project.root)))
    assert sessions(project.root) == {"new": ["a.py"]}


def test_environment_file_of_a_session_is_not_written(project: Repo, hook: Hook) -> None:
    file = project.write(".git/env", "")
    said(hook("SessionStart", claude(project.root), CLAUDE_ENV_FILE=str(file)))
    assert file.read_bytes() == b""


def test_linked_worktree_shares_the_exposures(project: Repo, hook: Hook, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", str(tmp_path / "linked"))
    said(hook("SessionStart", claude(tmp_path / "linked"), cwd=tmp_path))
    assert len(exposures(project.root)) == 1
