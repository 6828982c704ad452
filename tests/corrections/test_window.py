"""The window counts from when an agent's commit entered the branch; clocks decide no order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, Story

from attribution import backfill_records, capture_records
from errata.core.config import Config
from errata.corrections import precheck, staged

DAY = 86_400
NOW = 1_736_942_400 + 100 * DAY


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def at(days: float) -> str:
    return f"@{int(NOW + days * DAY)} +0000"


def dates(authored: float, committed: float | None = None) -> dict[str, str]:
    """The two dates of a commit, in days."""
    return {
        "GIT_AUTHOR_DATE": at(authored),
        "GIT_COMMITTER_DATE": at(authored if committed is None else committed),
    }


def commit_fix(story: Story, **env: str) -> str:
    story.edit(1)
    story.git("commit", "-qam", "fix: the limit is wrong", **env)
    return story.head()


def agent(story: Story, number: int = 9, **env: str) -> str:
    """An agent's commit of a file that is not there yet."""
    story.repo.write(f"more{number}.py", CODE)
    story.git("add", "-A")
    story.git("commit", "-qm", f"feat: more {number}", "-m", CLAUDE, **env)
    return story.head()


def fix_more(story: Story, number: int = 9, **env: str) -> str:
    path = story.root / f"more{number}.py"
    path.write_text(path.read_text().replace("limit = 1 * 10", 'limit = LIMITS["1"]'))
    story.git("commit", "-qam", "fix: the limit is wrong", **env)
    return story.head()


def person(story: Story, **env: str) -> str:
    story.git("commit", "-q", "--allow-empty", "-m", "docs: nothing", **env)
    return story.head()


def rebased(story: Story) -> str:
    agent(story, **dates(-21, 0))
    return fix_more(story, **dates(0.01))


def fast_forwarded_long_ago(story: Story) -> str:
    agent(story, **dates(-21))
    return fix_more(story, **dates(0))


def merged(story: Story) -> str:
    """The branch is three weeks old; it is merged now, and main went on meanwhile."""
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-21))
    story.git("switch", "-q", "main")
    for number in range(15):
        person(story, **dates(-20 + number / 10))
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(0))
    return fix_more(story, **dates(0.01))


def merged_into_a_young_branch(story: Story) -> str:
    """All commits but the agent's are in the window, down to the first one."""
    story.git("switch", "-q", "--orphan", "young")
    person(story, **dates(0))
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-21))
    story.git("switch", "-q", "young")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(0.01))
    return fix_more(story, **dates(0.02))


def merged_long_ago(story: Story) -> str:
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-41))
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(-20))
    person(story, **dates(-1))
    return fix_more(story, **dates(0))


def merged_twice(story: Story) -> str:
    """The second merge brings nothing that the first one did not bring."""
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-41))
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(-20))
    story.git("switch", "-q", "topic")
    person(story, **dates(-2))
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(-1))
    return fix_more(story, **dates(0))


def merged_through_another_branch(story: Story) -> str:
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-41))
    story.git("switch", "-qc", "next", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(-30))
    story.git("switch", "-q", "main")
    person(story, **dates(-2))
    story.git("merge", "-q", "--no-ff", "--no-edit", "next", **dates(-1))
    return fix_more(story, **dates(0))


def on_the_old_branch_itself(story: Story) -> str:
    """Here the commit has been for three weeks, though it is new on main."""
    story.git("switch", "-qc", "topic")
    agent(story, **dates(-21))
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(0))
    story.git("switch", "-q", "topic")
    return fix_more(story, **dates(0.01))


def persons_date_is_before_the_agents(story: Story) -> str:
    agent(story, **dates(0))
    return fix_more(story, **dates(-3, 0.01))


def persons_clock_is_behind(story: Story) -> str:
    agent(story, **dates(0))
    return fix_more(story, **dates(-300))


def persons_author_date_is_far_ahead(story: Story) -> str:
    agent(story, **dates(0))
    return fix_more(story, **dates(100, 0.01))


def persons_committer_date_is_far_ahead(story: Story) -> str:
    agent(story, **dates(0))
    return fix_more(story, **dates(0.01, 100))


def both_dates_are_in_the_future(story: Story) -> str:
    today = (time.time() - NOW) / DAY
    agent(story, **dates(today, today + 50))
    return fix_more(story, **dates(today + 20))


def agents_clock_is_behind(story: Story) -> str:
    """Its container began in 1970; the commit before says that it cannot be older."""
    person(story, **dates(0))
    agent(story, 8, **dates(-20_000))
    agent(story, **dates(-20_000))
    return fix_more(story, **dates(0.01))


def agents_clock_is_ahead(story: Story) -> str:
    agent(story, **dates(0, 200))
    return fix_more(story, **dates(0.01))


def old_work_with_a_rebased_commit_between(story: Story) -> str:
    agent(story, **dates(-30))
    person(story, **dates(-40, -1))
    return fix_more(story, **dates(0))


SITUATIONS: dict[Callable[[Story], str], bool] = {
    rebased: True,
    fast_forwarded_long_ago: False,
    merged: True,
    merged_into_a_young_branch: True,
    merged_long_ago: False,
    merged_twice: False,
    merged_through_another_branch: True,
    on_the_old_branch_itself: False,
    persons_date_is_before_the_agents: True,
    persons_clock_is_behind: True,
    persons_author_date_is_far_ahead: True,
    persons_committer_date_is_far_ahead: True,
    both_dates_are_in_the_future: True,
    agents_clock_is_behind: True,
    agents_clock_is_ahead: True,
    old_work_with_a_rebased_commit_between: False,
}


@pytest.mark.parametrize(
    ("build", "counts"), SITUATIONS.items(), ids=[build.__name__ for build in SITUATIONS]
)
def test_situation(story: Story, build: Callable[[Story], str], counts: bool) -> None:
    sha = build(story)
    captured = capture_records(story.root, [sha])
    assert list(captured) == [sha] * counts
    assert not (counts and precheck.can_skip_head())
    assert backfill_records(story.root).get(sha, []) == captured.get(sha, [])


def test_a_staged_change_counts_like_its_commit(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.git("switch", "-qc", "topic")
    sha = agent(story, **dates(-21))
    story.git("switch", "-q", "main")
    person(story, **dates(-1))
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic", **dates(0))
    path = story.root / "more9.py"
    path.write_text(path.read_text().replace("limit = 1 * 10", 'limit = LIMITS["1"]'))
    story.git("add", "-A")
    for name, value in dates(0.01).items():
        monkeypatch.setenv(name, value)
    assert not precheck.can_skip_staged()
    corrected = staged.corrected_commits(story.root, Config(), "fix: the limit is wrong")
    assert [commit for commit, _ in corrected] == [sha]
