"""The hook that runs accepted checks, and the event of an agent that does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, Sample, git, process, take_turns
from bench.rows import commits
from bench.settings import Settings
from bench.workspace import scratch_dir

_GOAL = 60.0
"""Milliseconds over the floor, for 10 rules and 5 staged files."""
_EVENT_GOAL = 100.0
_RULES, _FILES, _LINES = 10, 5, 200
_FOLDER = ".claude/checks/rules"
_STAGED = ["git", "diff", "--cached", "-U0"]


def run(settings: Settings) -> Iterator[Figure]:
    """The hook with 10 rules and 5 staged files, and without checks; an agent's edit."""
    times = _measure(settings)
    ours, bare = times["hook"], times["floor"]
    yield Figure(
        "pre-commit, 10 checks and 5 staged files: over the floor",
        max(ours - bare, 0.1),
        "ms",
        _GOAL,
        absolute=True,
        peer="the floor, bare interpreter and one git diff",
        theirs=bare,
        note="whole processes",
    )
    yield Figure(
        "pre-commit, no accepted check",
        times["idle"],
        "ms",
        2,
        "bare interpreter",
        times["bare"],
        note="whole processes",
    )
    yield Figure(
        "PostToolUse: a file was written, with 10 checks",
        times["event"],
        "ms",
        _EVENT_GOAL,
        absolute=True,
        peer="bare interpreter",
        theirs=times["bare"],
        note="whole processes",
    )


def _measure(settings: Settings) -> dict[str, float]:
    """The median of each call in milliseconds."""
    hook = installed.script("errata-check-lessons")
    with scratch_dir() as root:
        _prepare(root)
        calls: dict[str, Callable[[], Sample]] = {
            "hook": lambda: process([hook], root),
            "event": lambda: _event(root),
            "floor": lambda: commits.start_up(root) + process(_STAGED, root),
            "bare": lambda: commits.start_up(root),
        }
        samples = take_turns(calls, settings.runs * 4)
        if not (root / ".git/errata/checks.json").exists():
            raise BenchError("the hook ran no check")
        (root / _FOLDER).rename(root / "rules")
        samples |= take_turns({"idle": lambda: process([hook], root)}, settings.runs * 4)
    return {name: settings.median(taken) * 1e3 for name, taken in samples.items()}


def _prepare(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "Begin")
    (root / _FOLDER).mkdir(parents=True)
    for number in range(_RULES):
        (root / _FOLDER / f"no-old-{number}.yml").write_text(
            f"id: no-old-{number}\nlanguage: Python\nseverity: warning\n"
            f"message: Do not call old_{number}.\nrule:\n  pattern: old_{number}($$$)\n"
        )
    for number in range(_FILES):
        lines = [f"value_{n} = compute({n}, name={n!r})\n" for n in range(_LINES)]
        (root / f"m{number}.py").write_text("".join(lines))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Work")
    for number in range(_FILES):
        path = root / f"m{number}.py"
        path.write_text(f"{path.read_text()}other(1)\nold_{number}(2)\n")
    git(root, "add", "-A")


def _event(root: Path) -> Sample:
    sent = {
        "session_id": "s1",
        "cwd": str(root),
        "hook_event_name": "PostToolUse",
        "tool_name": "Edit",
        "tool_input": {
            "file_path": str(root / "m1.py"),
            "old_string": "",
            "new_string": "old_1(2)",
        },
    }
    script = [installed.script("errata"), "agent-hook", "PostToolUse", "--tool", "claude-code"]
    return process(script, root, stdin=json.dumps(sent).encode())
