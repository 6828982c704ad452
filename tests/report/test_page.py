"""The HTML file: what it promises about scripts, other places and hostile text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from errata.report import page
from errata.report.model import Report, Row, Share
from report_builders import HOSTILE, lesson, nothing, report

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

ELEMENTS = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer"),
        *("section", "article", "h1", "h2", "h3", "p", "ul", "li", "a", "strong", "span", "div"),
        *("code", "pre", "dl", "dt", "dd", "figure", "figcaption", "details", "summary"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("svg", "g", "path", "line", "rect", "text", "tspan", "circle"),
    )
)
VOID = frozenset(("meta",))


class Elements(HTMLParser):
    """Every element with its attributes, and the text outside the style."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def rendered(data: Report) -> str:
    return page.render(data).decode()


def attributes(elements: Elements) -> Iterator[tuple[str, str, str]]:
    for tag, attrs in elements.found:
        yield from ((tag, name, value or "") for name, value in attrs.items())


def visible(source: str) -> str:
    return " ".join("".join(Elements(source).text).split())


def check(source: str) -> Elements:
    """What holds of every report."""
    elements = Elements(source)
    assert elements.open == []
    assert {tag for tag, _ in elements.found} <= ELEMENTS
    for tag, name, value in attributes(elements):
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "srcdoc", "xlink:href", "action", "formaction"), tag
        if name == "href":
            assert re.fullmatch(r"#[a-z]+", value), value
        if name in ("fill", "stroke"):
            assert "(" not in value.replace("var(--", ""), value
    ids = [value for _, name, value in attributes(elements) if name == "id"]
    assert len(ids) == len(set(ids))
    return elements


def policy_of(elements: Elements) -> str:
    (policy,) = [
        attrs["content"] or ""
        for tag, attrs in elements.found
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    return policy


def test_the_policy_allows_one_style_and_nothing_else() -> None:
    source = rendered(report())
    elements = check(source)
    (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy_of(elements).split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    # It holds for what follows it, so nothing may come before it but the encoding.
    assert [tag for tag, _ in elements.found[:4]] == ["html", "head", "meta", "meta"]


def test_it_loads_nothing() -> None:
    source = rendered(report())
    assert re.findall(r"(?i)https?:|//[a-z]|@import|url\(|<script|<link|<iframe", source) == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    source = rendered(report(text))
    elements = check(source)
    assert policy_of(elements) == policy_of(check(rendered(report())))
    harmless = [tag for tag, _ in check(rendered(report("harmless"))).found]
    # It adds no element but the code between its own backticks.
    added = [tag for tag, _ in elements.found if tag not in ("code", "tspan")]
    assert added == [tag for tag in harmless if tag not in ("code", "tspan")]
    hidden = "\u202e\u2066\u200b\x1b\x00"
    assert not set(hidden) & set(source)


def test_a_reader_sees_hostile_text_as_it_is() -> None:
    shown = visible(rendered(report(HOSTILE[0])))
    assert HOSTILE[0] in shown


def test_the_three_numbers_and_the_lessons_come_first() -> None:
    shown = visible(rendered(report()))
    order = [
        "How coding agents do in project",
        "of 100 agent commits were corrected",
        "of agents' lines are still there after 90 days",
        "lesson from these corrections",
        "Do not print.",
        "It works: agents repeat it less often than before.",
        "Corrections over time",
        "Where agents are corrected",
        "Which files",
        "How long agents' lines live",
        "What is getting better or worse",
        "Who fixes what",
    ]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert "12 of 80" not in shown
    assert (
        "10 of 80 commits that could have called for it (12%, likely between 7% and 22%)" in shown
    )
    assert "1 lesson no longer taught" in shown


def test_every_plot_has_a_table() -> None:
    elements = check(rendered(report()))
    tags = [tag for tag, _ in elements.found]
    plots = tags.count("figure")
    assert plots == 8
    assert tags.count("svg") == 2 * plots
    after = [at for at, tag in enumerate(tags) if tag == "figcaption"]
    assert all(tags[at + 1 : at + 3] == ["details", "summary"] for at in after)
    hidden = [attrs for tag, attrs in elements.found if tag == "svg"]
    assert all(attrs["aria-hidden"] == "true" for attrs in hidden)


def test_headings_have_no_gaps_and_sections_have_names() -> None:
    elements = check(rendered(report()))
    levels = [int(tag[1]) for tag, _ in elements.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    ids = {attrs.get("id") for _, attrs in elements.found}
    for tag, attrs in elements.found:
        if tag == "section":
            assert attrs["aria-labelledby"] in ids
        if tag == "a":
            assert (attrs["href"] or "")[1:] in ids


def test_an_empty_repository() -> None:
    shown = visible(rendered(nothing()))
    assert "This repository has no commit yet." in shown
    assert "0%" not in shown


def test_a_repository_without_agents() -> None:
    source = rendered(nothing(commits_by={"person": 3}, first="2025-01-01", last="2025-01-02"))
    check(source)
    assert "No commit shows that an agent made it." in visible(source)


def test_agents_without_corrections() -> None:
    few = [Row("2025-01", Share(0, 3))]
    source = rendered(
        nothing(
            commits_by={"agent": 3, "person": 1}, months=few, agents=[Row("codex", few[0].share)]
        )
    )
    check(source)
    shown = visible(source)
    assert "No lesson: nobody soon changed what an agent had committed." in shown
    assert shown.count("Not enough data yet") == 3
    assert "<svg" not in source


def test_corrections_without_lessons() -> None:
    shown = visible(rendered(report(lessons=[])))
    assert "No lesson yet: 38 corrections, but none recurs often enough to be taught." in shown
    assert "Wrap lines." in shown


def test_many_lessons_are_folded() -> None:
    rows = [lesson(name=f"lesson-{number}") for number in range(11)]
    source = rendered(report(lessons=rows))
    check(source)
    assert "3 lessons more" in visible(source)


def test_the_same_report_has_the_same_bytes() -> None:
    assert page.render(report()) == page.render(report())


def test_what_all_lessons_have_in_common_comes_before_them() -> None:
    said = "2 lessons: works; repeated 0.30 times as often as before (0.12 to 0.81)"
    assert rendered(report(together=said)).count(f"Together, {said}.") == 1
    assert "Together" not in rendered(report())
