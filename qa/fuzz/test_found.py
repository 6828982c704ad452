"""Replays every input that ever broke a parser, and the seeds of each target."""

from __future__ import annotations

from pathlib import Path

import pytest
from qa.fuzz import registry
from qa.fuzz.guard import Guard, checked

_FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))


@pytest.mark.parametrize("file", _FOUND, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_finding_is_fixed(file: Path) -> None:
    finding = checked(registry.load(file.parent.name).run, file.read_bytes())
    assert finding is None, finding.detail


@pytest.mark.parametrize("name", registry.NAMES)
def test_target_accepts_its_seeds(name: str) -> None:
    target = registry.load(name)
    seeds = list(target.seeds())
    assert seeds
    with Guard(target.run) as guard:
        for seed in seeds:
            finding = guard.check(seed[: target.limit])
            assert finding is None, finding.detail
