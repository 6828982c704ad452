"""The quick look where agents are busy: only who changes their files is looked at properly."""

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
    made = Story(repo, hooks=False)
    made.repo.write("docs/steps.md", "One.\n")
    made.commit("docs: steps")
    return made


def look(root: Path) -> tuple[bool, list[Any]]:
    """What the quick look says of HEAD, and what there is to be found."""
    config = Config()
    whose = CommitClassifier(config)
    found = find_candidate(root, config, whose)
    repo = Repository.discover(root)
    return precheck.can_skip_head(), capture.detect(repo, config, found, whose) if found else []


def test_other_files_than_the_agents(story: Story) -> None:
    story._clock += 86_400
    story.repo.write("docs/more.md", "Two.\n")
    (story.root / "other.py").write_text(CODE)
    story.commit("docs: more")
    assert look(story.root) == (True, [])


def test_the_agents_file(story: Story) -> None:
    story.fix(1)
    idle, found = look(story.root)
    assert not idle and found


def test_the_agents_file_in_a_subfolder_with_an_odd_name(story: Story) -> None:
    name = ':(exclude)a "b"\n\té/x.py'
    story.agent("feat: odd", **{name: CODE})
    story.edit(1, path=name)
    story.commit("fix: wrong limit")
    idle, found = look(story.root)
    assert not idle and found


def test_the_agents_file_under_the_name_that_a_person_gave_it(story: Story) -> None:
    story.git("mv", "api.py", "lib.py")
    story.commit("refactor: a better name")
    assert look(story.root)[1] == []
    story.edit(2, path="lib.py")
    story.commit("fix: wrong limit")
    idle, found = look(story.root)
    assert not idle and found


def test_renamed_and_corrected_at_once(story: Story) -> None:
    story.git("mv", "api.py", "lib.py")
    story.edit(2, path="lib.py")
    story.commit("fix: wrong limit, and a better name")
    idle, found = look(story.root)
    assert not idle and found


def test_a_merge_that_brought_the_agents_lines(story: Story) -> None:
    story.git("switch", "-qc", "topic", "HEAD~1")
    story.agent("feat: topic", **{"topic.py": CODE})
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    story.edit(3, path="topic.py")
    story.commit("fix: wrong limit")
    idle, found = look(story.root)
    assert not idle and found


def test_more_commits_than_git_is_asked_about_at_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precheck, "BATCH_SIZE", 2)
    for number in range(12):
        story.agent(f"feat: {number}", **{f"{number}.py": CODE})
    story.repo.write("docs/steps.md", "One.\nTwo.\n")
    story.commit("docs: more")
    assert precheck.can_skip_head() is False  # Within the window it came up as a new name.
    story._clock += 86_400 * 13
    for number in range(5):
        story.agent(f"feat: more {number}", **{f"{number}.py": CODE + "more = 1\n"})
    story._clock += 86_400 * 2
    story.repo.write("docs/steps.md", "One.\nTwo.\nThree.\n")
    story.commit("docs: more")
    assert look(story.root) == (True, [])
    for number in range(5):
        story.edit(1, path=f"{number}.py")
        story.commit("fix: wrong limit")
        assert not precheck.can_skip_head()
    monkeypatch.setattr(precheck, "MAX_COMMITS", 3)
    story.repo.write("docs/steps.md", "One.\nTwo.\nThree.\nFour.\n")
    story.commit("docs: more")
    assert not precheck.can_skip_head()


@pytest.mark.parametrize("by_git", [True, False])
def test_what_is_staged(story: Story, monkeypatch: pytest.MonkeyPatch, by_git: bool) -> None:
    monkeypatch.delenv("GIT_AUTHOR_DATE")
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
def test_a_date_that_only_git_can_read(
    story: Story, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    assert story.head()
    monkeypatch.setenv("GIT_AUTHOR_DATE", date)
    assert not precheck.can_skip_staged()


def test_git_tells_its_hooks_the_date_so(story: Story, tmp_path: Path) -> None:
    hook = story.repo.write(".git/hooks/commit-msg", f"#!/bin/sh\nenv > {tmp_path}/env\n")
    hook.chmod(0o755)
    for variable in ([], ["GIT_AUTHOR_DATE"]):
        env = {key: text for key, text in os.environ.items() if key not in variable}
        words = ["git", "commit", "-q", "--allow-empty", "-m", "x"]
        subprocess.run(words, check=True, env=env)
        assert "\nGIT_AUTHOR_DATE=@" in (tmp_path / "env").read_text()


def test_a_question_with_input() -> None:
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


def _take(what: str, file: Path, other: Path, number: int) -> None:
    file.parent.mkdir(exist_ok=True)
    other.parent.mkdir(exist_ok=True)
    if what == "write" or not file.exists():
        file.write_text(CODE)
    elif what == "fix":
        file.write_text(file.read_text().replace(limit(number), fixed(number)))
    elif what == "move":
        file.rename(other)
    elif what == "delete":
        file.unlink()
    else:
        other.write_text(file.read_text().replace(limit(number), fixed(number)))


@given(STEPS)
@settings(max_examples=12)
def test_nothing_is_overlooked(steps: list[tuple[str, str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder)
        patch.chdir(root)
        subprocess.run(["git", "init", "-q"], check=True)
        repo = Repo(root)
        for who, what, file, other, number in steps:
            _take(what, root / file, root / other, number)
            repo.commit(f"{what}: x" + (f"\n\n{CLAUDE}" if who == "agent" else ""))
            idle, found = look(root)
            assert not (idle and found)
