"""What a formatter could have done, and what means something: tables in ``changes/``."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from errata.corrections.attribution.diff import Hunk
from errata.corrections.classify.substance import Change, classify_hunks, is_cosmetic

FOLDER = Path(__file__).parent / "changes"


def rows() -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(file.read_text())
        for change in Change:
            for row in table.get(change.value, []):
                path = row.get("path", table["path"])
                name = f"{change.value}: {path}: {row['name']}"
                found.append(pytest.param(change, path, row["old"], row["new"], id=name))
    return found


def hunks_between(old: bytes, new: bytes) -> list[Hunk]:
    """The hunks that git would print without context."""
    before, after = old.split(b"\n"), new.split(b"\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        Hunk(start, before[start:stop], after[new_start:new_stop])
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]


def summary(changes: list[Change]) -> Change:
    order = [Change.FORMAT, Change.ADDITION, Change.SUBSTANCE]
    return max(changes, key=order.index, default=Change.FORMAT)


@pytest.mark.parametrize(("change", "path", "old", "new"), rows())
def test_change(change: Change, path: str, old: str, new: str) -> None:
    name, before, after = path.encode(), old.encode(), new.encode()
    assert is_cosmetic(name, before, after) is (change is Change.FORMAT)
    assert is_cosmetic(name, after, before) is (change is Change.FORMAT)
    assert is_cosmetic(name, before, before)
    assert summary(classify_hunks(name, before, hunks_between(before, after))) is change
