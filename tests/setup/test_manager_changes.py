"""Changes of hook manager, branches without hooks, and interrupted uninstalls."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from doctor_builders import Doctor
from errata.core.config import load
from errata.setup import uninstall_plan
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.layout import Layout
from manager_builders import BIN, CASES, OWN, Errata, done, executable, lefthook, refused, state
from matrix import few


@pytest.fixture(autouse=True)
def frameworks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    monkeypatch.setenv("ERRATA_AGENT", "off")


def counting(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Returns a function that commits, and counts how often `errata-capture` runs."""
    folder, count = tmp_path / "counting", tmp_path / "count"
    folder.mkdir(exist_ok=True)
    for name in BY_ID:
        text = f"echo x >> '{count}'\n" if name == "errata-capture" else ""
        (folder / name).write_text(f"#!/bin/sh\n{text}")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def commit() -> int:
        count.write_text("")
        repo.git("commit", "-q", "--allow-empty", "-m", "x")
        return len(count.read_text().splitlines())

    return commit


MOVES = [
    (old, new)
    for old in ("plain", "pre-commit", "prek", "lefthook", "husky")
    for new in ("plain", "pre-commit", "prek", "lefthook")
    if old != new
]


@pytest.mark.parametrize(
    ("old", "new"),
    few(MOVES, "plain-pre-commit", "pre-commit-prek", "lefthook-plain", "husky-pre-commit"),
)
def test_the_manager_changes(
    repo: Repo,
    errata: Errata,
    old: str,
    new: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repo.commit("Begin")
    before = state(repo.root)
    done(errata("init", "--manager", old))
    commit = counting(repo, tmp_path, monkeypatch)
    output = done(errata("init", "--manager", new))
    assert f"errata is set up ({new}: as you chose)" in output
    assert commit() == 1
    assert done(errata("init")) == "nothing to do\n"
    assert Doctor(repo.root).diagnostics() == []
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_own_scripts_are_kept_when_the_manager_changes(
    repo: Repo, errata: Errata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(repo, ".git/hooks/post-commit", OWN)
    before = state(repo.root)
    for manager in ("plain", "pre-commit", "plain", "prek", "pre-commit"):
        output = done(errata("init", "--manager", manager))
        assert f"set up ({manager}: " in output
        commit = counting(repo, tmp_path, monkeypatch)
        assert commit() == 1
        (repo.root / "ran-mine").unlink()
    done(errata("uninstall"))
    assert state(repo.root) == before


def both_run(repo: Repo, errata: Errata) -> None:
    """Two managers run our hooks, because pre-commit set our scripts aside."""
    done(errata("init", "--manager", "plain"))
    hooks = repo.root / ".git/hooks"
    kept = {stage: (hooks / stage).read_text() for stage in STAGES}
    done(errata("init", "--manager", "pre-commit"))
    for stage, text in kept.items():
        executable(repo, f".git/hooks/{stage}.legacy", text)


def test_doctor_reports_hooks_in_two_managers(repo: Repo, errata: Errata) -> None:
    repo.commit("Begin")
    before = state(repo.root)
    both_run(repo, errata)
    doctor = Doctor(repo.root)
    assert doctor.fix(".git/hooks/pre-commit.legacy") == "errata init"
    assert doctor.diagnostics() == []
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_uninstall_removes_hooks_from_two_managers(repo: Repo, errata: Errata) -> None:
    repo.commit("Begin")
    before = state(repo.root)
    both_run(repo, errata)
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_another_configuration_keeps_its_hooks(repo: Repo, errata: Errata) -> None:
    """pre-commit's scripts stay where somebody else's hooks need them: the person decides."""
    lefthook(repo)
    done(errata("init"))
    before = state(repo.root)
    assert "the pre-commit hook is lefthook's" in refused(errata("init", "--manager", "plain"))
    assert state(repo.root) == before


def test_manually_added_hooks_in_another_configuration_are_kept(repo: Repo, errata: Errata) -> None:
    text = "repos:\n- repo: ../e\n  rev: v1\n  hooks:\n  - id: errata-stamp\n"
    repo.write(".pre-commit-config.yaml", text)
    lefthook(repo)
    done(errata("init"))
    assert (repo.root / ".pre-commit-config.yaml").read_text() == text


# --------------------------------------------------------------------------------------- branches


@pytest.mark.parametrize("manager", ["pre-commit", "prek", "lefthook", "husky", "plain"])
def test_branches_from_before_init_accept_commits(repo: Repo, errata: Errata, manager: str) -> None:
    repo.commit("Begin")
    repo.git("branch", "old")
    done(errata("init", "--manager", manager))
    repo.commit("errata")
    repo.git("switch", "-q", "old")
    repo.write("b.txt", "b\n")
    repo.commit("On the old branch")
    assert repo.git("status", "--porcelain") == ""
    [diagnostic] = Doctor(repo.root).diagnostics()
    assert (diagnostic["level"], diagnostic["fix"]) == ("note", "errata init")
    assert "set up on another branch" in diagnostic["what"]


def test_doctor_reports_scripts_that_refuse_commits(repo: Repo, errata: Errata) -> None:
    repo.commit("Begin")
    repo.git("branch", "old")
    done(errata("init"))
    repo.commit("errata")
    subprocess.run([BIN / "pre-commit", "install"], check=True, capture_output=True)
    repo.git("switch", "-q", "old")
    command = Doctor(repo.root).fix("refuses every commit")
    assert command.startswith("pre-commit install --hook-type=")
    repo.commit("On the old branch")


def test_deleted_files_are_not_on_another_branch(repo: Repo, errata: Errata) -> None:
    done(errata("init"))
    repo.commit("errata")
    for path in repo.git("ls-files").splitlines():
        (repo.root / path).unlink()
    diagnostic = Doctor(repo.root).diagnostic("not configured: errata-")
    assert (diagnostic["level"], diagnostic["fix"]) == ("problem", "errata init")


# ---------------------------------------------------------------------------------- half-way stops


def uninstall_until(root: Path, count: int) -> bool:
    """Run the first ``count`` steps of an uninstall; returns whether these were all."""
    plan = uninstall_plan.plan_uninstall(Layout.discover(root), load(root))
    steps = [action.run for action in plan.prepare]
    steps += [lambda change=change: plan.layout.write(change) for change in plan.changes]  # type: ignore[misc]
    steps += [action.run for action in plan.finish]
    for step in steps[:count]:
        step()
    return count >= len(steps)


@pytest.mark.parametrize("build", few(CASES, "pre_commit_with_own_script", "plain_scripts"))
def test_interrupted_uninstall_can_be_finished(
    repo: Repo, errata: Errata, build: Callable[[Any], None], tmp_path: Path
) -> None:
    repo.write(".gitattributes", "*.png binary\n")
    repo.commit("Begin")
    build(repo)
    before = state(repo.root)
    done(errata("init", "--agent", "claude-code", "--agent", "codex"))
    kept = tmp_path / "kept"
    repo.root.rename(kept)
    for count in range(100):
        shutil.copytree(kept, repo.root, symlinks=True)
        os.chdir(repo.root)
        complete = uninstall_until(repo.root, count)
        uninstall_until(repo.root, 1_000)
        assert state(repo.root) == before, count
        shutil.rmtree(repo.root)
        if complete:
            break
    assert count > 5


def test_scripts_of_a_configuration_by_another_name_stay(repo: Repo, errata: Errata) -> None:
    """They are not ours, even if errata adds a configuration under the usual name."""
    config = "dev/pre-commit.yaml"
    repo.write(config, "repos: []\n")
    repo.commit("Begin")
    command = [BIN / "pre-commit", "install", "--config", config]
    subprocess.run(command, check=True, capture_output=True, cwd=repo.root)
    script = repo.root / ".git/hooks/pre-commit"
    before = script.read_bytes()
    done(errata("init", "--manager", "pre-commit"))
    assert script.read_bytes() == before
    done(errata("uninstall"))
    assert script.read_bytes() == before
    assert not (repo.root / ".git/hooks/commit-msg").exists()
