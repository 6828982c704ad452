"""What coding agents' tools really sent, replayed in a real repository.

``make test-agents ARGS=--record`` writes the folders in ``recorded/``, one for each version of a
tool. A file holds an event or a commit, the files that changed since the one before, the
environment, and what errata must do (``expect``, described in ``qa/agents/expected.py``).
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.core.git import Repository
from errata.rules import load
from errata.setup import agents_texts
from errata.state import agent_edits

from .conftest import SCRIPT, Hook, lines, state

RECORDED = Path(__file__).with_name("recorded")
FOLDERS = sorted(path for path in RECORDED.iterdir() if path.is_dir())
RUNBOOK = "# {0}\n\n## Recent learnings\n\n- {1}\n"
GIT_HOOKS = {"prepare-commit-msg": "errata-stamp", "post-commit": "errata-capture"}
AGENT_TRAILERS = ("Agent", "Agent-Session")


@pytest.fixture
def learned(project: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with errata's git hooks, and runbooks for every tool and for a role."""
    repo = project
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.delenv(name)
    lessons = dict.fromkeys(("claude-code", "codex", "gemini"), "LESSON-OF-THE-TOOL")
    for agent, lesson in {**lessons, "api-dev": "LESSON-OF-THE-ROLE"}.items():
        path = f".claude/skills/runbooks/{agent}/RUNBOOK.md"
        repo.write(path, RUNBOOK.format(agent, lesson))
    for path, text in agents_texts.wanted([*lessons]).items():
        repo.write(path, text)
    repo.commit("Begin")
    for name, program in GIT_HOOKS.items():
        script = f'#!/bin/sh\nexec "{Path(SCRIPT).with_name(program)}" "$@"\n'
        repo.write(f".git/hooks/{name}", script).chmod(0o755)
    return repo


def is_subscribed(tool: str, event: dict[str, Any]) -> bool:
    """Whether the hooks that ``errata init`` writes run for an event."""
    matchers = load("agents")["tools"][tool]["setup"]["matchers"]
    matcher = matchers.get(event["hook_event_name"])
    return matcher is not None and bool(re.fullmatch(matcher or ".*", event.get("tool_name", "")))


def corrections(repo: Repo, source: str) -> list[dict[str, Any]]:
    """Those captured so far."""
    kept = [
        record
        for path in [repo.root / ".claude/user-corrections.jsonl", *state(repo).glob("*.jsonl")]
        for record in lines(path)
    ]
    return [record for record in kept if record.get("source") == source]


class Replay:
    """One folder in one repository."""

    def __init__(self, tool: str, repo: Repo, hook: Hook) -> None:
        self.tool, self.repo, self.hook = tool, repo, hook
        self.replaced = {"$REPO": str(repo.root), "$HOME": str(Path.home())}

    def read(self, path: Path) -> dict[str, Any]:
        """A file, with the paths of this run."""
        text = path.read_text("utf-8")
        for name, value in self.replaced.items():
            text = text.replace(name, value)
        return dict(json.loads(text))

    def play(self, entry: dict[str, Any]) -> None:
        """Do what happened, and check what errata must have done."""
        for name, content in entry.get("files", {}).items():
            if content is None:
                (self.repo.root / name).unlink()
            else:
                self.repo.write(name, content)
        before = {
            source: len(corrections(self.repo, source)) for source in ("explicit", "implicit")
        }
        expected, output = entry["expect"], ""
        if "commit" in entry:
            self.repo.git("add", "-A")
            self.repo.git("commit", "-q", "--allow-empty", "-m", entry["commit"], env=entry["env"])
            assert self.trailers() == expected["trailers"]
        elif "event" in entry and is_subscribed(self.tool, entry["event"]):
            event = entry["event"]
            done = self.hook(event["hook_event_name"], event, tool=self.tool, **entry["env"])
            assert (done.returncode, done.stderr) == (0, b"")
            output = done.stdout.decode()
        if "context" in expected:
            assert expected["context"] in output
        else:
            assert output == ""
        if "edits" in expected:
            assert set(expected["edits"]) <= self.edited()
        new = corrections(self.repo, "explicit")[before["explicit"] :]
        assert [said(record) for record in new] == expected.get("corrections", [])
        captured = corrections(self.repo, "implicit")[before["implicit"] :]
        assert [record["agent"] for record in captured] == expected.get("captured", [])

    def trailers(self) -> dict[str, str]:
        """Those of the newest commit that name an agent."""
        form = "--format=%(trailers:only,unfold)"
        pairs = [line.split(": ", 1) for line in self.repo.git("log", "-1", form).splitlines()]
        return {pair[0]: pair[1] for pair in pairs if pair[0] in AGENT_TRAILERS}

    def edited(self) -> set[str]:
        """Files that errata keeps an agent's edit of."""
        repo = Repository.discover(self.repo.root)
        return set(agent_edits.edit_histories(repo, time.time_ns() // 1000, 14))


def said(correction: dict[str, Any]) -> dict[str, str]:
    """The words of a correction, and the file that it names."""
    words = correction["user_correction"]["verbatim"]
    return {"verbatim": words, "file": correction["ai_action"].get("file", "")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_recorded_events(folder: Path, learned: Repo, hook: Hook) -> None:
    replay = Replay(re.sub(r"-\d.*", "", folder.name), learned, hook)
    faults = []
    for path in sorted(folder.iterdir()):
        try:
            replay.play(replay.read(path))
        except AssertionError as fault:
            faults.append(f"{path.name}: {fault}")
    assert not faults, "\n".join(faults)
    assert not list(state(learned).glob("errors*"))


def test_every_recording_is_of_a_version_that_was_driven() -> None:
    assert FOLDERS
    for folder in FOLDERS:
        tool, version = re.fullmatch(r"(.+?)-(\d.*)", folder.name).groups()  # type: ignore[union-attr]
        tried = load("agents")["tools"][tool]["tried"]
        assert tried["how"] == "driven"
        assert version in tried["versions"], f"add {version} to rules/agents.toml"
