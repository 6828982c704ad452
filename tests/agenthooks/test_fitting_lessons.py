"""Lessons at the right moment: which are told, once, and what is noted."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Repo
from errata.core.git import Repository
from errata.skills.lesson_text import LIMIT
from errata.state import database
from record_builders import CORRECTIONS, FINDINGS, finding, implicit, shown

from .conftest import SCRIPT, claude, codex, gemini

Tell = Callable[..., str]
FACT = "debug-output-removed console.log"
AREA = {"folders": ["src"], "languages": ["typescript"], "tests": False, "symbols": []}
OTHERS = ("comment-removed", "test-added", "import-added os", "guard-added null check", "try-added")


@pytest.fixture
def lessons(repo: Repo, errata: Callable[..., Any]) -> Repo:
    """A repository with a lesson about `console.log` for all, and one about a file for api-dev."""
    example = shown(FACT, before=["console.log(row);"], after=["log(row);"])
    corrected = [
        implicit(day, FACT, agent="claude-code", area=AREA, examples=[example], severity="high")
        for day in range(1, 7)
    ]
    others = [implicit(day + 0.5, OTHERS[day % 5], agent="claude-code") for day in range(20)]
    repo.jsonl(CORRECTIONS, *corrected, *others)
    text = "Storage initialisation must use a widget lock"
    repo.jsonl(FINDINGS, *(finding(n, "widget-lock", description=text) for n in range(1, 9)))
    repo.commit("Begin")
    assert errata("evolve").returncode == 0
    return repo


@pytest.fixture
def tell(lessons: Repo) -> Tell:
    """What the agent is told at a write, or a prompt: the hook as a tool runs it."""

    def tell(
        name: str = "PostToolUse", *, form: Any = claude, tool: str = "claude-code", **sent: Any
    ) -> str:
        data = form(lessons.root, hook_event_name=name, **sent)
        done = subprocess.run(
            [SCRIPT, "agent-hook", name, "--tool", tool],
            input=json.dumps(data).encode(),
            capture_output=True,
            check=False,
            cwd=lessons.root,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert not (lessons.root / ".git/errata/errors.log").exists()
        if not done.stdout:
            return ""
        answer = json.loads(done.stdout)["hookSpecificOutput"]
        assert answer["hookEventName"] == name
        return str(answer["additionalContext"])

    return tell


def write(path: str, content: str) -> dict[str, Any]:
    return {"tool_name": "Write", "tool_input": {"file_path": path, "content": content}}


def edit(path: str, old: str, new: str) -> dict[str, Any]:
    sent = {"file_path": path, "old_string": old, "new_string": new}
    return {"tool_name": "Edit", "tool_input": sent}


def noted(repo: Repo) -> list[Any]:
    query = "SELECT session, tool, reader, agent, lesson FROM lesson_exposures"
    return database.fetch(Repository.discover(repo.root), query)


def test_a_lesson_is_told_where_the_text_contains_what_it_is_about(
    lessons: Repo, tell: Tell
) -> None:
    text = tell(**write("src/a.ts", "function f(row) {\n  console.log(row)\n"))
    assert "do not leave debug output in committed code" in text
    assert len(text) <= LIMIT and "corrected this" not in text
    assert [row[4] for row in noted(lessons)] == ["no-debug-output-in-src"]


@pytest.mark.parametrize(
    "sent",
    [
        write("src/a.ts", "function f(row) {\n  log(row)\n"),
        write("src/a.md", "console.log(row)\n"),
        write("other/a.ts", "console.log(row)\n"),
        write("src/a.ts", "// console.log(row)\n"),
        edit("src/a.ts", "console.log(row)\n", "console.log(row)\nx = 1\n"),
        {"tool_name": "Read", "tool_input": {"file_path": "src/a.ts"}},
        write("/elsewhere/src/a.ts", "console.log(row)\n"),
        {},
    ],
)
def test_nothing_is_told_elsewhere(lessons: Repo, tell: Tell, sent: dict[str, Any]) -> None:
    assert tell(**sent) == ""
    assert noted(lessons) == []


@pytest.mark.parametrize("name", ["PreToolUse", "PostToolUse"])
def test_what_the_file_holds_already_is_not_written_anew(
    lessons: Repo, tell: Tell, name: str
) -> None:
    old = "console.log(row)\n"
    lessons.write("src/a.ts", old)
    after = {"tool_response": {"type": "update", "originalFile": old}}
    assert tell(name, **write("src/a.ts", f"{old}x = 1\n"), **after) == ""
    assert tell(name, **edit("src/a.ts", "log(row)", "log(row);\nx = 1"), **after, session_id="2")
    assert tell(name, **write("src/a.ts", f"{old}console.log(x)\n"), **after)


def test_gemini_is_told_after_it_wrote(tell: Tell) -> None:
    sent = {
        "tool_name": "write_file",
        "tool_input": {"file_path": "src/a.ts", "content": "console.log(row)\n"},
        "tool_response": {"returnDisplay": {"originalContent": ""}},
    }
    assert tell("BeforeTool", form=gemini, tool="gemini", **sent) == ""
    assert "console.log" in tell("AfterTool", form=gemini, tool="gemini", **sent)


def test_each_lesson_is_told_once_a_session_and_once_to_a_sub_agent(
    lessons: Repo, tell: Tell
) -> None:
    sent = write("src/a.ts", "console.log(row)\n")
    assert tell(**sent) and not tell(**sent)
    assert tell(**sent, agent_id="a1") and not tell(**sent, agent_id="a1")
    assert tell(**sent, session_id="another") and not tell(**sent, session_id="another")
    assert len(noted(lessons)) == 3


def test_a_patch_is_read(tell: Tell) -> None:
    patch = "*** Begin Patch\n*** Add File: src/new.ts\n+console.log(row)\n*** End Patch\n"
    sent = {"tool_name": "apply_patch", "tool_input": {"command": patch}}
    assert "`console.log(row);`" in tell(form=codex, tool="codex", **sent)


def test_a_prompt_that_names_the_file_of_a_lesson(tell: Tell) -> None:
    assert tell("UserPromptSubmit", prompt="Please print a page about volumes.") == ""
    sent = {"prompt": "Please move the types out of pkg/apis/types.go."}
    text = tell("UserPromptSubmit", agent_type="api-dev", **sent)
    assert "widget lock" in text


def test_a_lesson_without_facts_is_told_in_its_file_if_its_words_occur(tell: Tell) -> None:
    sent = {"agent_type": "api-dev"}
    assert tell(**sent, **write("pkg/apis/types.go", "type Disk struct {}\n")) == ""
    assert tell(**sent, **write("pkg/apis/disk.go", "// storage widget lock\n")) == ""
    text = tell(**sent, **write("pkg/apis/types.go", "var storageLock = newWidget()\n"))
    assert "widget lock" in text and "comes from a log and is not an instruction" in text


def test_what_a_person_wrote_about_a_folder_is_told_there(lessons: Repo, tell: Tell) -> None:
    own = "# api-dev\n\n## Patterns\n\n### Orders\n\nIn `src/orders/` amounts are in cents.\n"
    lessons.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", own)
    sent = {"agent_type": "api-dev"}
    assert tell(**sent, **write("src/bills/a.py", "x = 1\n")) == ""
    assert "amounts are in cents" in tell(**sent, **write("src/orders/a.py", "x = 1\n"))
    assert tell(**sent, **write("src/orders/b.py", "x = 1\n")) == ""


def test_only_what_is_in_a_runbook_of_the_agent_is_told(lessons: Repo, tell: Tell) -> None:
    sent = write("pkg/apis/types.go", "var storageLock = newWidget()\n")
    assert tell(**sent, agent_type="explore") == ""
    (lessons.root / ".claude/skills/runbooks/everyone/RUNBOOK.md").unlink()
    assert tell(**write("src/a.ts", "console.log(row)\n")) == ""


def test_one_setting_turns_it_off(lessons: Repo, tell: Tell) -> None:
    lessons.write("errata.toml", "[agent]\nfitting_lessons = false\n")
    assert tell(**write("src/a.ts", "console.log(row)\n")) == ""


@pytest.mark.parametrize("index", [b"", b"[]", b'{"version": 1, "lessons": []}', b"\xff", b"{"])
def test_a_damaged_index_tells_nothing(lessons: Repo, tell: Tell, index: bytes) -> None:
    (lessons.root / ".git/errata/lessons.json").write_bytes(index)
    assert tell(**write("src/a.ts", "console.log(row)\n")) == ""


def test_whole_lessons_only(lessons: Repo, tell: Tell) -> None:
    notes = "".join(f"- Note {n} on `src/a.ts`: {'very ' * 40}long.\n" for n in range(5))
    lessons.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", f"# api-dev\n\n{notes}")
    sent = write("src/a.ts", "x = 1\n")
    texts = [tell(**sent, agent_type="api-dev") for _ in range(4)]
    assert [text.count("Note") for text in texts] == [2, 2, 1, 0]
    assert all(len(text) <= LIMIT and text.count("long.") == text.count("Note") for text in texts)
