"""What may import what: arrows point down only, and an idle hook pays for nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import errata

PACKAGE = Path(errata.__file__).parent
# Top to bottom; rooms of one floor do not import each other.
FLOORS = (
    ("cli",),
    ("commands", "githooks", "agenthooks"),
    ("installation",),
    ("skills",),
    ("runbooks",),
    ("patterns",),
    ("corrections",),
    ("provenance", "records"),
    ("rules", "git", "config", "errors", "trouble", "whole", "schemas"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
HEAVY = (
    "click",
    "rich",
    "jsonschema",
    "jsonschema_rs",
    "git",
    "unidiff",
    "pygments",
    "markdown_it",
    "msgspec",
    "filelock",
    "ruamel",
    "tomlkit",
    "detect_secrets",
)
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "schemas")


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module, wherever in the file: (line, dotted name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the whole name of the module"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def broken(path: str, source: str) -> list[str]:
    """The arrows of one module that point up or across."""
    parts = Path(path).with_suffix("").parts
    room = parts[0]
    if room not in FLOOR:
        assert room in ("__init__", "__main__"), f"{path}: in no known room"
        return []
    wrong = []
    for line, name in imports(ast.parse(source)):
        target = name.split(".")[1] if name.startswith("errata.") else ""
        if target not in FLOOR or target == room:
            continue
        # The ground floor holds single modules, which may use each other.
        ground = FLOOR[room] == len(FLOORS) - 1 == FLOOR[target]
        if FLOOR[target] <= FLOOR[room] and not ground:
            wrong.append(f"{path}:{line}: {room} imports {name}")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    assert broken(str(path.relative_to(PACKAGE)), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source", "good"),
    [
        ("corrections/x.py", "from errata.patterns import cache", False),
        ("corrections/x.py", "from errata.provenance import identity", True),
        ("corrections/x.py", "from errata import patterns", False),
        ("records/x.py", "import errata.provenance.rules", False),
        ("githooks/x.py", "def f():\n    from errata.commands import log", False),
        ("githooks/x.py", "def f():\n    from errata.runbooks import evolve", True),
        ("config.py", "from errata import errors", True),
        ("git.py", "from errata.records.model import Kind", False),
    ],
)
def test_the_check_of_arrows_itself(path: str, source: str, good: bool) -> None:
    assert (broken(path, source) == []) is good


PROBE = """
import sys
from errata.githooks import {module} as hook
status = hook.main({args!r})
found = sorted(name for name in {heavy!r} if name in sys.modules)
sys.exit(f"imported {{found}}") if found else sys.exit(status)
"""
IDLE: dict[str, list[str]] = {
    "validate_logs": ["README.md"],
    "check_runbooks": [],
    "check_skills": [],
    "refresh": ["0"],
    "capture": [],
    "rewrite": ["amend"],
    "stamp": [".git/COMMIT_EDITMSG", "message"],
    "check_trailers": [".git/COMMIT_EDITMSG"],
}


def test_every_hook_is_probed() -> None:
    hooks = {path.stem for path in (PACKAGE / "githooks").glob("[!_]*.py")}
    assert hooks == set(IDLE)


@pytest.mark.parametrize("module", IDLE)
def test_an_idle_hook_imports_nothing_heavy(repo: Any, module: str) -> None:
    repo.write("README.md", "one\n")
    repo.commit("One")
    repo.git("update-ref", "ORIG_HEAD", "HEAD")
    repo.write("README.md", "two\n")
    repo.git("add", "-A")
    repo.write(".git/COMMIT_EDITMSG", "Two\n\nSigned-off-by: Ann <ann@example.org>\n")
    probe = PROBE.format(module=module, args=IDLE[module], heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


EVENTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    # Event -> what is sent, and what may not be imported for it beside what is heavy for all.
    "SessionStart": ({}, ()),
    "SubagentStart": ({"agent_type": "api-dev"}, ()),
    "UserPromptSubmit": ({"prompt": "Please add a page to the manual."}, ("subprocess",)),
    "PostToolUse": (
        {"tool_name": "Write", "tool_input": {"file_path": "README.md", "content": "one"}},
        ("subprocess", "tomllib", "errata.config"),
    ),
    "SessionEnd": ({}, ("subprocess", "tomllib", "dataclasses", "errata.config")),
    "Stop": ({}, ("subprocess", "tomllib", "dataclasses", "pathlib", "hashlib", "contextlib")),
}
EVENT_PROBE = """
import sys
before = set(sys.modules)
from errata import cli
status = cli.main(["agent-hook", {event!r}, "--tool", "claude-code"])
found = sorted(name for name in {heavy!r} if name in sys.modules and name not in before)
sys.exit(f"imported {{found}}") if found else sys.exit(status)
"""


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_of_an_agent_imports_nothing_heavy(repo: Any, event: str) -> None:
    repo.write("README.md", "one\n")
    repo.commit("One")
    sent, more = EVENTS[event]
    probe = EVENT_PROBE.format(event=event, heavy=(*HEAVY, "importlib.metadata", *more))
    done = subprocess.run(
        [sys.executable, "-c", probe],
        input=json.dumps({"session_id": "s", "cwd": str(repo.root), **sent}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # It did what it is for, and no more than that.
    state = repo.root / ".git/errata"
    assert (state / "written").exists() is (event == "PostToolUse")
    assert not (state / "errors.log").exists()


def test_the_probe_sees_an_import(repo: Any) -> None:
    """A hook that has work to do does import; otherwise the probe above would prove nothing."""
    repo.jsonl(".claude/review-findings.jsonl", {"timestamp": "2025-01-15"})
    repo.git("add", "-A")
    probe = PROBE.format(module="validate_logs", args=[], heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert "jsonschema" in done.stderr.splitlines()[-1]
