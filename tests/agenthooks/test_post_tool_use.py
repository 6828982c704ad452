"""PostToolUse and SessionEnd: what is kept of a file that an agent's tool wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.core.git import Repository
from errata.state import agent_edits

from .conftest import SCRIPT, Hook, claude, codex, cursor, gemini, sessions, silent, state

BEFORE = b"one\ntwo\nthree\n"
AFTER = b"one\nTWO\nthree\n"


def edit_histories(root: Path) -> dict[str, agent_edits.EditHistory]:
    """What is kept, by path."""
    return agent_edits.edit_histories(Repository.discover(root), time.time_ns() // 1000, 14)


def only_edit(root: Path, path: str = "src/a.py") -> tuple[bytes | None, bytes, agent_edits.Writer]:
    """The only edit of a file."""
    (only,) = edit_histories(root)[path]
    return only.before, only.after, only.writer


def edit(root: Path, path: str = "src/a.py", **fields: Any) -> dict[str, Any]:
    """Claude Code's Edit of two to TWO."""
    given = {"file_path": str(root / path), "old_string": "two", "new_string": "TWO"}
    return claude(root, tool_name="Edit", tool_input=given, **fields)


PATCH = "*** Begin Patch\n*** Update File: src/a.py\n@@\n one\n-two\n+TWO\n*** End Patch\n"
DIFF = {"fileName": "a.py", "originalContent": BEFORE.decode(), "newContent": AFTER.decode()}
WRITES = {
    "claude-code Edit": lambda root: edit(
        root, tool_response={"originalFile": BEFORE.decode(), "structuredPatch": []}
    ),
    "claude-code Edit, no original": edit,
    "claude-code Write": lambda root: claude(
        root,
        tool_name="Write",
        tool_input={"file_path": str(root / "src/a.py"), "content": AFTER.decode()},
        tool_response={"type": "update", "originalFile": BEFORE.decode()},
    ),
    "claude-code MultiEdit": lambda root: claude(
        root,
        tool_name="MultiEdit",
        tool_input={
            "file_path": str(root / "src/a.py"),
            "edits": [
                {"old_string": "two", "new_string": "2"},
                {"old_string": "2", "new_string": "TWO"},
            ],
        },
    ),
    "codex apply_patch": lambda root: codex(
        root,
        turn_id="t",
        tool_name="apply_patch",
        tool_input={"command": PATCH},
        tool_response="ok",
    ),
    "gemini replace": lambda root: gemini(
        root,
        hook_event_name="AfterTool",
        tool_name="replace",
        tool_input={
            "file_path": str(root / "src/a.py"),
            "old_string": "two",
            "new_string": "TWO",
        },
        tool_response={"llmContent": "done", "returnDisplay": DIFF},
    ),
    "gemini write_file": lambda root: gemini(
        root,
        tool_name="write_file",
        tool_input={"file_path": "src/a.py", "content": AFTER.decode()},
        tool_response={"returnDisplay": DIFF},
    ),
    "cursor afterFileEdit": lambda root: cursor(
        root,
        hook_event_name="afterFileEdit",
        file_path=str(root / "src/a.py"),
        edits=[{"old_string": "two", "new_string": "TWO"}],
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_both_versions_are_stored(project: Repo, hook: Hook, name: str) -> None:
    tool = name.split()[0]
    event = {"gemini": "AfterTool", "cursor": "afterFileEdit"}.get(tool, "PostToolUse")
    project.write("src/a.py", AFTER)
    sent = WRITES[name](project.root)
    assert silent(hook(event, sent, tool=tool, cwd=project.root / "src"))
    before, after, writer = only_edit(project.root)
    assert (before, after) == (BEFORE, AFTER)
    assert writer.agent == writer.tool == tool
    assert writer.session
    assert not (state(project) / "errors.log").exists()


def test_notebook_edits_are_stored(project: Repo, hook: Hook) -> None:
    project.write("n.ipynb", "{}\n")
    given = {"notebook_path": str(project.root / "n.ipynb"), "new_source": "x", "cell_id": "1"}
    sent = claude(project.root, tool_name="NotebookEdit", tool_input=given)
    assert silent(hook("PostToolUse", sent))
    assert only_edit(project.root, "n.ipynb")[:2] == (None, b"{}\n")


def test_new_file_has_no_content_before(project: Repo, hook: Hook) -> None:
    project.write("src/new é.py", "x\n")
    given = {"file_path": str(project.root / "src/new é.py"), "content": "x\n"}
    reply = {"type": "create", "originalFile": None}
    sent = claude(project.root, tool_name="Write", tool_input=given, tool_response=reply)
    assert silent(hook("PostToolUse", sent))
    assert only_edit(project.root, "src/new é.py")[:2] == (None, b"x\n")


def test_patch_of_several_files(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER)
    project.write("src/b.py", "new\n")
    patch = PATCH.replace("*** End", "*** Add File: src/b.py\n+new\n*** Delete File: c\n*** End")
    sent = codex(project.root, tool_name="apply_patch", tool_input={"command": patch})
    assert silent(hook("PostToolUse", sent))
    assert set(edit_histories(project.root)) == {"src/a.py", "src/b.py"}


def test_sub_agent_or_role_is_the_writer(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER)
    assert silent(hook("PostToolUse", edit(project.root, agent_id="x", agent_type="api-dev")))
    assert only_edit(project.root)[2].agent == "api-dev"
    project.write("src/b.py", AFTER)
    sent = edit(project.root, "src/b.py", agent_type="api-dev")
    assert silent(hook("PostToolUse", sent, ERRATA_AGENT="sre"))
    assert only_edit(project.root, "src/b.py")[2].agent == "sre"


def test_crlf_is_restored(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER.replace(b"\n", b"\r\n"))
    reply = {"originalFile": BEFORE.decode()}
    assert silent(hook("PostToolUse", edit(project.root, tool_response=reply)))
    assert only_edit(project.root)[0] == BEFORE.replace(b"\n", b"\r\n")


def ignored(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.write("secret.env", AFTER)


def inside_git(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.write(".git/hooks/x", AFTER)


def outside(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    (tmp / "x.py").write_bytes(AFTER)
    return tmp / "x.py"


def link_out(repo: Repo, tmp: Path) -> Path:
    (repo.root / "link.py").symlink_to(outside(repo, tmp))
    return repo.root / "link.py"


def folder_link_out(repo: Repo, tmp: Path) -> Path:
    outside(repo, tmp)
    (repo.root / "out").symlink_to(tmp)
    return repo.root / "out/x.py"


def large(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.write("large.py", AFTER * 80_000)


def binary(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.write("a.bin", b"\0TWO")


def gone(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.root / "gone.py"


def folder(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.root / "src"


def fifo(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    os.mkfifo(repo.root / "pipe")
    return repo.root / "pipe"


def another_repository(repo: Repo, tmp: Path) -> Path:
    repo.git("init", "-q", str(tmp / "other"))
    (tmp / "other/x.py").write_bytes(AFTER)
    return tmp / "other/x.py"


def nul(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return Path("a\0b")


def half_a_character(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return Path("a\ud800b.py")


LEFT = (
    *(ignored, inside_git, outside, link_out, folder_link_out, large, binary, gone, folder, fifo),
    *(another_repository, nul, half_a_character),
)


@pytest.mark.parametrize("where", LEFT, ids=lambda f: f.__name__)
def test_files_that_are_not_stored(project: Repo, hook: Hook, tmp_path: Path, where: Any) -> None:
    path = where(project, tmp_path)
    assert silent(hook("PostToolUse", edit(project.root, str(path))))
    assert edit_histories(project.root) == {}
    assert not (state(project) / "errors.log").exists()
    assert not (tmp_path / "other/.git/errata").exists()


def test_link_inside_the_worktree_is_resolved(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER)
    (project.root / "link.py").symlink_to("src/a.py")
    assert silent(hook("PostToolUse", edit(project.root, "link.py")))
    assert list(edit_histories(project.root)) == ["src/a.py"]


def test_file_in_another_worktree_of_the_repository(
    project: Repo, hook: Hook, tmp_path: Path
) -> None:
    project.git("worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked/src/a.py").write_bytes(AFTER)
    assert silent(hook("PostToolUse", edit(project.root, str(tmp_path / "linked/src/a.py"))))
    assert edit_histories(project.root) == {}
    assert only_edit(tmp_path / "linked")[:2] == (BEFORE, AFTER)


@pytest.mark.parametrize(
    "sent",
    [
        {"tool_name": "Read", "tool_input": {"file_path": "src/a.py"}},
        {"tool_name": "Bash", "tool_input": {"command": "ls"}},
        {"tool_name": "Edit"},
        {"tool_name": "Edit", "tool_input": "src/a.py"},
        {"tool_name": "Edit", "tool_input": {"file_path": ["src/a.py"]}},
        {"tool_name": 5, "tool_input": {"file_path": "src/a.py"}},
        {},
    ],
    ids=str,
)
def test_other_tools_and_unusual_events_store_nothing(
    project: Repo, hook: Hook, sent: dict[str, Any]
) -> None:
    assert silent(hook("PostToolUse", claude(project.root, **sent)))
    assert not state(project).exists()


def test_failed_write_stores_nothing(project: Repo, hook: Hook) -> None:
    sent = WRITES["gemini replace"](project.root) | {"tool_response": {"error": {"message": "x"}}}
    assert silent(hook("AfterTool", sent, tool="gemini"))
    assert not state(project).exists()


@pytest.mark.parametrize("setting", ["enabled", "before_commit"])
def test_settings_turn_it_off(project: Repo, hook: Hook, setting: str) -> None:
    project.write("errata.toml", f"[capture]\n{setting} = false\n")
    project.write("src/a.py", AFTER)
    assert silent(hook("PostToolUse", edit(project.root)))
    assert edit_histories(project.root) == {}


def test_a_session_that_ends_may_be_resumed(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER)
    hook("PostToolUse", edit(project.root))
    assert silent(hook("SessionEnd", claude(project.root, reason="exit")))
    assert list(sessions(project.root).values()) == [["src/a.py"]]
    # What an agent wrote is still to be compared with what will be committed.
    assert list(edit_histories(project.root)) == ["src/a.py"]


def test_damaged_database_is_renamed(project: Repo, hook: Hook) -> None:
    project.write("src/a.py", AFTER)
    for damage in (b"[" * 100_000, b"\xff" * 600, b"SQLite format 3\0" * 999):
        (state(project) / "state.db").unlink(missing_ok=True)
        project.write(".git/errata/state.db", damage)
        assert silent(hook("PostToolUse", edit(project.root)))
        assert (state(project) / "state.db.damaged").read_bytes() == damage
        assert list(sessions(project.root).values()) == [["src/a.py"]]
        assert list(edit_histories(project.root)) == ["src/a.py"]
    assert len((state(project) / "errors.log").read_text().splitlines()) == 3


def test_concurrent_events_are_all_stored(project: Repo) -> None:
    import json

    names = [f"src/{n}.py" for n in range(4)]
    processes = []
    for name in names:
        project.write(name, AFTER)
        child = subprocess.Popen(
            [SCRIPT, "agent-hook", "PostToolUse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        processes.append((child, json.dumps(edit(project.root, name)).encode()))
    for child, sent in processes:
        assert child.communicate(sent, timeout=30)[0] == b""
    assert set(edit_histories(project.root)) == set(names)
    (files,) = sessions(project.root).values()
    assert set(files) == set(names)


def test_commit_captures_an_edit_made_before_it(project: Repo, hook: Hook) -> None:
    body = "".join(f"    step_{n}(value)\n" for n in range(8))
    agents = f"def run(value):\n{body}    return value\n"
    project.write("src/run.py", agents)
    given = {"file_path": str(project.root / "src/run.py"), "content": agents}
    hook("PostToolUse", claude(project.root, tool_name="Write", tool_input=given))
    checked = "    if value is None:\n        raise ValueError('no value')\n"
    project.write("src/run.py", agents.replace("    step_3", f"{checked}    step_3"))
    project.commit("fix: values that are missing are refused")
    capture = Path(sys.executable).with_name("errata-capture")
    done = subprocess.run([capture], cwd=project.root, capture_output=True, text=True, check=False)
    assert "captured a correction: claude-code" in done.stdout, done.stderr
