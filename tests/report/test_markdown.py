"""The short form: hostile text adds no markup, and nothing is said twice."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from errata.report import markdown
from report_builders import HOSTILE, nothing, report

_KINDS = frozenset(("link_open", "image", "html_inline", "html_block", "hr"))


def kinds(text: str) -> list[str]:
    """The kinds of the parts of a Markdown text, as GitHub reads it."""
    parser = MarkdownIt("commonmark", {"linkify": False}).enable("table").enable("strikethrough")
    tokens = parser.parse(text)
    return [child.type for token in tokens for child in (token, *(token.children or ()))]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_adds_no_markup(text: str) -> None:
    rendered = markdown.render(report(text))
    found = kinds(rendered)
    assert not _KINDS & set(found)
    harmless = kinds(markdown.render(report("harmless")))
    for kind in ("heading_open", "tr_open", "td_open", "fence", "list_item_open"):
        assert found.count(kind) == harmless.count(kind)
    outside = re.sub(r"(?s)```diff.*?\n  ```|`[^`\n]*`", "", rendered)
    assert not re.search(r"(?<!\\)@\w", outside)


def test_it_is_short() -> None:
    text = markdown.render(report())
    assert len(text.splitlines()) <= 50
    assert "- **12 of 100 agent commits were corrected** (38 of 330; likely between" in text
    assert "Falling" in text
    assert "  - print(x)\n  + logger.debug(x)\n" in text
    assert "Before: " not in text.split("### Lessons")[0]


def test_nothing_to_say() -> None:
    assert "This repository has no commit yet." in markdown.render(nothing())
    people = nothing(commits_by={"person": 3}, first="2025-01-01", last="2025-01-02")
    assert "nothing to report yet" in markdown.render(people)


def test_what_all_lessons_have_in_common_comes_before_them() -> None:
    said = "2 lessons: works; repeated 0.30 times as often as before (0.12 to 0.81)"
    text = markdown.render(report(together=said))
    assert text.index(f"Together, {said}.") < text.index("Do not print.")
    assert "Together" not in markdown.render(report())
