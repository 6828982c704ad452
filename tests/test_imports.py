"""Hooks and events with nothing to do import no heavy packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import errata
from record_builders import FINDINGS, finding

PACKAGE = Path(errata.__file__).parent
HEAVY = (
    "ast_grep_py",
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
    "yaml",
    "tomlkit",
    "detect_secrets",
    "vl_convert",
    "ibis",
    "duckdb",
    "pyarrow",
)

PROBE = """
import sys
from errata.githooks import {module} as hook
status = hook.main({args!r})
imported = sorted(name for name in {heavy!r} if name in sys.modules)
sys.exit(f"imported {{imported}}") if imported else sys.exit(status)
"""
IDLE: dict[str, list[str]] = {
    "validate_logs": ["README.md"],
    "check_runbooks": [],
    "check_skills": [],
    "check_lessons": [],
    "refresh": ["0"],
    "capture": [],
    "rewrite": ["amend"],
    "stamp": [".git/COMMIT_EDITMSG", "message"],
    "check_trailers": [".git/COMMIT_EDITMSG"],
}


def test_every_hook_has_an_idle_call() -> None:
    hooks = {path.stem for path in (PACKAGE / "githooks").glob("[!_]*.py")}
    assert hooks == set(IDLE)


@pytest.mark.parametrize("module", IDLE)
def test_idle_hook_imports_nothing_heavy(repo: Any, module: str) -> None:
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
    # Event -> its fields, and more modules that it must not import.
    "SessionStart": ({}, ()),
    "SubagentStart": ({"agent_type": "api-dev"}, ()),
    "UserPromptSubmit": ({"prompt": "Please add a page to the manual."}, ("subprocess",)),
    "PostToolUse": (
        {"tool_name": "Write", "tool_input": {"file_path": "README.md", "content": "one"}},
        ("subprocess", "tomllib", "errata.core.config"),
    ),
    "SessionEnd": ({}, ("subprocess", "tomllib", "dataclasses", "errata.core.config")),
    "Stop": ({}, ("subprocess", "tomllib", "dataclasses", "pathlib", "hashlib", "contextlib")),
}
EVENT_PROBE = """
import sys
before = set(sys.modules)
from errata import cli
status = cli.main(["agent-hook", {event!r}, "--tool", "claude-code"])
imported = sorted(name for name in {heavy!r} if name in sys.modules and name not in before)
sys.exit(f"imported {{imported}}") if imported else sys.exit(status)
"""


@pytest.mark.parametrize("event", EVENTS)
def test_agent_event_imports_nothing_heavy(repo: Any, event: str) -> None:
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
    # The event was handled.
    state = repo.root / ".git/errata"
    assert (state / "agent-edits").exists() is (event == "PostToolUse")
    assert not (state / "errors.log").exists()


def test_probe_detects_imports(repo: Any) -> None:
    """A hook with work to do does import them; otherwise the tests above prove nothing."""
    repo.jsonl(".claude/review-findings.jsonl", {"timestamp": "2025-01-15"})
    repo.git("add", "-A")
    probe = PROBE.format(module="validate_logs", args=[], heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert "jsonschema" in done.stderr.splitlines()[-1]


def test_a_view_imports_nothing_that_only_describing_needs(repo: Any) -> None:
    """To name groups, a view reads the descriptions that records have."""
    unnamed = [finding(n, "", description=f"Close cursor {n}") for n in range(5)]
    repo.jsonl(FINDINGS, *unnamed)
    probe = (
        "import sys; from errata.cli import main; status = main(['patterns'])\n"
        "unwanted = {'errata.lessons.elements', 'errata.messages.redact'} & sys.modules.keys()\n"
        "assert 'errata.lessons.groups' in sys.modules\n"
        "sys.exit(str(unwanted) if unwanted else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
