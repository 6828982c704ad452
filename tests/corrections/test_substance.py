"""What a formatter could have done, and what means something: tables in ``changes/``."""

from __future__ import annotations

import time

import pytest

from changed_rows import Row, hunks_between, rows
from errata.corrections.classify.substance import Change, classify_hunks, is_cosmetic

ROWS = [*rows()]
ORDER = [Change.FORMAT, Change.ADDITION, Change.SUBSTANCE]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.change}: {row.path}: {row.title}")
def test_change(row: Row) -> None:
    before, after = row.old.encode(), row.new.encode()
    cosmetic = row.change is Change.FORMAT
    assert is_cosmetic(row.name, before, after) is cosmetic
    assert is_cosmetic(row.name, after, before) is cosmetic
    assert is_cosmetic(row.name, before, before)
    changes = classify_hunks(row.name, before, hunks_between(before, after))
    assert max(changes, key=ORDER.index) is row.change


@pytest.mark.parametrize("line", ["[", "/*", "<!--", "end", "->", "\\"])
@pytest.mark.parametrize("ending", ["lua", "go", "swift", "css", "py", "ts", "sh", "cpp"])
@pytest.mark.parametrize("lines", [4_000, 40_000])
def test_a_text_that_repeats_one_line_takes_bounded_time(
    ending: str, line: str, lines: int
) -> None:
    """Nothing can stop a parser, and on some of these it takes minutes."""
    old = f"{line}\n".encode() * lines
    begun = time.process_time()
    is_cosmetic(f"a.{ending}".encode(), old, old + b"x\n")
    assert time.process_time() - begun < 5
