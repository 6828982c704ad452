"""Commands that an agent runs: who commits in them, and which files they change."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.core.git import Repository
from errata.state import agent_edits, agent_sessions, running_commands
from errata.state.agent_sessions import Session
from errata.state.running_commands import Running

from .conftest import Hook, claude, codex, gemini, lines, silent, state

SESSION = "0b6f1c9e-6a55-4c54-8c17-0d5d2a2f9f11"
CLAUDE = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": SESSION}
BIN = Path(sys.executable).parent


@pytest.fixture
def work(project: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """The repository with errata's hooks of git, at the time of now."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.delenv(name)
    for name, script in (("prepare-commit-msg", "stamp"), ("post-commit", "capture")):
        hook = project.write(
            f".git/hooks/{name}", f'#!/bin/sh\nexec "{BIN}/errata-{script}" "$@"\n'
        )
        hook.chmod(0o755)
    return project


def shell(root: Path, command: str, call: str = "toolu_1", **fields: Any) -> dict[str, Any]:
    """Claude Code's event of a command of the shell."""
    given = {"command": command, "description": "run"}
    return claude(root, tool_name="Bash", tool_input=given, tool_use_id=call, **fields)


def run(hook: Hook, repo: Repo, command: str, call: str = "toolu_1", **fields: Any) -> None:
    """Have Claude Code run a command, with the events around it."""
    sent = shell(repo.root, command, call, **fields)
    assert silent(hook("PreToolUse", sent, tool="claude-code"))
    done = subprocess.run(["sh", "-c", command], cwd=repo.root, check=True, capture_output=True)
    assert done.stderr == b""
    sent["tool_response"] = {"stdout": "", "stderr": "", "interrupted": False}
    assert silent(hook("PostToolUse", sent, tool="claude-code"))


def commit_in(repo: Repo, message: str, **env: str) -> str:
    """Commit everything in an environment; returns the trailers."""
    repo.git("add", "-A", env=env)
    repo.git("commit", "-q", "-m", message, env=env)
    return repo.git("log", "-1", "--format=%(trailers:only)")


def kept(root: Path) -> dict[str, list[tuple[bytes | None, bytes, str]]]:
    """(before, after, agent) of the edits that are kept, by path."""
    histories = agent_edits.edit_histories(Repository.discover(root), time.time_ns() // 1000, 14)
    return {
        path: [(edit.before, edit.after, edit.writer.agent) for edit in history]
        for path, history in histories.items()
    }


# -------------------------------------------------------------------------------- who commits


def test_a_sub_agent_that_runs_the_command_is_named(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "git commit -m x", agent_type="api-dev", agent_id="a2f")
    hook("PreToolUse", sent, tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: api-dev" in commit_in(work, "feat: b", **CLAUDE)


def test_of_two_that_run_commands_the_one_that_commits_is_named(work: Repo, hook: Hook) -> None:
    commands = {"main": ("make test", {}), "sub": ("git commit -m x", {"agent_type": "api-dev"})}
    for call, (command, fields) in commands.items():
        hook("PreToolUse", shell(work.root, command, call, **fields), tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: api-dev" in commit_in(work, "feat: b", **CLAUDE)


def test_in_doubt_about_the_role_the_tool_is_named(work: Repo, hook: Hook) -> None:
    for call, role in (("one", "api-dev"), ("two", "tester")):
        sent = shell(work.root, "git commit -m x", call, agent_type=role, agent_id=call)
        hook("PreToolUse", sent, tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: claude-code" in commit_in(work, "feat: b", **CLAUDE)


def test_the_work_of_a_sub_agent_is_its_own_whoever_commits(work: Repo, hook: Hook) -> None:
    path = str(work.write("src/b.py", "b\n"))
    edit = {"tool_name": "Write", "tool_input": {"file_path": path, "content": "b\n"}}
    hook("PostToolUse", claude(work.root, agent_type="api-dev", agent_id="a", **edit))
    hook("PreToolUse", shell(work.root, "git commit -m x"), tool="claude-code")
    assert "Agent: api-dev" in commit_in(work, "feat: b", **CLAUDE)


def test_an_agent_of_a_session_is_named_by_the_tool(work: Repo) -> None:
    work.write("src/b.py", "b\n")
    role = {"CLAUDE_CODE_AGENT": "api-dev"}
    assert "Agent: api-dev" in commit_in(work, "feat: b", **CLAUDE, **role)


def test_a_role_that_a_person_sets_goes_first(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "git commit -m x", agent_type="tester", agent_id="a2f")
    hook("PreToolUse", sent, tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: api-dev" in commit_in(work, "feat: b", **CLAUDE, ERRATA_AGENT="api-dev")


def test_an_unreported_command_is_a_persons(work: Repo, hook: Hook) -> None:
    work.write("src/a.py", "one\ntwo = int(one)\nthree\n")
    run(hook, work, "git add -A && CLAUDECODE=1 git commit -qm 'feat: two'")
    work.write("src/a.py", "one\ntwo = Decimal(one)\nthree\n")
    trailers = commit_in(work, "fix: sizes are fractions", **CLAUDE)
    assert "Agent:" not in trailers
    assert "Corrects:" in trailers
    (found,) = lines(state(work) / "outbox.jsonl")
    assert found["source"] == "implicit"


def test_before_the_first_command_the_hooks_of_the_repository_tell(work: Repo, hook: Hook) -> None:
    work.write(
        ".claude/settings.json",
        '{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": '
        '"errata agent-hook --tool claude-code PreToolUse"}]}]}}',
    )
    hook("SessionStart", claude(work.root, source="startup"), tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent:" not in commit_in(work, "feat: by hand", **CLAUDE)


def test_where_no_hook_tells_of_commands_the_environment_decides(work: Repo, hook: Hook) -> None:
    hook("SessionStart", claude(work.root, source="startup"), tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: claude-code" in commit_in(work, "feat: b", **CLAUDE)


def test_what_a_hook_of_the_tool_commits_is_the_agents(work: Repo, hook: Hook) -> None:
    run(hook, work, "true")
    work.write("src/b.py", "b\n")
    hook_of_tool = {"CLAUDE_PROJECT_DIR": str(work.root)}
    assert "Agent: claude-code" in commit_in(work, "feat: b", **CLAUDE, **hook_of_tool)


def test_a_server_in_the_background_does_not_commit_for_ever(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "npm run dev")
    hook("PreToolUse", sent, tool="claude-code")
    hook("PostToolUse", sent | {"tool_response": {"backgroundTaskId": "b1"}}, tool="claude-code")
    repo = Repository.discover(work.root)
    (running,) = running_commands.of_session(repo, "claude-code", SESSION).values()
    earlier = running._replace(time=running.time - 600_000_000)
    running_commands.add(repo, "claude-code", SESSION, "toolu_1", earlier)
    work.write("src/b.py", "b\n")
    assert "Agent:" not in commit_in(work, "feat: by hand", **CLAUDE)


@pytest.mark.parametrize("place", ["tool_input", "tool_response"])
def test_a_command_in_the_background_may_still_commit(work: Repo, hook: Hook, place: str) -> None:
    sent = shell(work.root, "make release")
    flag = {"tool_input": {"run_in_background": True}, "tool_response": {"backgroundTaskId": "b1"}}
    hook("PreToolUse", sent, tool="claude-code")
    sent[place] = sent.get(place, {}) | flag[place]
    hook("PostToolUse", sent, tool="claude-code")
    work.write("src/b.py", "b\n")
    assert "Agent: claude-code" in commit_in(work, "chore: release", **CLAUDE)
    hook("SessionEnd", claude(work.root, reason="other"), tool="claude-code")
    assert not running_commands.of_session(Repository.discover(work.root), "claude-code", SESSION)


def test_a_failed_command_has_ended(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "false")
    hook("PreToolUse", sent, tool="claude-code")
    failed = sent | {"error": "Exit code 1", "hook_event_name": "PostToolUseFailure"}
    assert silent(hook("PostToolUseFailure", failed, tool="claude-code"))
    work.write("src/b.py", "b\n")
    assert "Agent:" not in commit_in(work, "feat: by hand", **CLAUDE)


@pytest.mark.parametrize("sessions", [["q1"], ["q1", "q2"]], ids=["one", "two"])
def test_a_tool_whose_shell_has_no_session(work: Repo, hook: Hook, sessions: list[str]) -> None:
    """Qwen Code: the session in which a command runs, if it is the only one."""
    for session in sessions:
        fields = {"cwd": str(work.root), "session_id": session}
        start = {"tool_name": "agent", "tool_input": {"subagent_type": "api-dev"}}
        assert silent(hook("PreToolUse", fields | start | {"tool_use_id": "c1"}, tool="qwen"))
        shell = {"tool_name": "run_shell_command", "tool_input": {"command": "git commit -m x"}}
        assert silent(hook("PreToolUse", fields | shell | {"tool_use_id": "c2"}, tool="qwen"))
    work.write("src/b.py", "b\n")
    trailers = commit_in(work, "feat: b", QWEN_CODE="1")
    expected = ["Agent: api-dev", "Agent-Session: q1"] if len(sessions) == 1 else ["Agent: qwen"]
    assert trailers.splitlines()[: len(expected)] == expected


def test_a_command_that_a_person_rejects_does_not_run(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "git commit -m x")
    hook("PreToolUse", sent, tool="claude-code")
    denied = "The user doesn't want to proceed with this tool use. The tool use was rejected."
    call = {key: sent[key] for key in ("tool_name", "tool_input", "tool_use_id")}
    batch = claude(work.root, tool_calls=[call | {"tool_response": denied}])
    assert silent(hook("PostToolBatch", batch, tool="claude-code"))
    work.write("src/b.py", "b\n")
    assert "Agent:" not in commit_in(work, "feat: by hand", **CLAUDE)


CODEX = {"CODEX_SESSION_ID": "s", "CODEX_THREAD_ID": "s", "CODEX_VERSION": "0.171.0"}


def test_codex_names_the_call_that_commits(work: Repo, hook: Hook) -> None:
    for call, fields in (("c1", {}), ("c2", {"agent_type": "api-dev", "agent_id": "child"})):
        given = {"command": "git commit -m x"}
        sent = codex(work.root, tool_name="Bash", tool_input=given, tool_use_id=call, **fields)
        hook("PreToolUse", sent | {"session_id": "s"}, tool="codex")
    work.write("src/b.py", "b\n")
    env = CODEX | {"CODEX_CI": "1", "CODEX_TOOL_CALL_ID": "c2", "CODEX_THREAD_ID": "child"}
    trailers = commit_in(work, "feat: b", **env)
    assert trailers.splitlines()[:2] == ["Agent: api-dev", "Agent-Session: s"]


def test_a_persons_command_in_codex_is_a_persons(work: Repo) -> None:
    work.write("src/b.py", "b\n")
    assert "Agent:" not in commit_in(work, "feat: b", **CODEX)


def test_an_old_codex_is_known_by_its_thread(work: Repo) -> None:
    work.write("src/b.py", "b\n")
    assert "Agent: codex" in commit_in(work, "feat: b", CODEX_THREAD_ID="t")


# ------------------------------------------------------------ where git's hooks are switched off

NO_HOOKS = {
    "GEMINI_CLI": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": "",
}


def gemini_shell(root: Path, command: str) -> dict[str, Any]:
    return gemini(root, tool_name="run_shell_command", tool_input={"command": command})


def gemini_commits(work: Repo, hook: Hook, message: str) -> None:
    """Have Gemini CLI commit everything, with the events around it."""
    sent = gemini_shell(work.root, f"git add -A && git commit -m '{message}'")
    assert silent(hook("BeforeTool", sent, tool="gemini"))
    assert commit_in(work, message, **NO_HOOKS) == ""
    answer = {"tool_response": {"llmContent": "", "returnDisplay": ""}}
    assert silent(hook("AfterTool", sent | answer, tool="gemini"))


def test_a_commit_without_hooks_is_noted_as_the_agents(work: Repo, hook: Hook) -> None:
    work.write("src/a.py", "one\ntwo = int(one)\nthree\n")
    commit_in(work, "feat: two", **CLAUDE)
    work.write("src/a.py", "one\ntwo = Decimal(one)\nthree\n")
    gemini_commits(work, hook, "fix: sizes are fractions")
    done = backfill(work)
    assert "Corrections found: 0" in done
    # And a person who repairs it corrects gemini.
    work.write("src/a.py", "one\ntwo = Decimal(str(one))\nthree\n")
    commit_in(work, "fix: oops, a float has no exact decimal")
    (found,) = lines(state(work) / "outbox.jsonl")
    assert found["agent"] == "gemini"


def backfill(work: Repo) -> str:
    command = [str(BIN / "errata"), "backfill", "--dry-run"]
    done = subprocess.run(command, cwd=work.root, capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_what_a_person_commits_meanwhile_is_the_persons(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "npm test")
    hook("PreToolUse", sent, tool="claude-code")
    work.write("src/b.py", "b\n")
    commit_in(work, "feat: in another terminal")
    hook("PostToolUse", sent | {"tool_response": {}}, tool="claude-code")
    assert not (state(work) / "mixed-commits").exists()


def test_what_a_pull_brings_is_not_the_agents(work: Repo, hook: Hook, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    shutil.copytree(work.root, other.root, symlinks=True)
    other.write("src/b.py", "b\n")
    other.commit("feat: by a person")
    sent = gemini_shell(work.root, f"git pull {other.root}")
    hook("BeforeTool", sent, tool="gemini")
    work.git("pull", "-q", "--ff-only", str(other.root), "main", env=NO_HOOKS)
    hook("AfterTool", sent | {"tool_response": {}}, tool="gemini")
    assert not (state(work) / "mixed-commits").exists()


def test_a_sub_agent_of_gemini_is_known_by_the_call_that_starts_it(work: Repo, hook: Hook) -> None:
    start = gemini(work.root, tool_name="invoke_agent", tool_input={"agent_name": "api-dev"})
    hook("BeforeTool", start, tool="gemini")
    path = str(work.write("src/b.py", "b\n"))
    written = {"tool_name": "write_file", "tool_input": {"file_path": path, "content": "b\n"}}
    hook("AfterTool", gemini(work.root, **written), tool="gemini")
    assert [agent for _, _, agent in kept(work.root)["src/b.py"]] == ["api-dev"]
    hook("AfterTool", start | {"tool_response": {}}, tool="gemini")
    work.write("src/b.py", "bb\n")
    hook("AfterTool", gemini(work.root, **written), tool="gemini")
    assert [agent for _, _, agent in kept(work.root)["src/b.py"]] == ["api-dev", "gemini"]


def test_a_sub_agent_of_a_turn_that_was_interrupted_has_ended(work: Repo, hook: Hook) -> None:
    start = gemini(work.root, tool_name="invoke_agent", tool_input={"agent_name": "api-dev"})
    hook("BeforeTool", start, tool="gemini")
    hook("BeforeAgent", gemini(work.root, prompt="go on"), tool="gemini")
    path = str(work.write("src/b.py", "b\n"))
    written = {"tool_name": "write_file", "tool_input": {"file_path": path, "content": "b\n"}}
    hook("AfterTool", gemini(work.root, **written), tool="gemini")
    assert [agent for _, _, agent in kept(work.root)["src/b.py"]] == ["gemini"]


# ----------------------------------------------------------------- the files that a command changes


@pytest.mark.parametrize("stage", ["", " && git add -A"])
def test_files_that_a_command_changes_are_kept(work: Repo, hook: Hook, stage: str) -> None:
    run(hook, work, f"sed -i s/two/TWO/ src/a.py && echo b >src/b.py{stage}")
    assert kept(work.root) == {
        "src/a.py": [(b"one\ntwo\nthree\n", b"one\nTWO\nthree\n", "claude-code")],
        "src/b.py": [(None, b"b\n", "claude-code")],
    }


def test_an_edit_of_what_the_shell_wrote_is_captured(work: Repo, hook: Hook) -> None:
    source = "def create(body):\n    size = body['size']\n    return Volume(size)\n"
    work.write("draft", source)
    run(hook, work, "cp draft src/b.py && rm draft && git add -A")
    work.write("src/b.py", source.replace("body['size']", "int(body['size'])"))
    commit_in(work, "fix: a size may come as text")
    (found,) = lines(state(work) / "outbox.jsonl")
    assert (found["agent"], found["source"]) == ("claude-code", "implicit")


def test_what_a_person_had_not_committed_stays_the_persons(work: Repo, hook: Hook) -> None:
    work.write("src/a.py", "one\ntwo\nthree\nfour, by hand\n")
    run(hook, work, "sed -i s/two/TWO/ src/a.py")
    ((before, after, _),) = kept(work.root)["src/a.py"]
    assert before == b"one\ntwo\nthree\nfour, by hand\n"
    assert after == b"one\nTWO\nthree\nfour, by hand\n"


def test_files_that_a_command_only_reads_are_not_kept(work: Repo, hook: Hook) -> None:
    work.write("src/a.py", "one\ntwo, by hand\nthree\n")
    work.write("src/new.py", "new, by hand\n")
    run(hook, work, "cat src/a.py src/new.py")
    assert kept(work.root) == {}


def test_ignored_files_are_not_kept(work: Repo, hook: Hook) -> None:
    run(hook, work, "echo secret >secret.env")
    assert kept(work.root) == {}


@pytest.mark.parametrize("command", ["git stash pop", "git checkout other -- src/a.py"])
def test_what_git_brings_back_is_not_the_agents(work: Repo, hook: Hook, command: str) -> None:
    work.git("branch", "other")
    work.write("src/a.py", "one\ntwo, by hand\nthree\n")
    if "stash" in command:
        work.git("stash")
    else:
        work.git("checkout", "-q", "other")
        work.commit("feat: by hand")
        work.git("checkout", "-q", "main")
    run(hook, work, f"{command} >/dev/null 2>&1")
    assert "by hand" in (work.root / "src/a.py").read_text()
    assert kept(work.root) == {}


def test_what_git_brings_back_is_not_the_agents_if_the_tool_names_it(
    work: Repo, hook: Hook
) -> None:
    path = str(work.write("src/a.py", "one\ntwo, by hand\nthree\n"))
    named = {"bashEditDiff": {"files": [], "changedFiles": [path]}}
    sent = shell(work.root, "git stash pop")
    hook("PostToolUse", sent | {"tool_response": named}, tool="claude-code")
    assert kept(work.root) == {}


def test_a_file_whose_content_before_is_unknown_is_not_kept(work: Repo, hook: Hook) -> None:
    repo = Repository.discover(work.root)
    now = time.time_ns() // 1000
    running = Running("command", "claude-code", now, files={"src/a.py": None})
    running_commands.add(repo, "claude-code", SESSION, "toolu_1", running)
    path = str(work.write("src/a.py", "one\ntwo, by hand\nTHREE\n"))
    named = {"bashEditDiff": {"files": [], "changedFiles": [path]}}
    hook("PostToolUse", shell(work.root, "make") | {"tool_response": named}, tool="claude-code")
    assert kept(work.root) == {}


def test_in_a_long_command_a_person_may_have_edited(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "make test")
    hook("PreToolUse", sent, tool="claude-code")
    repo = Repository.discover(work.root)
    running = running_commands.finish(repo, "claude-code", SESSION, "toolu_1")
    assert running is not None
    earlier = running._replace(time=running.time - 60_000_000)
    running_commands.add(repo, "claude-code", SESSION, "toolu_1", earlier)
    work.write("src/a.py", "one\ntwo, by hand\nthree\n")
    hook("PostToolUse", sent | {"tool_response": {}}, tool="claude-code")
    assert kept(work.root) == {}


def test_what_the_tool_tells_is_kept_however_long_it_took(work: Repo, hook: Hook) -> None:
    sent = shell(work.root, "make generate")
    path = str(work.write("src/b.py", "b\n"))
    named = {"bashEditDiff": {"files": [], "moreFiles": 0, "changedFiles": [path, 7, "/nowhere"]}}
    hook("PostToolUse", sent | {"tool_response": named}, tool="claude-code")
    assert kept(work.root) == {"src/b.py": [(None, b"b\n", "claude-code")]}


def test_a_slow_work_tree_is_looked_at_once_a_day(work: Repo, hook: Hook) -> None:
    repo = Repository.discover(work.root)
    known = Session(is_slow=True)
    agent_sessions.put(
        repo, "claude-code", "another", known, time.time_ns() // 1000 - 3_600_000_000
    )
    run(hook, work, "sed -i s/two/TWO/ src/a.py")
    assert kept(work.root) == {}


@pytest.mark.parametrize("count", [51, 300])
def test_many_changed_files_are_not_kept(work: Repo, hook: Hook, count: int) -> None:
    run(hook, work, f"for n in $(seq {count}); do echo $n >src/$n.txt; done")
    assert kept(work.root) == {}


# ------------------------------------------------------------------------------------- the state


def test_a_command_without_an_end_is_forgotten_after_a_day(repo: Repo) -> None:
    repo.commit("Begin")
    here = Repository.discover(repo.root)
    day = 86_400_000_000
    running_commands.add(here, "t", "s", "old", Running("command", "a", day, files={"f": b"x"}))
    running_commands.add(here, "t", "s", "new", Running("command", "a", 2 * day + 1))
    assert list(running_commands.of_session(here, "t", "s")) == ["new"]
    assert running_commands.finish(here, "t", "s", "old") is None


def test_a_command_is_given_back_as_it_was_kept(repo: Repo) -> None:
    repo.commit("Begin")
    here = Repository.discover(repo.root)
    kept = Running("command", "api-dev", 5, True, 77, {"a": b"1", "b\udcff": None})
    running_commands.add(here, "t", "s", "c", kept)
    assert running_commands.finish(here, "t", "s", "c") == kept
    assert running_commands.finish(here, "t", "s", "c") is None
