"""Every reader counts the corrections that version 0.1 left in its outbox, another file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Repo
from errata.core import atomic
from errata.core.config import Config
from errata.core.git import Repository
from errata.patterns.corpus import load_corpus
from errata.records import log_lock
from errata.state import outbox
from manager_builders import Errata, done
from record_builders import CORRECTIONS, correction

ID = "cor-0123456789abcdef0123"


@pytest.fixture
def old(repo: Repo) -> Path:
    """The file, with a correction; another one is in the log."""
    repo.jsonl(CORRECTIONS, correction(9, id="cor-9"))
    repo.commit("Begin")
    return repo.jsonl(".git/errata/pending.jsonl", correction(1, id=ID))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("corrections",), "2 corrections"),
        (("corrections", "--list"), ID),
        (("explain", ID), ID),
        (("reject", ID), ID),
        (("uninstall", "--dry-run"), "1 captured correction"),
    ],
)
def test_the_first_command_counts_them(
    repo: Repo, errata: Errata, old: Path, words: tuple[str, ...], shown: str
) -> None:
    if words[0] == "uninstall":
        done(errata("init", "--manager", "plain"))
        assert old.exists()
    output = done(errata(*words))
    assert shown in output
    assert not old.exists()
    [kept] = (repo.root / ".git/errata" / outbox.FILE_NAME).read_text().splitlines()
    assert json.loads(kept)["id"] == ID


def test_a_file_that_cannot_be_moved_stays(repo: Repo, old: Path) -> None:
    here = Repository.discover(repo.root)
    (old.parent / outbox.FILE_NAME).mkdir()
    assert [*load_corpus(here, Config()).occurrences.ids] == ["correction:cor-9"]
    assert old.read_text().count("\n") == 1


def test_it_waits_for_hooks_of_version_0_1(
    repo: Repo, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Repository.discover(repo.root)
    monkeypatch.setattr(log_lock, "WAIT", 0.1)
    # As that version named its lock.
    with atomic.exclusive_lock(old.parent / "pending.jsonl.37cb4956.lock", 1):
        assert outbox.count(here) == 0
        assert old.exists()
    assert outbox.count(here) == 1
    assert not old.exists()
