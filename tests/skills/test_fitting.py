"""What an agent is about to write, its parts, and the lessons that fit it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.lessons import triggers
from errata.lessons.instructions import lesson
from errata.lessons.kinds import Fact
from errata.lessons.members import Area, Member
from errata.skills.fitting import Edit, added_lines, of_edits, of_prompt

LINES = st.lists(st.sampled_from(["a", " a", "b", "", "c = 1"]), max_size=8).map("\n".join)


@given(LINES, LINES)
def test_added_lines_are_those_that_the_old_text_lacks(old: str, new: str) -> None:
    def count(text: str) -> Counter[str]:
        return Counter(line.strip() for line in text.split("\n") if line.strip())

    assert count(added_lines(old, new)) == count(new) - count(old)
    assert added_lines(new, new) == ""


@pytest.mark.parametrize(
    ("path", "added", "code", "comments"),
    [
        ("a.py", "# one\nx = 1  # two\n", "x = 1  # two\n", "# one\n# two\n"),
        ("a.py", "#!/bin/sh\nx\n", "#!/bin/sh\nx\n", "\n"),
        ("a.ts", "// one\nf();\n", "f();\n", "// one\n"),
        ("a.ts", "/** one\n * two\n */\nf();\n", "f();\n", "/** one\n * two\n */\n"),
        ("a.css", "#id { }\n", "#id { }\n", "\n"),
        ("a.c", "#include <a.h>\n", "#include <a.h>\n", "\n"),
        ("a.ts", "open('https://a/b');\n", "open('https://a/b');\n", "\n"),
    ],
)
def test_code_and_comments(path: str, added: str, code: str, comments: str) -> None:
    edit = Edit(path, added, new=False)
    assert edit.part("code") == code
    assert [line.strip() for line in edit.part("comment").split()] == comments.split()
    assert edit.part("text") == added
    assert edit.part("path") == path


def trigger(*facts: str, folder: str = "src", language: str = "python", tests: bool = False) -> Any:
    area = Area((folder,), (language,), tests)
    members = [Member(n, str(n), edits=facts, area=area) for n in range(3)]
    return triggers.of_lesson(lesson("a-lesson", facts, (), members))


@pytest.mark.parametrize(
    ("path", "fits"),
    [("src/a.py", True), ("src/b/a.pyi", True), ("a.py", False), ("src/a.go", False)],
)
def test_a_lesson_holds_where_it_was_learnt(path: str, fits: bool) -> None:
    index = {"a-lesson": trigger("call-removed audit")}
    assert of_edits(index, [Edit(path, "audit(x)\n", new=False)]) == ["a-lesson"] * fits


def test_languages_of_a_family_are_alike() -> None:
    index = {"a-lesson": trigger("call-removed audit", language="typescript")}
    assert of_edits(index, [Edit("src/a.jsx", "audit(x)\n", new=False)])
    assert not of_edits(index, [Edit("src/a.py", "audit(x)\n", new=False)])


def test_a_lesson_about_tests_holds_in_tests() -> None:
    index = {"a-lesson": trigger("comment-removed in tests", folder=".", tests=True)}
    comment = "# Check it.\n"
    assert of_edits(index, [Edit("tests/test_a.py", comment, new=False)])
    assert not of_edits(index, [Edit("src/a.py", comment, new=False)])


def test_a_complaint_holds_everywhere() -> None:
    index = {"a-lesson": trigger("complaint-no-broken-links", folder="docs", language="markdown")}
    assert of_edits(index, [Edit("README.md", "See [it](b.md).\n", new=False)])


@pytest.mark.parametrize(
    "fact", ["complaint-run-the-linter", "call-added flush", "in tests", "no-kind x"]
)
def test_what_no_text_shows_has_no_trigger(fact: str) -> None:
    assert trigger(fact) == {}


def test_a_prompt_mentions_a_name_of_code() -> None:
    facts = {"a": "callee-changed os.path.join → Path", "b": "call-removed print"}
    index = {name: triggers.of_fact(Fact.parse(fact)) for name, fact in facts.items()}
    assert of_prompt(index, "Replace the calls of os.path.join, and print a page.") == ["a"]
    assert of_prompt(index, "Write to os.path.joined") == []


PLACES = [["src/a.py", "b.py"], ["src/a.py"], ["src/a.py"], ["c.py"], []]
TEXT = "Take the lock of a widget before its storage is initialised"


def test_a_lesson_without_facts_is_about_the_file_of_most_of_its_records() -> None:
    made = triggers.of_places(PLACES, TEXT)
    assert made["in"] == ["src/a.py"]
    assert {"lock", "widget", "storage"} <= set(made["words"])
    assert triggers.of_places([["a.py"], ["b.py"], ["c.py"]], TEXT) == {}
    assert triggers.of_places(PLACES, "Fix it") == {}


def test_its_words_must_occur_together() -> None:
    index = {"a-lesson": triggers.of_places(PLACES, TEXT)}
    near = "lock = widget.lock()\nstorage = Storage(widget)\n"
    assert of_edits(index, [Edit("src/a.py", near, new=False)])
    assert not of_edits(index, [Edit("b.py", near, new=False)])
    apart = "lock()\n" + "\n" * 20 + "widget()\n" + "\n" * 20 + "storage()\n"
    assert not of_edits(index, [Edit("src/a.py", apart, new=False)])


@pytest.mark.parametrize(
    "subject",
    ["open(encoding=)", "a" * 200, "x.y", "((", "[a-z", "f(", "a → b", "*.md", "→", "\\", "a:b"],
)
@pytest.mark.parametrize(
    "kind", ["argument-added", "callee-changed", "call-removed", "file-removed"]
)
def test_any_subject_makes_a_valid_pattern(kind: str, subject: str) -> None:
    index = {"a": made} if (made := triggers.of_fact(Fact(kind, subject))) else {}
    assert of_edits(index, [Edit("a.py", "x = 1\n", new=True)]) in ([], ["a"])


@pytest.mark.parametrize(
    "text", ["f(" * 20_000, "(" * 50_000, "# " * 30_000, '"""' * 20_000, "a" * 90_000]
)
def test_no_pattern_takes_long(text: str) -> None:
    rows = ["argument-added f(a=)", "docstring-shortened", "comment-shortened", "type-added"]
    rows += ["commented-out-code-removed", "long-text-shortened", "argument-removed f(a=)"]
    index = {row: triggers.of_fact(Fact.parse(row)) for row in rows}
    assert isinstance(of_edits(index, [Edit("a.py", text, new=True)]), list)
