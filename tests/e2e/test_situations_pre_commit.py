"""The same with pre-commit, which is slower: one situation of each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import Story
from test_capture import (  # noqa: F401
    test_a_revert_of_the_fix_and_a_revert_of_that,
    test_in_a_linked_worktree,
    test_squash_merge_of_a_branch_with_the_agents_work,
)
from test_rewrite import (  # noqa: F401
    test_amend_that_removes_and_restores_the_correction,
    test_conflicts_resolved_by_hand,
)

# Collected here again, with the fixtures of this module.
from e2e.situations import editors, set_up

pytestmark = pytest.mark.long


@pytest.fixture
def story(repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    return set_up(repo, "pre-commit", tmp_path, monkeypatch)


@pytest.fixture
def tracked(story: Story) -> Story:
    return story


@pytest.fixture
def editor(tmp_path: Path) -> Callable[[str], str]:
    return editors(tmp_path)
