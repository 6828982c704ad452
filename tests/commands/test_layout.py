"""Text and tables fit the width, and lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.commands import layout
from errata.commands.layout import Column, cells, cut, wrap

WORDS = st.text(st.sampled_from("abc`—é한字ｱ\u0301👍.-"), min_size=1, max_size=30)
TEXTS = st.lists(WORDS, max_size=20).map(" ".join)
WIDTHS = st.integers(layout.NARROWEST, layout.WIDEST)


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("é", 1), ("e\u0301", 1), ("한국", 4), ("字", 2), ("", 0)]
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 10, ["short"]),
        ("one two three", None, ["one two three"]),
        ("one two three", 8, ["one two", "  three"]),
        ("  - one two three", 12, ["  - one two", "    three"]),
        ("name     yes  words that follow", 20, ["name     yes  words", "  that follow"]),
        ("see `errata explain ID` now", 12, ["see", "  `errata explain ID`", "  now"]),
        ("unbalanced ` tick here", 12, ["unbalanced `", "  tick here"]),
        ("averyveryverylongword x", 10, ["averyveryverylongword", "  x"]),
        ("字字字字字字", 6, ["字字字", "  字字", "  字"]),
        ("볼륨 크기 조정에서", 12, ["볼륨 크기", "  조정에서"]),
    ],
)
def test_wrap(text: str, width: int | None, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@given(TEXTS, WIDTHS, st.integers(0, 8))
def test_wrap_loses_nothing(text: str, width: int, hang: int) -> None:
    lines = wrap(text, width, hang)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        # Wider than that are only single words.
        assert cells(line) <= width or len(wrap(line.strip(), 1, 0)) == 1 or "`" in line


@given(TEXTS, st.integers(1, 80))
def test_cut(text: str, width: int) -> None:
    shown = cut(text, width)
    assert shown == text if cells(text) <= width else shown.endswith("…")
    assert cells(shown) <= width and text.startswith(shown.removesuffix("…"))


COLUMNS = Column("#", 2, right=True), Column("Name", 28, gap=1), Column("Count"), Column("Who")
ROW = ("1", "missing-status-condition", "12", "api-dev, frontend-dev")


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            None,
            [
                " #  Name                         Count  Who",
                " 1  missing-status-condition     12     api-dev, frontend-dev",
            ],
        ),
        (
            60,
            [
                " #  Name                     Count  Who",
                " 1  missing-status-condition 12     api-dev, frontend-dev",
            ],
        ),
        (
            56,
            [
                " #  Name                     Count  Who",
                " 1  missing-status-condition 12     api-dev,",
                "                                    frontend-dev",
            ],
        ),
        (
            40,
            [
                " #  Name",
                "    Count  Who",
                " 1  missing-status-condition",
                "    12     api-dev, frontend-dev",
            ],
        ),
    ],
)
def test_table(width: int | None, lines: list[str]) -> None:
    assert [line.text for row in layout.table(COLUMNS, [ROW], width, 0) for line in row] == lines


NAMES = st.text(st.sampled_from("ab-字"), min_size=1, max_size=40)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES, TEXTS), min_size=1, max_size=5), WIDTHS)
def test_table_loses_nothing(rows: list[tuple[str, ...]], width: int) -> None:
    shown = [[line.text for line in row] for row in layout.table(COLUMNS, rows, width, 2)]
    assert len(shown) == len(rows) + 1
    for row, lines in zip(rows, shown[1:], strict=True):
        # Cells stay whole, except the last, which is wrapped.
        assert all(cell in "\n".join(lines) for cell in row[:-1])
        assert sorted("".join("".join(lines).split())) == sorted("".join("".join(row).split()))


@pytest.mark.parametrize(
    ("columns", "width"),
    [("80", 80), ("10", 60), ("1000", 200), ("0", None), ("", None), ("-5", None), ("x", None)],
)
def test_terminal_width(columns: str, width: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert layout.terminal_width() == width
