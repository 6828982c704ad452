"""The precheck where agents are busy: it skips commits that change no file of an agent's commit."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, Story, fixed, limit
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Repo
from errata.core import git
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections import capture, precheck, staged
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier


@pytest.fixture
def story(repo: Any) -> Story:
    """An agent wrote api.py; a person has written something else since."""
    story = Story(repo, hooks=False)
    story.repo.write("docs/steps.md", "One.\n")
    story.commit("docs: steps")
    return story


def precheck_and_detect(root: Path) -> tuple[bool, list[Any]]:
    """Whether the precheck skips HEAD, and the corrections that HEAD makes."""
    config = Config()
    classifier = CommitClassifier(config)
    candidate = find_candidate(root, config, classifier)
    repo = Repository.discover(root)
    skipped = precheck.can_skip_head()
    return skipped, capture.detect(repo, config, candidate, classifier) if candidate else []


def test_other_files_than_the_agents_are_skipped(story: Story) -> None:
    story.wait(1)
    story.repo.write("docs/more.md", "Two.\n")
    (story.root / "other.py").write_text(CODE)
    story.commit("docs: more")
    assert precheck_and_detect(story.root) == (True, [])


def test_the_agents_file_is_checked(story: Story) -> None:
    story.fix(1)
    skipped, corrections = precheck_and_detect(story.root)
    assert not skipped and corrections


def test_a_path_with_special_characters_is_checked(story: Story) -> None:
    name = ':(exclude)a "b"\n\té/x.py'
    story.agent("feat: odd", **{name: CODE})
    story.edit(1, path=name)
    story.commit("fix: wrong limit")
    skipped, corrections = precheck_and_detect(story.root)
    assert not skipped and corrections


def test_a_file_that_a_person_renamed_is_checked(story: Story) -> None:
    story.git("mv", "api.py", "lib.py")
    story.commit("refactor: a better name")
    assert precheck_and_detect(story.root)[1] == []
    story.edit(2, path="lib.py")
    story.commit("fix: wrong limit")
    skipped, corrections = precheck_and_detect(story.root)
    assert not skipped and corrections


def test_a_file_renamed_and_corrected_in_one_commit_is_checked(story: Story) -> None:
    story.git("mv", "api.py", "lib.py")
    story.edit(2, path="lib.py")
    story.commit("fix: wrong limit, and a better name")
    skipped, corrections = precheck_and_detect(story.root)
    assert not skipped and corrections


def test_lines_that_came_by_a_merge_are_checked(story: Story) -> None:
    story.git("switch", "-qc", "topic", "HEAD~1")
    story.agent("feat: topic", **{"topic.py": CODE})
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    story.edit(3, path="topic.py")
    story.commit("fix: wrong limit")
    skipped, corrections = precheck_and_detect(story.root)
    assert not skipped and corrections


def test_more_commits_than_one_batch(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precheck, "BATCH_SIZE", 2)
    for number in range(12):
        story.agent(f"feat: {number}", **{f"{number}.py": CODE})
    story.repo.write("docs/steps.md", "One.\nTwo.\n")
    story.commit("docs: more")
    # The path is new in the window, so it may be a rename.
    assert not precheck.can_skip_head()
    story.wait(13)
    for number in range(5):
        story.agent(f"feat: more {number}", **{f"{number}.py": CODE + "more = 1\n"})
    story.wait(2)
    story.repo.write("docs/steps.md", "One.\nTwo.\nThree.\n")
    story.commit("docs: more")
    assert precheck_and_detect(story.root) == (True, [])
    for number in range(5):
        story.edit(1, path=f"{number}.py")
        story.commit("fix: wrong limit")
        assert not precheck.can_skip_head()
    monkeypatch.setattr(precheck, "MAX_COMMITS", 3)
    story.repo.write("docs/steps.md", "One.\nTwo.\nThree.\nFour.\n")
    story.commit("docs: more")
    assert not precheck.can_skip_head()


@pytest.mark.parametrize("by_git", [True, False])
def test_the_staged_change(story: Story, monkeypatch: pytest.MonkeyPatch, by_git: bool) -> None:
    monkeypatch.delenv("GIT_AUTHOR_DATE")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    now = int(story.git("log", "-1", "--format=%at")) + 60
    if by_git:
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"@{now} +0000")
    else:
        monkeypatch.setattr("time.time", lambda: now)
    story.repo.write("docs/more.md", "Two.\n")
    story.git("add", "-A")
    assert precheck.can_skip_staged()
    story.edit(1)
    assert precheck.can_skip_staged()
    story.git("add", "-A")
    assert not precheck.can_skip_staged()
    monkeypatch.setenv("GIT_AUTHOR_DATE", f"@{now} +0000")
    assert staged.corrected_commits(story.root, Config(), "fix: limit")


@pytest.mark.parametrize("date", ["2025-01-15", "20250115 +0000", "@2025 +0000", "", "@x"])
def test_a_date_in_another_form_is_not_skipped(
    story: Story, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    assert story.head()
    monkeypatch.setenv("GIT_AUTHOR_DATE", date)
    assert not precheck.can_skip_staged()


def test_git_passes_the_date_to_hooks_in_this_form(story: Story, tmp_path: Path) -> None:
    hook = story.repo.write(".git/hooks/commit-msg", f"#!/bin/sh\nenv > {tmp_path}/env\n")
    hook.chmod(0o755)
    for variable in ([], ["GIT_AUTHOR_DATE"]):
        env = {key: text for key, text in os.environ.items() if key not in variable}
        words = ["git", "commit", "-q", "--allow-empty", "-m", "x"]
        subprocess.run(words, check=True, env=env)
        assert "\nGIT_AUTHOR_DATE=@" in (tmp_path / "env").read_text()


def test_git_with_standard_input() -> None:
    status, out = git.spawn_status("stripspace", stdin=b"a  \n\n\n\nb\n")
    assert (status, out) == (0, b"a\n\nb\n")
    with pytest.raises(AssertionError):
        git.spawn_status("stripspace", stdin=bytes(git.PIPE_CAPACITY + 1))


FILES = ("a.py", "b.py", "sub/c.py")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["agent", "person"]),
        st.sampled_from(["write", "fix", "move", "delete", "copy"]),
        st.sampled_from(FILES),
        st.sampled_from(FILES),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=8,
)


def _apply(action: str, file: Path, other: Path, number: int) -> None:
    file.parent.mkdir(exist_ok=True)
    other.parent.mkdir(exist_ok=True)
    if action == "write" or not file.exists():
        file.write_text(CODE)
    elif action == "fix":
        file.write_text(file.read_text().replace(limit(number), fixed(number)))
    elif action == "move":
        file.rename(other)
    elif action == "delete":
        file.unlink()
    else:
        other.write_text(file.read_text().replace(limit(number), fixed(number)))


@given(STEPS)
@settings(max_examples=12)
def test_no_correction_is_skipped(steps: list[tuple[str, str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder)
        patch.chdir(root)
        subprocess.run(["git", "init", "-q"], check=True)
        repo = Repo(root)
        for author, action, file, other, number in steps:
            _apply(action, root / file, root / other, number)
            repo.commit(f"{action}: x" + (f"\n\n{CLAUDE}" if author == "agent" else ""))
            skipped, corrections = precheck_and_detect(root)
            assert not (skipped and corrections)
