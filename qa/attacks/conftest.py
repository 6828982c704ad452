"""A repository in which every command and hook has work to do; built once, copied per test."""

from __future__ import annotations

import shutil
from pathlib import Path

import entry_points
import pytest
from capture_builders import Story

from conftest import Repo
from record_builders import correction, finding, incident, learning

_BUILT: list[Path] = []


@pytest.fixture
def target(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Repo:
    """A copy of the repository, as the current directory."""
    if not _BUILT:
        root = tmp_path_factory.mktemp("hostile") / "repo"
        _build(root)
        _BUILT.append(root)
    root = tmp_path / "repo"
    shutil.copytree(_BUILT[0], root, symlinks=True)
    monkeypatch.chdir(root)
    return Repo(root)


def _build(root: Path) -> None:
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q")
    story = Story(repo, hooks=False)
    repo.write(".git/info/exclude", ".claude/patterns/*.json\n")
    name = entry_points.PATTERN
    routed = {"affected_agents": ["api-dev"], "severity": "blocking"}
    found = [finding(day, name, **routed, description=f"No. {day} is unchecked") for day in (1, 2)]
    named = [finding(day, "odd-thing", **routed, description="It is odd.") for day in (1, 2, 3, 4)]
    repo.jsonl(".claude/review-findings.jsonl", *found, *named)
    repo.jsonl(".claude/session-learnings.jsonl", learning(1, name))
    repo.jsonl(".claude/user-corrections.jsonl", correction(1, name))
    repo.jsonl(".claude/incidents.jsonl", incident(1, name))
    repo.write(".claude/skills/api/SKILL.md", "---\nname: api\ndescription: The API.\n---\nText\n")
    repo.write("CLAUDE.md", "Notes\n")
    entry_points.run(entry_points.Entry("evolve", ("evolve",)), root)
    story.commit("chore: logs")
    story.fix(1, 2)
    entry_points.run(entry_points.Entry("capture", ("capture",), hook=True), root)
    story.fix(4)
    story.edit(6)
    repo.git("add", "-A")
    repo.write(entry_points.MESSAGE, "fix: a limit\n")
