"""Names and ids that are empty, that nothing has, or that much has: each is answered in one line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from record_builders import CORRECTIONS, correction

Run = Callable[..., subprocess.CompletedProcess[str]]
A, B, C = (f"cor-{digit * 20}" for digit in "abc")


@pytest.fixture(autouse=True)
def logs(repo: Any) -> Any:
    repo.jsonl(
        CORRECTIONS, correction(3, id=A), correction(2, id=B), correction(1, id=C, agent="sre")
    )
    return repo


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    return done.stderr.rstrip("\n")


@pytest.mark.parametrize(
    "words",
    [
        ("corrections", "--agent", ""),
        ("corrections", "--list", "--agent", ""),
        ("corrections", "--pattern", ""),
        ("patterns", "--agent", ""),
        ("patterns", "--category", ""),
        ("review", "--agent", ""),
        ("review", "--pattern", ""),
        ("evolve", "--agent", ""),
        ("evolve", "--pattern", ""),
        ("context", "--agent", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_not_an_absent_filter(errata: Run, words: tuple[str, ...]) -> None:
    assert f"{words[-2]} is empty" in refused(errata(*words))
