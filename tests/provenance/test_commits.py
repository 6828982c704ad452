"""Commits in one process, in any encoding, from real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.provenance.commits import read_commits
from errata.provenance.revisions import read_revisions


@pytest.fixture
def history(repo: Any) -> list[str]:
    return [repo.commit(f"Commit {n}") for n in range(4)]


def test_the_asked_ones_in_the_asked_order(history: list[str]) -> None:
    asked = [history[2], history[0], history[2]]
    got = read_commits(Repository.discover(), asked)
    assert [commit.sha for commit in got] == [history[2], history[0]]
    assert got[0].parents == (history[1],) and got[1].parents == ()
    assert got[0].author_time == got[0].committer_time == 1_736_942_400_000_000
    assert got[0].ident.message == "Commit 2\n"
    assert (got[0].ident.author_name, got[0].ident.committer_email) == (
        "Ann Author",
        "ann@example.org",
    )
    assert read_commits(Repository.discover(), []) == []


def test_one_process_for_any_number(
    history: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Repository.discover()
    log = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(log))
    assert len(read_commits(where, history)) == 4
    assert log.read_text().count('"event":"start"') == 1


def raw_commit(repo: Any, message: bytes, *headers: bytes, name: bytes = b"Ann") -> str:
    """A commit object written byte for byte."""
    who = name + b" <ann@example.org> 1736942400 +0000"
    head = [b"tree " + repo.git("write-tree").encode(), b"author " + who, b"committer " + who]
    data = b"\n".join([*head, *headers]) + b"\n\n" + message
    done = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        input=data,
        capture_output=True,
        check=True,
        cwd=repo.root,
    )
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("message", "headers", "expected"),
    [
        ("Größe\n".encode(), (), "Größe\n"),
        ("Größe\n".encode("latin-1"), (), "Größe\n"),
        ("Größe\n".encode("latin-1"), (b"encoding ISO-8859-1",), "Größe\n"),
        ("Привет\n".encode("koi8-r"), (b"encoding KOI8-R",), "Привет\n"),
        (b"a\xffb\n", (b"encoding no-such-thing",), "aÿb\n"),
        (b"a\xffb\n", (b"encoding UTF-8",), "aÿb\n"),
        (b"", (), "\n"),
        (b"\n\nlate\n\n\n", (), "\n\nlate\n"),
        (b"one\r\ntwo\x1f\x1b[31m\n", (), "one\r\ntwo\x1f\x1b[31m\n"),
    ],
)
def test_any_encoding_is_read(
    repo: Any, message: bytes, headers: tuple[bytes, ...], expected: str
) -> None:
    repo.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    shas = [raw_commit(repo, message, *headers, name=b"J\xf6rg"), repo.commit("After")]
    got = read_commits(Repository.discover(), shas)
    assert [commit.sha for commit in got] == shas
    assert got[0].ident.message == expected
    assert got[1].ident.message == "After\n"
    # git falls back to the raw bytes where the named encoding does not fit them
    assert got[0].ident.author_name.endswith("rg")


def test_the_users_log_settings_change_nothing(repo: Any, history: list[str]) -> None:
    plain = read_revisions(Repository.discover(), ["HEAD"])
    settings = {
        "log.showSignature": "true",
        "log.decorate": "full",
        "log.follow": "true",
        "log.showRoot": "false",
        "format.pretty": "oneline",
        "format.notes": "*",
        "color.ui": "always",
        "log.diffMerges": "on",
    }
    for key, value in settings.items():
        repo.git("config", key, value)
    repo.git("notes", "add", "-m", "a note", "HEAD")
    (repo.root / ".mailmap").write_text("Other <other@example.org> <ann@example.org>\n")
    assert read_revisions(Repository.discover(), ["HEAD"]) == plain
    assert [commit.sha for commit in plain] == history[-1:]


def test_revisions_and_ranges(repo: Any, history: list[str]) -> None:
    where = Repository.discover()
    one = read_revisions(where, ["HEAD~1", "HEAD~1"])
    assert [commit.sha for commit in one] == [history[2]]
    two = read_revisions(where, ["HEAD~2..HEAD", "HEAD~3"])
    assert [commit.sha for commit in two] == [history[3], history[2], history[0]]
    repo.write("HEAD~1", "a file of that name")
    assert [commit.sha for commit in read_revisions(where, ["HEAD~1"])] == [history[2]]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("bad", ["--output=pwned", "-1", "--all", "", "nosuch", "HEAD\0x", "a b"])
def test_what_is_no_revision_is_refused(repo: Any, bad: str) -> None:
    with pytest.raises(GitError):
        read_revisions(Repository.discover(), [bad])
    assert not (repo.root / "pwned").exists()


def test_a_commit_that_is_not_here_is_said(history: list[str]) -> None:
    with pytest.raises(GitError):
        read_commits(Repository.discover(), [history[0], "0" * 39 + "1"])
