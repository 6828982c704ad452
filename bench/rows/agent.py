"""The events of a coding agent's tool, which waits for each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, Sample, git, process, take_turns
from bench.rows import commits
from bench.settings import Settings
from bench.workspace import scratch_dir
from errata.core.git import Repository
from errata.lessons import triggers
from errata.lessons.kinds import Fact
from errata.runbooks.index_path import VERSION
from errata.state import database

_GOAL = 100.0
"""Milliseconds, each: what the design promises a tool that waits."""
_FILE = "src/job.py"
_LINES = [f"    step_{n}(value)\n" for n in range(200)]
_RUNBOOK = ".claude/skills/runbooks/claude-code/RUNBOOK.md"
_TRANSCRIPT = "transcript.jsonl"
_INDEX = ".git/errata/lessons.json"
_LESSONS = 40
_FITS = "a file was written that a lesson fits"
_COMMAND = {"tool_name": "Bash", "tool_use_id": "t1", "tool_input": {"command": "make generate"}}
# What is measured -> the event, and what it holds.
_EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "a session begins": ("SessionStart", {"source": "startup"}),
    "a sub-agent begins": ("SubagentStart", {"agent_id": "a1", "agent_type": "explore"}),
    "a prompt": ("UserPromptSubmit", {"prompt": "Please add a page about volumes to the manual."}),
    "a prompt that corrects": (
        "UserPromptSubmit",
        {"prompt": "No, that is wrong. You forgot to check the size of volume"},
    ),
    "a prompt, with a transcript": (
        "UserPromptSubmit",
        {"prompt": "Please add a page about sizes to the manual.", "transcript_path": _TRANSCRIPT},
    ),
    "a prompt that corrects, with a transcript": (
        "UserPromptSubmit",
        {"prompt": "No, that is wrong. You forgot the size of", "transcript_path": _TRANSCRIPT},
    ),
    "a file was written": (
        "PostToolUse",
        {
            "tool_name": "Edit",
            "tool_input": {"file_path": _FILE, "old_string": "def run", "new_string": "def runs"},
        },
    ),
    _FITS: (
        "PostToolUse",
        {
            "tool_name": "Edit",
            "tool_input": {"file_path": _FILE, "old_string": "run", "new_string": "old_3(a)"},
        },
    ),
    "a command begins": ("PreToolUse", _COMMAND),
    "a command has changed a file": ("PostToolUse", _COMMAND),
    "a batch of calls has ended": (
        "PostToolBatch",
        {"tool_calls": [{"tool_name": "Bash", "tool_input": {}, "tool_response": "done"}]},
    ),
    "a session ends": ("SessionEnd", {"reason": "exit"}),
}


def run(settings: Settings) -> Iterator[Figure]:
    """Each event in a repository with a runbook and a file of 200 lines."""
    with scratch_dir() as root:
        _prepare(root)
        count = 0

        def event(what: str) -> Sample:
            nonlocal count
            count += 1
            return _event(root, what, count)

        def ours(what: str) -> Any:
            return lambda: event(what)

        samples = take_turns(
            {**{what: ours(what) for what in _EVENTS}, "": lambda: commits.start_up(root)},
            settings.runs * 4,
        )
        _check(root)
    for what, (name, _) in _EVENTS.items():
        yield Figure(
            f"{name}: {what}",
            settings.median(samples[what]) * 1e3,
            "ms",
            _GOAL,
            absolute=True,
            peer="bare interpreter",
            theirs=settings.median(samples[""]) * 1e3,
            note="whole processes",
        )


def _prepare(root: Path) -> None:
    git(root, "init", "-q")
    (root / _FILE).parent.mkdir()
    (root / _RUNBOOK).parent.mkdir(parents=True)
    (root / _FILE).write_text("".join(["def run(value):\n", *_LINES]))
    rules = "".join(f"- Check the size of part {n} before it is used.\n" for n in range(150))
    rules += "".join(
        f"- **no-old-{n}** (anti-pattern): Do not call `old_{n}`; call `new_{n}`.\n"
        f"  Before: `old_{n}(value)` After: `new_{n}(value)`\n"
        "  People corrected this 4 times, since 2025-01-15, last 2025-02-15; confidence 0.70.\n"
        for n in range(_LESSONS)
    )
    (root / _RUNBOOK).write_text(f"# claude-code\n\n## Patterns\n\n{rules}")
    (root / _TRANSCRIPT).write_text(_transcript())
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    facts = {f"no-old-{n}": Fact("callee-changed", f"old_{n} → new_{n}") for n in range(_LESSONS)}
    index = {name: triggers.of_fact(fact) for name, fact in facts.items()}
    (root / _INDEX).parent.mkdir()
    (root / _INDEX).write_text(json.dumps({"version": VERSION, "lessons": index}))


def _transcript() -> str:
    """A session of Claude Code of which the last turn alone is larger than what is read of it."""
    edit = {"type": "tool_use", "name": "Edit", "input": {"file_path": f"/r/{_FILE}"}}
    result = {"type": "tool_result", "content": "".join(_LINES[:20])}
    said = {"type": "text", "text": "I've added the page, and all tests pass. Shall I commit it?"}
    turn = [("assistant", edit), ("user", result)] * 100 + [("assistant", said)]
    rows = ({"type": kind, "message": {"content": [block]}} for kind, block in turn)
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _event(root: Path, what: str, count: int) -> Sample:
    name, fields = _EVENTS[what]
    if fields is _COMMAND and name == "PostToolUse":
        _event(root, "a command begins", count)
    # The same again would be found to be known.
    if name == "PostToolUse":
        (root / _FILE).write_text("".join(["def runs(value):\n", *_LINES, f"    # {count}\n"]))
    if "prompt" in fields:
        fields = {"prompt": f"{fields['prompt']} {count}."}
    if "transcript_path" in fields:
        fields = fields | {"transcript_path": str(root / _TRANSCRIPT)}
    # Each lesson is given once a session.
    session = f"s{count}" if what == _FITS else "s1"
    sent = {"session_id": session, "cwd": str(root), "hook_event_name": name, **fields}
    hook = [installed.script("errata"), "agent-hook", name, "--tool", "claude-code"]
    return process(hook, root, stdin=json.dumps(sent).encode())


def _check(root: Path) -> None:
    """The events did what they are for."""
    done = [".git/errata/state.db", ".git/errata/outbox.jsonl", ".git/errata/agent-edits"]
    missing = [path for path in done if not (root / path).exists()]
    if missing or (root / ".git/errata/errors.log").exists():
        raise BenchError(f"an event did not do its work; missing: {', '.join(missing) or 'none'}")
    if not database.fetch(Repository.discover(root), "SELECT 1 FROM lesson_exposures LIMIT 1"):
        raise BenchError("no lesson was given")
