"""Candidates: commits of a person with an agent's commit in the window before them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, Story

from errata.core.config import Config, parse
from errata.core.git import Repository
from errata.corrections import capture, precheck
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def is_candidate(story: Story, config: Config | None = None, revision: str = "HEAD") -> bool:
    """What `find_candidate` decides; a commit that the precheck skips must hold no correction."""
    config = config or Config()
    classifier = CommitClassifier(config)
    candidate = find_candidate(story.root, config, classifier, revision)
    default = revision == "HEAD" and config == Config()
    if candidate is not None and default and precheck.can_skip_head():
        repo = Repository.discover(story.root)
        assert capture.detect(repo, config, candidate, classifier) == []
    return candidate is not None


def test_a_person_after_an_agent_is_a_candidate(story: Story) -> None:
    story.fix(1)
    candidate = find_candidate(story.root, Config(), CommitClassifier(Config()))
    assert candidate is not None
    assert candidate.commit.sha == story.head()
    assert list(candidate.agent_commits) == [story.git("rev-parse", "HEAD~1")]


@pytest.mark.parametrize(
    ("message", "env"),
    [
        (["fix: limits", CLAUDE], {}),
        (["fix: limits"], {"GIT_AUTHOR_NAME": "Ann Author (aider)"}),
        (["fix: limits", "Agent: api-dev"], {}),
        (["Bump x"], {"GIT_AUTHOR_NAME": "dependabot[bot]"}),
    ],
    ids=["agent", "aider", "our-trailer", "bot"],
)
def test_agents_and_bots_are_no_candidates(
    story: Story, message: list[str], env: dict[str, str]
) -> None:
    story.edit(1)
    story.commit(*message, **env)
    assert not is_candidate(story)


def test_roots_and_merges_are_no_candidates(story: Story) -> None:
    root = story.git("rev-list", "--max-parents=0", "HEAD")
    assert not is_candidate(story, revision=root)
    story.git("switch", "-qc", "topic")
    story.fix(1)
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    assert not is_candidate(story)
    assert is_candidate(story, revision="topic")


def test_no_candidate_without_the_revision_or_any_commit(story: Story, tmp_path: Path) -> None:
    assert not is_candidate(story, revision="nothing")
    empty = tmp_path / "empty"
    story.git("init", "-q", str(empty))
    assert find_candidate(empty, Config(), CommitClassifier(Config())) is None


def test_no_candidate_without_an_agent(story: Story) -> None:
    story.git("switch", "-q", "--orphan", "people")
    story.repo.write("api.py", CODE)
    story.commit("feat: handlers")
    story.fix(1)
    assert not is_candidate(story)
    assert precheck.can_skip_head()


@pytest.mark.parametrize(("days", "window"), [(13, 14), (15, 14), (15, 16), (2, 1)])
def test_the_window_is_configurable(story: Story, days: int, window: int) -> None:
    story.wait(days)
    story.fix(1)
    config = parse({"capture": {"window_days": window}})
    assert is_candidate(story, config) is (days < window)
    assert is_candidate(story) is (days < 14)


def test_the_walk_ends_beyond_the_window_unless_dates_are_out_of_order(story: Story) -> None:
    story.wait(15)
    for _ in range(15):
        story.commit("docs: more")
    assert precheck.can_skip_head()
    assert not is_candidate(story)
    story.wait(-3)
    story.commit("feat: from an older clock", CLAUDE)
    story.wait(3)
    story.commit("fix: limits")
    assert is_candidate(story)
