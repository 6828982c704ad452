"""The repository around a folder: git's own answer, whatever the shape."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Repo
from errata.agenthooks import find_repository
from errata.core.errors import GitError
from errata.core.git import Repository


def plain(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.root


def folder(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    return repo.write("deep/er/x", "").parent


def worktree(repo: Repo, tmp: Path) -> Path:
    repo.git("worktree", "add", "-q", str(tmp / "linked"))
    (tmp / "linked/deep").mkdir()
    return tmp / "linked/deep"


def worktree_inside(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    repo.git("worktree", "add", "-q", ".claude/worktrees/w")
    return repo.root / ".claude/worktrees/w"


def moved_worktree(repo: Repo, tmp: Path) -> Path:
    # Its gitfile and its commondir are relative.
    repo.git("worktree", "add", "-q", str(tmp / "linked"))
    own = repo.root / ".git/worktrees/linked"
    (tmp / "linked/.git").write_text(f"gitdir: {os.path.relpath(own, tmp / 'linked')}\n")
    return tmp / "linked"


def submodule(repo: Repo, tmp: Path) -> Path:
    _other(tmp)
    args = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp / "other"), "sub")
    repo.git(*args)
    return repo.root / "sub"


def separate(repo: Repo, tmp: Path) -> Path:
    repo.git("init", "-q", "--separate-git-dir", str(tmp / "elsewhere.git"), str(tmp / "apart"))
    return tmp / "apart"


def bare(repo: Repo, tmp: Path) -> Path:
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp / "bare.git"))
    return tmp / "bare.git"


def worktree_of_bare(repo: Repo, tmp: Path) -> Path:
    bare(repo, tmp)
    repo.git("--git-dir", str(tmp / "bare.git"), "worktree", "add", "-q", str(tmp / "of-bare"))
    return tmp / "of-bare"


def work_tree_elsewhere(repo: Repo, tmp: Path) -> Path:
    (tmp / "tree").mkdir()
    repo.git("config", "core.worktree", str(tmp / "tree"))
    return repo.root


def worktree_settings(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "core.sparseCheckout", "true")
    return repo.root


def bare_with_a_folder(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    repo.git("config", "core.bare", "true")
    return repo.root


def nested(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    repo.git("init", "-q", "inner")
    return repo.write("inner/deep/x", "").parent


def linked_folder(repo: Repo, tmp: Path) -> Path:
    repo.write("deep/x", "")
    (tmp / "link").symlink_to(repo.root / "deep")
    return tmp / "link"


def linked_git_dir(repo: Repo, tmp: Path) -> Path:
    (repo.root / ".git").rename(tmp / "real.git")
    (repo.root / ".git").symlink_to(tmp / "real.git")
    return repo.root


def no_git_dir(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    # git looks further up if .git is a folder without a repository in it.
    repo.write("deep/.git/x", "")
    return repo.root / "deep"


def odd_name(repo: Repo, tmp: Path) -> Path:
    repo.git("init", "-q", str(tmp / "a b'é"))
    return tmp / "a b'é"


def nowhere(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    (tmp / "empty").mkdir()
    return tmp / "empty"


def dead_gitfile(repo: Repo, tmp: Path) -> Path:
    repo.write("deep/.git", f"gitdir: {tmp}/no-such\n")
    return repo.root / "deep"


def no_gitfile(repo: Repo, tmp: Path) -> Path:  # noqa: ARG001
    repo.write("deep/.git", "something else\n")
    return repo.root / "deep"


def _other(tmp: Path) -> None:
    (tmp / "other").mkdir()
    other = Repo(tmp / "other")
    other.git("init", "-q")
    other.commit("Begin")


SHAPES = (
    *(plain, folder, worktree, worktree_inside, moved_worktree, submodule, separate, bare),
    *(worktree_of_bare, work_tree_elsewhere, worktree_settings, bare_with_a_folder, nested),
    *(linked_folder, linked_git_dir, no_git_dir, odd_name, nowhere, dead_gitfile, no_gitfile),
)
WITHOUT_GIT = (
    *(plain, folder, worktree, worktree_inside, moved_worktree, separate, worktree_of_bare),
    *(worktree_settings, nested, linked_folder, no_git_dir, nowhere, dead_gitfile),
)
Shape = Callable[[Repo, Path], Path]


def gits(where: Path) -> tuple[Path, Path, Path] | None:
    """What git says: top, git directory and common directory."""
    try:
        found = Repository.discover(where)
    except GitError:
        return None
    if found.git_dir is None or found.common_dir is None:
        return None
    return found.root.resolve(), found.git_dir.resolve(), found.common_dir.resolve()


def ours(where: Path) -> tuple[Path, Path, Path] | None:
    found = find_repository.find(str(where))
    if found is None:
        return None
    assert found.git_dir is not None
    assert found.common_dir is not None
    return found.root.resolve(), found.git_dir.resolve(), found.common_dir.resolve()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_repository_is_the_one_that_git_finds(repo: Repo, tmp_path: Path, shape: Shape) -> None:
    repo.commit("Begin")
    where = shape(repo, tmp_path)
    assert ours(where) == gits(where)


@pytest.mark.parametrize("shape", WITHOUT_GIT, ids=lambda shape: shape.__name__)
def test_git_is_not_run_for_plain_repositories(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: Shape
) -> None:
    repo.commit("Begin")
    where = shape(repo, tmp_path)
    expected = gits(where)
    monkeypatch.setattr(
        Repository, "discover", lambda start: pytest.fail(f"git was asked about {start}")
    )
    assert ours(where) == expected


@pytest.mark.parametrize(
    "settings",
    [
        {"GIT_DIR": "{other}/.git"},
        {"GIT_DIR": "{other}/.git", "GIT_WORK_TREE": "{tmp}"},
        {"GIT_CEILING_DIRECTORIES": "{root}"},
        {"GIT_DIR": "{tmp}/no-such"},
    ],
    ids=str,
)
def test_git_environment_variables_are_respected(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    repo.commit("Begin")
    where = folder(repo, tmp_path)
    _other(tmp_path)
    for name, value in settings.items():
        places = {"other": tmp_path / "other", "tmp": tmp_path, "root": repo.root}
        monkeypatch.setenv(name, value.format(**places))
    assert ours(where) == gits(where)


@pytest.mark.parametrize("start", ["/no/such/folder", "a\0b", ""])
def test_missing_folder_has_no_repository(start: str) -> None:
    found = find_repository.find(start)
    # "" is the current folder, which is in no repository here.
    assert found is None or start == ""
