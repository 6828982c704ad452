"""A repository with one correction in its history."""

from __future__ import annotations

from pathlib import Path

import pytest

from attribution import Records, backfill_records, git, story
from history_builders import build


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, list[str]]:
    """An agent's commit, a person's notes and a person's fix of the agent's lines; checked out."""
    root = tmp_path / "made"
    shas = build(root, story(None, None, None))
    git(root, "reset", "-q", "--hard")
    return root, shas


@pytest.fixture
def expected(built: tuple[Path, list[str]]) -> Records:
    """The records without any configuration."""
    return backfill_records(built[0])
