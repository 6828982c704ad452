"""What git can do to commits, under prek as `errata init` installs it: one record each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import Story
from test_capture import (  # noqa: F401
    test_a_merge_with_a_conflict_captures_nothing,
    test_a_revert_of_the_agents_commits,
    test_a_revert_of_the_fix_and_a_revert_of_that,
    test_an_agent_at_the_keyboard_corrects_nobody,
    test_cherry_pick_of_a_range,
    test_cherry_pick_to_another_branch,
    test_cherry_pick_with_a_conflict,
    test_commit_all_and_commit_of_a_path,
    test_in_a_linked_worktree,
    test_mailed_patches,
    test_merge_without_fast_forward,
    test_pull_of_the_same_commits_in_a_second_clone,
    test_reset_leaves_what_was_captured,
    test_squash_merge_of_a_branch_with_the_agents_work,
    test_stash,
    test_two_clones_that_captured_both_and_a_union_of_their_logs,
)
from test_rewrite import (  # noqa: F401
    test_a_commit_that_is_split_in_a_rebase,
    test_a_commit_that_upstream_has_already,
    test_abort_changes_nothing,
    test_amend_of_the_agents_own_commit,
    test_amend_of_the_message,
    test_amend_that_takes_the_correction_out_and_back_in,
    test_amend_with_another_file,
    test_conflicts_resolved_by_hand,
    test_fixup_of_the_fix_and_autosquash,
    test_pull_with_rebase,
    test_rebase_onto_a_branch_that_moved,
    test_rebase_onto_in_three_points,
    test_reorder_edit_and_reword,
    test_squashed_into_the_agents_own_commit,
    test_taken_out_after_it_was_flushed,
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
