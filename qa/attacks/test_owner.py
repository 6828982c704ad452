"""A repository of another user, above the folder in which an agent works."""

from __future__ import annotations

import os

import entry_points
import pytest
from entry_points import event

from conftest import Repo

NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_repository_of_another_user_gives_the_agent_nothing(target: Repo) -> None:
    started = event("SubagentStart", target.root, agent_type="api-dev")
    # The control: without the check of the owner, the agent gets the runbook.
    assert "api-dev" in entry_points.run(started, target.root).out
    for path in (target.root, target.root / ".git"):
        os.chown(path, NOBODY, NOBODY)
    assert entry_points.run(started, target.root).all == ""
    assert "dubious" in entry_points.run(entry_points.reading()[0], target.root).err
    # As with git, the user can trust the repository.
    target.git("config", "--global", "safe.directory", str(target.root))
    assert "api-dev" in entry_points.run(started, target.root).out
