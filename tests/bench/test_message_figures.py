"""The tables about words in docs/accuracy.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.messages import corpus, figures, turns
from bench.messages.__main__ import main
from bench.score import Score

CASES = turns.read()


def test_the_tables_of_the_page_are_the_measured_ones() -> None:
    """After a change of weights or labels: `python -m bench.messages figures --write`."""
    text = figures.DOCS.read_text("utf-8")
    block = re.search(
        r"<!-- figures of the words -->\n(.*?)\n+<!-- end of the figures of the words -->",
        text,
        re.S,
    )
    assert block is not None
    assert block[1].splitlines() == [*figures.lines()]


def test_no_message_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures"]) == 0
    printed = capsys.readouterr().out
    assert "| errata, with the conversation | " in printed
    texts = {case.text for case in corpus.read() if len(case.text.split()) > 3}
    assert not any(text in printed for text in texts)


def test_a_page_without_the_marks_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "accuracy.md"
    page.write_text("# Accuracy\n", "utf-8")
    monkeypatch.setattr(figures, "DOCS", page)
    with pytest.raises(ValueError, match="lacks the marks"):
        figures.write()
    assert page.read_text("utf-8") == "# Accuracy\n"


def test_each_kind_of_session_is_a_group() -> None:
    groups = turns.groups(CASES)
    kinds = [groups[name] for name in ("kept by SpecStory", "of Aider", "of Claude Code")]
    assert sum(map(len, kinds)) == len(CASES)
    assert all(groups.values())


def test_a_judge_without_types_gets_no_share_of_them() -> None:
    untyped = Score.of([("code_quality", ""), (None, None)])
    typed = Score.of([("code_quality", "code_quality")])
    assert figures.cells(untyped)[2] == "-"
    assert figures.cells(typed)[2].startswith("1/1 ")
