"""What git is doing is the same however it keeps its references and reflogs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from errata.corrections import git_state

SETTINGS: dict[str, Callable[[Repo], object]] = {
    "files": lambda repo: repo,
    "no reflog": lambda repo: (
        repo.git("config", "core.logAllRefUpdates", "false"),
        (repo.root / ".git/logs/HEAD").unlink(),
    ),
    "HEAD is a link": lambda repo: (
        repo.git("config", "core.preferSymlinkRefs", "true"),
        repo.git("symbolic-ref", "HEAD", "refs/heads/main"),
    ),
    "packed references": lambda repo: repo.git("pack-refs", "--all", "--prune"),
}


@pytest.fixture(params=SETTINGS)
def kept(repo: Repo, request: pytest.FixtureRequest) -> Repo:
    """A repository with one commit that keeps its references in some way."""
    repo.write("a", "1\n")
    repo.commit("begin")
    SETTINGS[request.param](repo)
    return repo


def conflicting_pick(repo: Repo) -> None:
    """Cherry-pick a commit, and resolve its conflict."""
    repo.git("switch", "-qc", "feat-042")
    repo.write("a", "2\n")
    repo.commit("topic")
    repo.git("switch", "-q", "main")
    repo.write("a", "3\n")
    repo.commit("main")
    later = {"GIT_COMMITTER_DATE": "@1800000000 +0000"}
    repo.git("cherry-pick", "feat-042", ok=False, env=later)
    assert git_state.is_copying(str(repo.root / ".git"))
    repo.write("a", "4\n")
    repo.git("commit", "-qa", "--no-edit", env=later)


def test_new_work_is_not_a_copy(kept: Repo) -> None:
    assert not git_state.is_copying(str(kept.root / ".git"))


def test_a_pick_whose_conflict_was_resolved_is_a_copy(kept: Repo) -> None:
    conflicting_pick(kept)
    assert not (kept.root / ".git/CHERRY_PICK_HEAD").exists()
    assert git_state.is_copying(str(kept.root / ".git"))


def test_a_revert_is_not_a_copy(kept: Repo) -> None:
    kept.write("a", "2\n")
    kept.commit("more")
    kept.git("revert", "--no-commit", "HEAD")
    assert git_state.has_ref(str(kept.root / ".git"), "REVERT_HEAD")
    assert not git_state.is_copying(str(kept.root / ".git"))


@pytest.mark.parametrize("name", ["feat-042", "agent/feat-042", "größe"])
def test_branch(kept: Repo, name: str, tmp_path: Path) -> None:
    git_dir = str(kept.root / ".git")
    assert git_state.branch(git_dir) == "main"
    kept.git("switch", "-qc", name)
    assert git_state.branch(git_dir) == name
    kept.git("switch", "-q", "--detach")
    assert git_state.branch(git_dir) == ""
    kept.git("worktree", "add", "-q", str(tmp_path / "tree"), name)
    tree = kept.git("rev-parse", "--git-path", "worktrees/tree")
    assert git_state.branch(str(kept.root / tree)) == name


def test_branch_without_a_commit(repo: Repo) -> None:
    assert git_state.branch(str(repo.root / ".git")) == "main"


def test_reftable(tmp_path: Path) -> None:
    root: Any = tmp_path / "reftable"
    command = ["git", "init", "-q", "--ref-format=reftable", "-b", "main", str(root)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this git has no reftable")
    repo = Repo(root)
    repo.write("a", "1\n")
    repo.commit("begin")
    assert not git_state.is_copying(str(root / ".git"))
    conflicting_pick(repo)
    assert git_state.is_copying(str(root / ".git"))
    repo.git("switch", "-q", "feat-042")
    assert git_state.branch(str(root / ".git")) == "feat-042"
