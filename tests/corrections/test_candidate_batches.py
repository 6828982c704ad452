"""How many commits are looked at together, and in which process, changes no record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from child_processes import children
from errata.core.config import load
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.lessons.describe_correction import describe_correction
from history_builders import AGENT, FILE, PERSON, START, CommitSpec, build

HOUR = 3_600
PAIRS = 12


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agent's functions, each corrected by a person an hour later."""
    folder: Path = tmp_path_factory.mktemp("pairs")
    commits = [CommitSpec([], {b"code.py": (FILE, b"")}, when=START)]
    code = b""
    for number in range(PAIRS):
        wrong = code + b"def f%d(value):\n    return value.name\n\n\n" % number
        code = wrong.replace(b"return value", b"return value and value")
        for text, author, message in (
            (wrong, AGENT, b"feat: more\n"),
            (code, PERSON, b"fix crash: forgot None\n"),
        ):
            when = START + len(commits) * HOUR
            tree = {b"code.py": (FILE, text)}
            commits.append(CommitSpec([len(commits) - 1], tree, author, when, None, message))
    build(folder, commits)
    return folder


def records(root: Path, **options: Any) -> list[dict[str, Any]]:
    repo = Repository.discover(root)
    commits = CommitRange.resolve(repo, [])
    search = Backfill(repo, load(root), commits, describe_correction, **options)
    return [correction.to_record() for correction in search]


@pytest.fixture(scope="module")
def expected(root: Path) -> list[dict[str, Any]]:
    return records(root, batch=1000)


def test_all_are_found(expected: list[dict[str, Any]]) -> None:
    assert len(expected) == PAIRS
    assert all(record["edits"] for record in expected)


@pytest.mark.parametrize("size", [1, 2, 5, PAIRS - 1])
def test_size(root: Path, expected: list[dict[str, Any]], size: int) -> None:
    assert records(root, batch=size) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_one_processor(root: Path, expected: list[dict[str, Any]]) -> None:
    cpus = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(cpus)})
        assert records(root, batch=1) == expected
    finally:
        os.sched_setaffinity(0, cpus)


def test_a_search_that_is_left_early_leaves_no_process(root: Path) -> None:
    before = children()
    repo = Repository.discover(root)
    search = iter(Backfill(repo, load(root), CommitRange.resolve(repo, []), batch=1))
    assert next(search)
    assert children() > before
    search.close()  # type: ignore[attr-defined]
    assert children() == before
