"""Which commits the repository's lists tell blame to look through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attribution import git
from errata.corrections.attribution.ignored_revisions import ignored_commits
from history_builders import FILE, CommitSpec, build


@pytest.fixture
def commits(tmp_path: Path) -> list[str]:
    """The ids of three commits in ``tmp_path / "repo"``."""
    specs = [CommitSpec([n - 1] if n else [], {b"f": (FILE, b"%d\n" % n)}) for n in range(3)]
    return build(tmp_path / "repo", specs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# only a comment\n\n  \n", []),
        ("{0}\n", [0]),
        ("{0}", [0]),
        ("  {0}  # reformat\r\n{1}\r\n", [0, 1]),
        ("{0:.7}\n", [0]),
        ("{upper}\n", [0]),
        ("{0} black\n{1}\n", [1]),
        ("deadbeefdeadbeefdeadbeefdeadbeefdeadbeef\n{2}\n", [2]),
        ("not an id\nHEAD\n--all\n{1}\n", [1]),
        ("\ufeff{0}\n{1}\n", [0, 1]),
        ("\0\n{1}\n", [1]),
    ],
)
def test_lines_of_a_list(
    tmp_path: Path, commits: list[str], text: str, expected: list[int]
) -> None:
    list_file = tmp_path / "repo" / ".git-blame-ignore-revs"
    list_file.write_bytes(text.format(*commits, upper=commits[0].upper()).encode())
    assert ignored_commits(tmp_path / "repo") == {commits[number] for number in expected}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], [0]),
        (["one"], [0, 1]),
        (["one", "two"], [0, 1, 2]),
        (["one", "", "two"], [2]),
        (["one", ""], []),
        (["is not there", "one"], [0, 1]),
        (["~/list"], [0, 2]),
        (["~nobody-of-this-name/list", "one"], [0, 1]),
        ([":(optional)one", ":(optional)absent"], [0, 1]),
        (["{outside}"], [0, 2]),
        (["folder", "pipe", "one"], [0, 1]),
    ],
)
def test_lists_of_the_configuration(
    tmp_path: Path,
    commits: list[str],
    values: list[str],
    expected: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "repo"
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "list").write_text(commits[2])
    for name, commit in zip((".git-blame-ignore-revs", "one", "two"), commits, strict=True):
        (root / name).write_text(commit)
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    for value in values:
        value = value.format(outside=tmp_path / "list")
        git(root, "config", "--add", "blame.ignoreRevsFile", value)
    assert ignored_commits(root) == {commits[number] for number in expected}


def test_a_linked_worktree_has_a_list_of_its_own(tmp_path: Path, commits: list[str]) -> None:
    root, linked = tmp_path / "repo", tmp_path / "linked"
    git(root, "worktree", "add", "-q", str(linked))
    git(root, "config", "blame.ignoreRevsFile", "revs")
    (root / "revs").write_text(commits[0])
    (linked / "revs").write_text(commits[1])
    assert ignored_commits(root) == {commits[0]}
    assert ignored_commits(linked) == {commits[1]}


def test_a_tag_stands_for_its_commit(tmp_path: Path, commits: list[str]) -> None:
    root = tmp_path / "repo"
    git(
        root,
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.c",
        "tag",
        "-a",
        "-m",
        "t",
        "v1",
        commits[1],
    )
    (root / ".git-blame-ignore-revs").write_text(git(root, "rev-parse", "v1"))
    assert ignored_commits(root) == {commits[1]}


def test_a_shallow_clone_lacks_listed_commits(tmp_path: Path, commits: list[str]) -> None:
    clone = tmp_path / "clone"
    source = (tmp_path / "repo").as_uri()
    git(tmp_path, "clone", "-q", "--depth=1", source, str(clone))
    (clone / ".git-blame-ignore-revs").write_text("\n".join(commits))
    assert ignored_commits(clone) == {commits[2]}
