"""The quick look that lets most commits pass without reading any setting."""

from __future__ import annotations

from typing import Any

import pytest

from errata.core.config import Config
from errata.records import precheck, staged_logs


def test_the_places_are_those_of_the_settings() -> None:
    assert tuple(staged_logs.checked(Config())) == precheck.LOGS


@pytest.fixture
def begun(repo: Any) -> Any:
    repo.write("a", "1\n")
    repo.commit("first")
    repo.write("a", "2\n")
    repo.git("add", "a")
    return repo


def test_a_commit_without_logs(begun: Any) -> None:  # noqa: ARG001
    assert precheck.changes_no_log(["a", "b.py"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".claude/incidents.jsonl", "{}\n"),
        ("errata.toml", '[logs]\nfindings = "x"\n'),
        (".git/MERGE_HEAD", "0\n"),
    ],
)
def test_what_is_looked_at_properly(begun: Any, path: str, text: str) -> None:
    begun.write(path, text)
    begun.git("add", "-A")
    assert not precheck.changes_no_log([])


@pytest.mark.parametrize("args", [["--allow-rewrite"], ["notes.jsonl"], ["--help"]])
def test_arguments_that_are_looked_at(begun: Any, args: list[str]) -> None:  # noqa: ARG001
    assert not precheck.changes_no_log(args)


def test_the_first_commit_and_a_sub_directory_are_looked_at(
    repo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("sub/a", "1\n")
    assert not precheck.changes_no_log([])
    repo.commit("first")
    assert precheck.changes_no_log([])
    monkeypatch.chdir(repo.root / "sub")
    assert not precheck.changes_no_log([])


def test_other_settings_are_not_in_the_way(begun: Any) -> None:
    begun.write("errata.toml", "[capture]\nwindow_days = 3\n")
    assert precheck.changes_no_log([])
