"""A repository in which people corrected an agent, built once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from check_builders import corrected_history
from conftest import Repo

_BUILT: dict[str, Path] = {}


@pytest.fixture
def history(
    repo: Repo, errata: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Repo:
    if "history" not in _BUILT:
        corrected_history(repo, errata)
        _BUILT["history"] = tmp_path_factory.mktemp("checks") / "history"
        shutil.copytree(repo.root, _BUILT["history"])
    else:
        shutil.copytree(_BUILT["history"], repo.root, dirs_exist_ok=True)
    return repo
