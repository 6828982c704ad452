"""The pictures of the README show what the program prints now."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

import pictures
import terminal_svg

TEXT = "{http://www.w3.org/2000/svg}text"


def test_picture_of_try_is_current(tmp_path: Path) -> None:
    drawn = pictures.screen(tmp_path)
    assert drawn == (pictures.FOLDER / "try.svg").read_text("utf-8"), "run `make pictures`"
    texts = [element.text for element in ElementTree.fromstring(drawn).iter(TEXT)]
    assert "WOULD BE TAUGHT (2 lessons, by confidence):" in texts


def test_words_of_a_terminal_stay_text() -> None:
    drawn = terminal_svg.draw('a < b & "c"\n', "<title>")
    root = ElementTree.fromstring(drawn)
    assert [element.text for element in root.iter(TEXT)] == ['a < b & "c"']
    assert root[0].text == "<title>"


def test_styles_keep_their_columns() -> None:
    line = "ab\x1b[1m cd\x1b[0m\x1b[31mef\x1b[0m"
    red = "#ff7b72"
    assert [*terminal_svg.runs(line)] == [
        (0, "ab", "", False),
        (2, " cd", "", True),
        (5, "ef", red, False),
    ]


def test_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="style 5"):
        [*terminal_svg.runs("\x1b[5mblinks\x1b[0m")]
