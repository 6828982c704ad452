"""Fixtures of the doctor's tests: errata set up once, and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import Doctor, copy, set_up

_made: dict[str, Path] = {}


@pytest.fixture
def healthy(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Repo]:
    """A repository in which `errata init` was run, with pre-commit; the current directory."""
    if "pre-commit" not in _made:
        _made["pre-commit"] = tmp_path_factory.mktemp("template")
        set_up(_made["pre-commit"])
    root = tmp_path / "healthy"
    copy(_made["pre-commit"], root)
    monkeypatch.chdir(root)
    yield Repo(root)


@pytest.fixture
def doctor(healthy: Repo) -> Doctor:
    """The doctor of that repository."""
    return Doctor(healthy.root)
