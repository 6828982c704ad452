"""Events of further tools, with the fields that they send: lessons, prompts and edits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agenthooks.conftest import Hook, exposures, lines, sessions, silent, state
from conftest import Repo

LESSON = "Check every size."
PROMPT = "you forgot to close the file"


def places(root: Path) -> dict[str, dict[str, Any]]:
    """Tool -> what each of its events holds, with the tool's name of the event."""
    file = str(root / "src/a.py")
    claude = {"session_id": "s-1", "cwd": str(root), "transcript_path": ""}
    copilot = {"sessionId": "s-1", "timestamp": 1, "cwd": str(root)}
    cline = {"clineVersion": "3.0", "taskId": "s-1", "workspaceRoots": [str(root)]}
    augment = {"conversation_id": "s-1", "workspace_roots": [str(root)]}
    goose = {"session_id": "s-1", "matcher_context": "x", "working_dir": str(root)}
    return {
        "qwen": {
            "UserPromptSubmit": {**claude, "prompt": PROMPT},
            "PostToolUse": {
                **claude,
                "tool_name": "edit",
                "tool_input": {"file_path": file, "old_string": "2", "new_string": "two"},
                "tool_response": {"returnDisplay": {"originalContent": "one\n2\nthree\n"}},
            },
        },
        "opencode": {
            "SessionStart": {**claude},
            "UserPromptSubmit": {**claude, "prompt": PROMPT},
            "PostToolUse": {
                **claude,
                "tool_name": "edit",
                "tool_input": {"filePath": file, "oldString": "2", "newString": "two"},
                "original": "one\n2\nthree\n",
            },
        },
        "copilot": {
            "sessionStart": {**copilot, "source": "new", "initialPrompt": PROMPT},
            "userPromptSubmitted": {**copilot, "prompt": PROMPT},
            "postToolUse": {
                **copilot,
                "toolName": "edit",
                "toolArgs": {"path": file, "old_str": "2", "new_str": "two"},
                "toolResult": {"resultType": "success", "textResultForLlm": "updated"},
            },
        },
        "cline": {
            "TaskStart": {**cline, "hookName": "TaskStart", "taskStart": {"taskMetadata": {}}},
            "UserPromptSubmit": {**cline, "userPromptSubmit": {"prompt": PROMPT}},
            "PostToolUse": {
                **cline,
                "postToolUse": {"toolName": "replace_in_file", "parameters": {"path": "src/a.py"}},
            },
        },
        "augment": {
            "SessionStart": {**augment, "hook_event_name": "SessionStart"},
            "PromptSubmit": {**augment, "user_prompt": PROMPT},
            "PostToolUse": {
                **augment,
                "tool_name": "str-replace-editor",
                "tool_input": {"path": "src/a.py", "old_str_1": "2", "new_str_1": "two"},
                "tool_error": None,
            },
        },
        "amp": {
            "SessionStart": {"session_id": "s-1", "cwd": str(root)},
            "UserPromptSubmit": {"session_id": "s-1", "cwd": str(root), "prompt": PROMPT},
            "PostToolUse": {"session_id": "s-1", "cwd": str(root), "tool_input": {"path": file}},
        },
        "goose": {
            "UserPromptSubmit": {**goose, "event": "UserPromptSubmit", "message": PROMPT},
            "PostToolUse": {
                **goose,
                "event": "PostToolUse",
                "tool_name": "developer__edit",
                "tool_input": {"path": file, "before": "2", "after": "two"},
            },
        },
        "factory": {
            "SessionStart": {**claude, "source": "startup"},
            "UserPromptSubmit": {**claude, "prompt": PROMPT},
            "PostToolUse": {
                **claude,
                "tool_name": "Edit",
                "tool_input": {"file_path": file, "old_str": "2", "new_str": "two"},
            },
        },
    }


TOOLS = list(places(Path("/")))
GIVEN = {
    "opencode": ["additional_context"],
    "copilot": ["additionalContext"],
    "cline": ["contextModification"],
    "augment": ["hookSpecificOutput", "additionalContext"],
    "amp": ["additional_context"],
    "factory": ["hookSpecificOutput", "additionalContext"],
}


@pytest.mark.parametrize("tool", GIVEN)
def test_the_lessons_when_a_session_begins(project: Repo, hook: Hook, tool: str) -> None:
    event, payload = next(iter(places(project.root)[tool].items()))
    answer = json.loads(hook(event, payload, tool=tool, ERRATA_AGENT="api-dev").stdout)
    if tool == "cline":
        assert answer.pop("cancel") is False
    for key in GIVEN[tool]:
        assert "hookEventName" in answer or list(answer) == [key]
        answer = answer[key]
    assert LESSON in answer
    (noted,) = exposures(project.root)
    assert (noted["tool"], noted["session"], noted["agent"]) == (tool, "s-1", "api-dev")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_prompt_and_an_edit(project: Repo, hook: Hook, tool: str) -> None:
    project.write("src/a.py", "one\ntwo\nthree\n")
    events = places(project.root)[tool]
    edit, prompt = list(events)[-1], list(events)[-2]
    assert silent(hook(edit, events[edit], tool=tool))
    assert sessions(project.root) == {"s-1": ["src/a.py"]}
    answer = hook(prompt, events[prompt], tool=tool).stdout
    # It takes no text when a session begins, but with the first prompt.
    assert bool(answer) == (tool == "qwen")
    assert silent(hook(prompt, events[prompt], tool=tool))
    (said,) = lines(state(project) / "outbox.jsonl")
    assert (said["agent"], said["session_id"]) == (tool, "s-1")
    assert said["ai_action"]["file"] == "src/a.py"


def test_a_prompt_for_a_sub_agent_is_no_persons(project: Repo, hook: Hook) -> None:
    prompt = {**places(project.root)["copilot"]["userPromptSubmitted"], "parentAgentId": "p"}
    assert silent(hook("userPromptSubmitted", prompt, tool="copilot"))
    assert not lines(state(project) / "outbox.jsonl")


def test_hooks_of_another_tool_are_ignored_where_copilot_runs_them(
    project: Repo, hook: Hook
) -> None:
    prompt = {"session_id": "s-1", "cwd": str(project.root), "prompt": PROMPT}
    env = {"COPILOT_PROJECT_DIR": str(project.root)}
    assert silent(hook("UserPromptSubmit", prompt, tool="claude-code", **env))
    assert not lines(state(project) / "outbox.jsonl")
    assert silent(hook("UserPromptSubmit", prompt, tool="copilot", **env))
    assert len(lines(state(project) / "outbox.jsonl")) == 1


def test_copilots_sub_agent_gets_the_lessons_of_its_role(project: Repo, hook: Hook) -> None:
    event = {"sessionId": "s-1", "cwd": str(project.root), "agentName": "api-dev", "agentId": "x"}
    answer = json.loads(hook("subagentStart", event, tool="copilot").stdout)
    assert LESSON in answer["additionalContext"]
