"""A repository that another user has put above the folder in which an agent works."""

from __future__ import annotations

import os

import entry_points
import pytest
from entry_points import event

from conftest import Repo

NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_repository_of_another_user_says_nothing_to_the_agent(target: Repo) -> None:
    started = event("SubagentStart", target.root, agent_type="api-dev")
    # The control: what is found by looking for `.git` alone is given to the agent.
    assert "api-dev" in entry_points.run(started, target.root).out
    for path in (target.root, target.root / ".git"):
        os.chown(path, NOBODY, NOBODY)
    assert entry_points.run(started, target.root).all == ""
    assert "dubious" in entry_points.run(entry_points.reading()[0], target.root).err
    # As for git, the user may say that it is trusted.
    target.git("config", "--global", "safe.directory", str(target.root))
    assert "api-dev" in entry_points.run(started, target.root).out
