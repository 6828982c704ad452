"""Laws of the comparison of two versions of a file, over the tables in ``changes/``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from changed_rows import Row, hunks_between, rows
from errata.corrections.classify.substance import cosmetic_hunks, is_cosmetic

PACKAGE = Path(__file__).parents[2] / "hooks/errata"
SOURCES = ("corrections/detect.py", "core/git.py", "state/outbox.py", "cli.py", "learn.py")
STYLES = (
    ("--line-length=50",),
    ("--line-length=140", "--config=format.quote-style='single'", "--config=indent-width=2"),
    ("--line-length=70", "--config=format.skip-magic-trailing-comma=true"),
)
ROWS = [row for row in rows() if row.path != "README.md"]
WORD, DIGIT = re.compile(r"[A-Za-z_]\w{2,}"), re.compile(r"(?<![.\d])[1-9]")


@pytest.mark.parametrize("style", STYLES, ids=" ".join)
def test_what_a_formatter_writes_is_cosmetic(style: tuple[str, ...]) -> None:
    for source in SOURCES:
        old = (PACKAGE / source).read_bytes()
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", *style, "-"]
        new = subprocess.run(command, input=old, capture_output=True, check=True).stdout
        assert old != new
        assert is_cosmetic(source.encode(), old, new), source
        assert all(cosmetic_hunks(source.encode(), old, hunks_between(old, new))), source


@given(st.sampled_from(ROWS), st.data())
@settings(max_examples=60, deadline=None)
def test_another_name_is_not_cosmetic(row: Row, data: st.DataObject) -> None:
    places = [*WORD.finditer(row.old)]
    assume(places)
    place = data.draw(st.sampled_from(places))
    new = f"{row.old[: place.end()]}x{row.old[place.end() :]}"
    assert not is_cosmetic(row.name, row.old.encode(), new.encode())


@given(st.sampled_from(ROWS), st.data())
@settings(max_examples=60, deadline=None)
def test_another_number_is_not_cosmetic(row: Row, data: st.DataObject) -> None:
    places = [*DIGIT.finditer(row.old)]
    assume(places)
    start = data.draw(st.sampled_from(places)).start()
    digit = str(int(row.old[start]) % 9 + 1)
    new = row.old[:start] + digit + row.old[start + 1 :]
    assert not is_cosmetic(row.name, row.old.encode(), new.encode())


@given(st.sampled_from([*rows()]), st.data())
@settings(max_examples=80, deadline=None)
def test_hunks_and_whole_files_agree(row: Row, data: st.DataObject) -> None:
    lines = row.old.split("\n")
    index = data.draw(st.integers(0, len(lines) - 1))
    edit = data.draw(st.sampled_from(["drop", "repeat", "indent", "blank", "spaces", "other"]))
    lines[index : index + 1] = {
        "drop": [],
        "repeat": [lines[index]] * 2,
        "indent": ["    " + lines[index]],
        "blank": ["", lines[index]],
        "spaces": [lines[index].replace(" ", "  ")],
        "other": row.new.split("\n"),
    }[edit]
    old, new = row.old.encode(), "\n".join(lines).encode()
    cosmetic = is_cosmetic(row.name, old, new)
    assert cosmetic is is_cosmetic(row.name, new, old)
    assert cosmetic is all(cosmetic_hunks(row.name, old, hunks_between(old, new)))


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(ROWS))
@settings(max_examples=100, deadline=None)
def test_any_bytes_can_be_compared(old: bytes, new: bytes, row: Row) -> None:
    assert is_cosmetic(row.name, old, old)
    assert is_cosmetic(row.name, old, new) is is_cosmetic(row.name, new, old)
    assert len(cosmetic_hunks(row.name, old, hunks_between(old, new))) == len(
        hunks_between(old, new)
    )
