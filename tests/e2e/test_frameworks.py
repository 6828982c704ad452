"""The hooks around a commit, as pre-commit and prek run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CODE, HOOKS, Story, fixed, limit

BIN = Path(sys.executable).parent
_HOOK = """\
      - id: {module}
        name: {module}
        entry: {entry}
        language: system
        stages: [{stage}]
        always_run: true
        pass_filenames: false
        verbose: true
"""
_CHECK = """\
      - id: check
        name: check
        entry: {python} -c "import sys; sys.exit(not open('api.py').read())"
        language: system
        stages: [pre-commit]
        always_run: true
        pass_filenames: false
"""


def configure(story: Story, **entries: str) -> None:
    """Write and commit the configuration; ``entries`` replace the entries of modules."""
    text = "repos:\n  - repo: local\n    hooks:\n" + _CHECK.format(python=sys.executable)
    for stage, module in HOOKS.items():
        entry = entries.get(module, f"{sys.executable} -m errata.githooks.{module}")
        text += _HOOK.format(module=module, entry=entry, stage=stage)
    story.repo.write(".pre-commit-config.yaml", text)
    story.commit("build: hooks")


@pytest.fixture(params=["pre-commit", "prek"])
def story(
    request: pytest.FixtureRequest, repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Story:
    tool = BIN / request.param
    if not tool.exists():
        pytest.skip(f"{request.param} is not installed")
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    story = Story(repo, hooks=False)
    configure(story)
    stages = [word for stage in ("pre-commit", *HOOKS) for word in ("--hook-type", stage)]
    subprocess.run([tool, "install", *stages], check=True, capture_output=True)
    return story


def test_commit_amend_and_rebase(story: Story) -> None:
    story.edit(1)
    said = story.output("commit", "-am", "fix: wrong limit")
    assert "captured a correction: claude-code" in said
    assert story.clean()
    assert story.log() == []
    (id,) = story.ids()
    # Neither framework passes on what git writes to the standard input of post-rewrite.
    story.git("commit", "-q", "--amend", "-m", "fix: the limit was wrong")
    assert story.ids() == [id]
    assert story.captured()[0]["user_correction"]["commit"] == story.head()
    story.repo.write("api.py", CODE)
    story.git("commit", "-qa", "--amend", "--no-edit", "--allow-empty")
    assert story.ids() == []
    story.edit(1)
    story.git("commit", "-qa", "--amend", "--no-edit")
    assert story.ids() == [id]
    assert story.clean()
    # A rebase that squashes one fix into the agent's commit.
    agent = story.git("rev-parse", "HEAD~2")
    story.edit(2)
    story.git("commit", "-qam", f"fixup! {story.git('log', '-1', '--format=%s', agent)}")
    assert story.counted() == 2
    args = ("rebase", "-i", "--autosquash", f"{agent}~1")
    story.git(*args, GIT_SEQUENCE_EDITOR="true", GIT_EDITOR="true")
    assert story.clean()
    assert story.ids() == [id] == story.history()
    assert story.captured()[0]["user_correction"]["commit"] == story.head()
    assert story.settle() == 1


def test_no_verify_skips_checks_and_still_captures(story: Story) -> None:
    """What the README promises, here without `errata-stamp`, whose trailers some projects ban."""
    story.edit(1)
    assert "captured a correction: claude-code" in story.output("commit", "-nam", "fix: limit")
    assert "Corrects:" not in story.git("log", "-1", "--format=%B")


def test_rebase_with_apply_backend_and_merge(story: Story) -> None:
    story.git("switch", "-qc", "topic")
    story.fix(1)
    ids = story.ids()
    story.git("switch", "-q", "main")
    story.repo.write("notes.txt", "x\n")
    story.commit("docs: notes")
    story.git("switch", "-q", "topic")
    story.git("rebase", "-q", "--apply", "main")
    assert story.clean()
    assert story.ids() == ids
    assert story.captured()[0]["user_correction"]["commit"] == story.head()
    story.git("switch", "-q", "main")
    # Only `errata flush` and `errata evolve` move captured corrections into the log.
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    assert ([row["id"] for row in story.log()], story.ids()) == ([], ids)
    assert story.clean()
    assert story.counted() == 1


def test_unstaged_edits_survive(story: Story) -> None:
    """The frameworks stash them while hooks run, and restore them."""
    story.edit(1)
    story.git("add", "api.py")
    text = CODE.replace(limit(1), fixed(1)) + "# not yet\n"
    story.repo.write("api.py", text)
    story.repo.write("README.md", "Not yet\n")
    story.git("commit", "-qm", "fix: wrong limit")
    assert (story.root / "api.py").read_text() == text
    assert (story.root / "README.md").read_text() == "Not yet\n"
    assert story.git("show", "HEAD:api.py") + "\n\n\n" == CODE.replace(limit(1), fixed(1))
    assert len(story.captured()) == 1
    assert story.ids() == story.history()


def test_commit_succeeds_if_capture_crashes(story: Story) -> None:
    broken = f'{sys.executable} -c "raise RuntimeError(1)"'
    configure(story, capture=broken, rewrite=broken)
    story.fix(1)
    story.git("commit", "-q", "--amend", "-m", "fix: the limit was wrong")
    assert story.git("log", "-1", "--format=%s") == "fix: the limit was wrong"
    assert story.clean()


def test_commit_succeeds_if_state_cannot_be_written(story: Story) -> None:
    (story.root / ".git/errata").write_text("in the way\n")
    story.edit(1)
    said = story.output("commit", "-am", "fix: wrong limit")
    assert said.count("errata-capture: ") == 1
    assert "Traceback" not in said
    assert story.clean()
    (story.root / ".git/errata").unlink()
    story.commit("Next")
    assert len(story.ids()) == 1
    assert os.listdir(story.root / ".git/errata")  # noqa: PTH208
