"""Paths in exports, and the files of the repository that they mean."""

from __future__ import annotations

from typing import Any

import pytest

from errata.core.git import Repository
from errata.reviews.files import RepositoryFiles


@pytest.fixture
def files(repo: Any) -> RepositoryFiles:
    """A repository of a few files."""
    for name in ("setup.py", "src/a.py", "backend/app/main.py", "backend/b.py", "web/b.py"):
        repo.write(name, "x\n")
    repo.git("add", "-A")
    return RepositoryFiles(Repository.discover())


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("src\\a.py", "src/a.py"),
        ("src/x/../a.py", "src/a.py"),
        # Run in a subdirectory.
        ("app/main.py", "backend/app/main.py"),
        # Run elsewhere.
        ("/builds/project/src/a.py", "src/a.py"),
        ("C:/builds/src/a.py", "src/a.py"),
        ("/app/app/main.py", "backend/app/main.py"),
        # Two files have this end, and this name could be anybody's.
        ("/x/b.py", ""),
        ("/usr/lib/python3/setup.py", ""),
        # Not here any more.
        ("src/gone.py", "src/gone.py"),
        ("/builds/project/src/gone.py", ""),
        ("../../etc/passwd", ""),
        ("/etc/passwd", ""),
        ("https://example.org/src/other.py", ""),
        (".", ""),
    ],
)
def test_find(files: RepositoryFiles, path: str, found: str) -> None:
    assert files.find(path) == found


def test_absolute_path_of_this_work_tree(repo: Any, files: RepositoryFiles) -> None:
    assert files.find(f"{repo.root}/src/a.py") == "src/a.py"
    assert files.find(f"/somewhere/{repo.root.name}/setup.py") == "setup.py"


def test_files_of_the_reviewed_commit_count(repo: Any, files: RepositoryFiles) -> None:
    repo.commit()
    reviewed = repo.git("rev-parse", "HEAD")
    repo.git("rm", "-q", "src/a.py")
    assert files.find("src/a.py") == "src/a.py"
    assert RepositoryFiles(Repository.discover(), reviewed).find("/w/src/a.py") == "src/a.py"
    assert RepositoryFiles(Repository.discover()).find("/w/src/a.py") == ""


def test_outside_git_a_path_is_taken_as_it_is(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert RepositoryFiles(Repository.discover()).find("src/a.py") == "src/a.py"
