"""The tables in ``tests/corrections/changes``: pairs of versions of a file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from errata.corrections.attribution.diff import Hunk
from errata.corrections.classify.substance import Change

FOLDER = Path(__file__).parent / "corrections/changes"


@dataclass(frozen=True)
class Row:
    change: Change
    path: str
    title: str
    old: str
    new: str

    @property
    def name(self) -> bytes:
        return self.path.encode()


def rows() -> Iterator[Row]:
    for file in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(file.read_text())
        for change in Change:
            for row in table.get(change.value, []):
                path = row.get("path", table["path"])
                yield Row(change, path, row["name"], row["old"], row["new"])


def hunks_between(old: bytes, new: bytes) -> list[Hunk]:
    """The hunks that git would print without context."""
    before, after = old.split(b"\n"), new.split(b"\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        Hunk(start, before[start:stop], after[new_start:new_stop])
        for tag, start, stop, new_start, new_stop in matcher.get_opcodes()
        if tag != "equal"
    ]
