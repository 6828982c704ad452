"""``core.hooksPath`` in every spelling: where git looks anyway is the plain case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import Doctor
from manager_builders import BIN, PRE_COMMIT, Errata, done, refused, state
from matrix import few


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))


def relative(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".git/hooks")


def absolute(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", f"{repo.root}/.git/hooks/")


def indirect(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", "./.git/../.git//hooks")


def home(repo: Repo) -> None:
    Path(os.environ["HOME"], "clone").symlink_to(repo.root)
    repo.git("config", "--global", "core.hooksPath", "~/clone/.git/hooks")


def link(repo: Repo) -> None:
    (repo.root / "hooks").symlink_to(".git/hooks")
    repo.git("config", "core.hooksPath", "hooks")


def included(repo: Repo) -> None:
    included_file(repo, f"{repo.root}/.git/hooks")


def of_a_worktree(repo: Repo) -> None:
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "core.hooksPath", f"{repo.root}/.git/hooks")


def included_file(repo: Repo, value: str) -> Path:
    file = Path(os.environ["HOME"], "agent.config")
    file.write_text(f"[core]\n\thooksPath = {value}\n")
    repo.git("config", "--global", f"includeIf.gitdir:{repo.root}/.path", str(file))
    return file


SPELLINGS = {
    "relative": relative,
    "absolute": absolute,
    "indirect": indirect,
    "home": home,
    "link": link,
    "included": included,
    "worktree": of_a_worktree,
}
ROWS = [(name, manager) for name in SPELLINGS for manager in ("pre-commit", "plain", "lefthook")]


@pytest.mark.parametrize(
    ("spelling", "manager"), few(ROWS, "absolute-pre-commit", "link-plain", "home-lefthook")
)
def test_the_default_folder(repo: Repo, errata: Errata, spelling: str, manager: str) -> None:
    SPELLINGS[spelling](repo)
    repo.commit("Begin")
    before = state(repo.root)
    if manager == "pre-commit":
        repo.write(".pre-commit-config.yaml", PRE_COMMIT)
        before = state(repo.root)
        done(errata("init"))
    else:
        done(errata("init", "--manager", manager))
    assert Doctor(repo.root).diagnostics() == []
    repo.commit("build: errata", ERRATA_AGENT="api-dev")
    assert repo.git("log", "-1", "--format=%B") == "build: errata\n\nAgent: api-dev"
    (repo.root / ".git/hooks/post-commit").unlink()
    Doctor(repo.root).fix("post-commit" if manager != "plain" else "not configured")
    assert Doctor(repo.root).diagnostics() == []
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_a_linked_worktree(repo: Repo, errata: Errata, tmp_path: Path) -> None:
    repo.commit("Begin")
    repo.git("worktree", "add", "-q", str(tmp_path / "other"))
    repo.git("config", "core.hooksPath", f"{repo.root}/.git/hooks")
    done(errata("init", cwd=tmp_path / "other"))
    assert (repo.root / ".git/hooks/post-commit").exists()


@pytest.mark.parametrize("scope", ["--local", "--global", "file"])
def test_advice_for_another_folder_works(
    repo: Repo, errata: Errata, tmp_path: Path, scope: str
) -> None:
    repo.write(".pre-commit-config.yaml", PRE_COMMIT)
    if scope == "file":
        included_file(repo, str(tmp_path))
    else:
        repo.git("config", scope, "core.hooksPath", str(tmp_path))
    said = refused(errata("init", "--manager", "pre-commit"))
    command = said.partition("(`")[2].partition("`")[0]
    repo.git(*command.split()[1:])
    done(errata("init"))


def test_a_relative_path_in_a_linked_worktree(repo: Repo, errata: Errata, tmp_path: Path) -> None:
    """There ``.git`` is a file, so that git finds no hook, and says nothing."""
    repo.commit("Begin")
    other = Repo(tmp_path / "other")
    repo.git("worktree", "add", "-q", str(other.root))
    repo.git("config", "core.hooksPath", ".git/hooks")
    said = refused(errata("init", cwd=other.root))
    assert "does not exist in a linked worktree" in said
    command = Doctor(other.root).diagnostic("does not exist in a linked worktree")["fix"]
    assert f"({command})" in said
    other.git(*command.split()[1:])
    done(errata("init", cwd=other.root))
    other.commit("build: errata", ERRATA_AGENT="api-dev")
    assert "Agent: api-dev" in other.git("log", "-1", "--format=%B")
