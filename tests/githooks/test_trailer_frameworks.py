"""The two message hooks, run by the frameworks that people install."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from trailer_hooks import editor

CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: errata-stamp
        name: stamp
        entry: {python} -m errata.githooks.stamp
        language: system
        stages: [prepare-commit-msg, commit-msg]
        always_run: true
      - id: errata-check-trailers
        name: check
        entry: {python} -m errata.githooks.check_trailers
        language: system
        stages: [commit-msg]
        always_run: true
"""


pytestmark = pytest.mark.slow


@pytest.fixture(params=["pre-commit", "prek"])
def work(request: pytest.FixtureRequest, repo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    bin_dir = Path(sys.executable).parent
    tool = shutil.which(request.param, path=str(bin_dir)) or shutil.which(request.param)
    if not tool:
        pytest.skip(f"{request.param} is not installed")
    repo.write(".pre-commit-config.yaml", CONFIG.format(python=sys.executable))
    repo.commit("Base")
    import subprocess

    for stage in ("prepare-commit-msg", "commit-msg"):
        subprocess.run([tool, "install", "-t", stage], check=True, capture_output=True)
    monkeypatch.setenv("ERRATA_AGENT", "api-dev")
    return repo


def test_stamped_from_the_command_line_and_from_an_editor(work: Any, tmp_path: Path) -> None:
    work.git("commit", "-q", "--allow-empty", "-m", "One")
    assert work.git("log", "-1", "--format=%B") == "One\n\nAgent: api-dev"
    write = editor(tmp_path, "text = b'Two\\n' + text")
    work.git("commit", "-q", "--allow-empty", env={"GIT_EDITOR": write})
    assert work.git("log", "-1", "--format=%B") == "Two\n\nAgent: api-dev"


@pytest.mark.parametrize("line", ["files: ^src/", "exclude: .*"])
def test_a_message_that_the_configuration_filters_out(work: Any, line: str) -> None:
    work.write(".pre-commit-config.yaml", line + "\n" + CONFIG.format(python=sys.executable))
    work.git("commit", "-qam", "One")
    assert work.git("log", "-1", "--format=%B") == "One\n\nAgent: api-dev"
    work.git("commit", "-q", "--allow-empty", "-m", "Two\n\nRunbook: x@0123456789AB", ok=False)
    assert work.git("log", "-1", "--format=%s") == "One"
    work.git("switch", "-qc", "topic", "HEAD~1")
    work.git("commit", "-q", "--allow-empty", "-m", "Topic")
    work.git("merge", "-q", "--no-ff", "-m", "Merge", "main")
    assert work.git("log", "-1", "--format=%B") == "Merge"


def test_an_amend_and_a_merge_are_left_alone(work: Any) -> None:
    off = {"ERRATA_AGENT": "off"}
    work.git("commit", "-q", "--allow-empty", "-m", "Theirs", env=off)
    work.git("commit", "-q", "--allow-empty", "--amend", "--no-edit")
    work.git("switch", "-qc", "topic", "HEAD~1")
    work.git("commit", "-q", "--allow-empty", "-m", "Topic", env=off)
    work.git("merge", "-q", "--no-edit", "main")
    assert "Agent" not in work.git("log", "--format=%B")


def test_a_malformed_trailer_stops_the_commit(work: Any) -> None:
    work.git(
        "commit", "-q", "--allow-empty", "-m", "One", "-m", "Runbook: x@0123456789AB", ok=False
    )
    work.git("commit", "-q", "--allow-empty", "-m", "Two", "-m", "Runbook: api-dev@0123456789ab")
    assert work.git("log", "--format=%s") == "Two\nBase"
