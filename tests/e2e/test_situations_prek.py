"""What git can do to commits, with hooks that prek runs: always exactly one record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import Story
from test_capture import (  # noqa: F401
    test_a_merge_with_a_conflict_captures_nothing,
    test_a_revert_of_the_fix_and_a_revert_of_that,
    test_cherry_pick_to_another_branch,
    test_cherry_pick_with_a_conflict,
    test_commit_all_and_commit_of_a_path,
    test_git_am,
    test_in_a_linked_worktree,
    test_merge_without_fast_forward,
    test_squash_merge_of_a_branch_with_the_agents_work,
    test_stash_and_pop,
)
from test_rewrite import (  # noqa: F401
    test_amend_of_the_message,
    test_amend_that_removes_and_restores_the_correction,
    test_conflicts_resolved_by_hand,
    test_fixup_of_the_fix_and_autosquash,
    test_pull_with_rebase,
    test_rebase_abort,
    test_rebase_onto_a_branch_that_moved,
    test_reorder_edit_and_reword,
    test_withdrawn_after_flush,
)

# Collected here again, with the fixtures of this module.
from e2e.situations import editors, set_up


@pytest.fixture
def story(repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    return set_up(repo, "prek", tmp_path, monkeypatch)


@pytest.fixture
def tracked(story: Story) -> Story:
    return story


@pytest.fixture
def editor(tmp_path: Path) -> Callable[[str], str]:
    return editors(tmp_path)
