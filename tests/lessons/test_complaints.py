"""Complaints in the subjects of corrections, by the examples in ``rules/complaints.toml``."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata import rules
from errata.lessons import complaints, kinds
from errata.lessons.complaints import complaints_in, quote
from errata.lessons.described import Described, Origin, described
from errata.lessons.groups import group
from errata.lessons.instructions import lesson
from errata.lessons.kinds import Fact
from errata.lessons.members import Area, Member, RecordedExample
from errata.records.model import DAY, Kind
from errata.records.pattern_names import PATTERN_NAME

ROWS: list[dict[str, Any]] = rules.source("complaints")["complaint"]
MATCH = [pytest.param(row, *pair, id=pair[0]) for row in ROWS for pair in row["match"]]
MISS = [pytest.param(row, text, id=text) for row in ROWS for text in row["miss"]]
MATCHING_EDITS = ["import-removed json", "config-value-changed a", "prose-reworded", "test-removed"]


def facts_of(text: str, *edits: str, tests: bool = False) -> list[str]:
    return complaints_in(text, edits, tests=tests)


@pytest.mark.parametrize(("row", "text", "edit"), MATCH)
def test_an_example_is_a_complaint(row: dict[str, Any], text: str, edit: str) -> None:
    assert f"complaint-{row['name']}" in facts_of(text, edit, tests=True)


@pytest.mark.parametrize(("row", "text", "edit"), MATCH)
def test_the_words_of_a_complaint_are_quoted(row: dict[str, Any], text: str, edit: str) -> None:
    words = quote(f"complaint-{row['name']}", text)
    assert words and words in text
    assert facts_of(words, edit, tests=True)
    assert quote("complaint-unknown", text) == ""


@pytest.mark.parametrize(("row", "text"), MISS)
def test_a_near_miss_is_none_whatever_the_edit(row: dict[str, Any], text: str) -> None:
    found = complaints_in(text)
    found += facts_of(text, *(edit for other in ROWS for _, edit in other["match"]), tests=True)
    assert f"complaint-{row['name']}" not in found


_WORDS = sorted({word for row in ROWS for text in row["miss"] for word in text.lower().split()})
_WORDS += sorted({word for row in ROWS for text, _ in row["match"] for word in text.split()})


@given(st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join).filter(str.isascii))
def test_every_expression_has_its_say(text: str) -> None:
    text = re.sub(r"[\[\](:]", "", text)
    expected = [
        f"complaint-{row['name']}"
        for row in rules.load("complaints")["complaint"]
        if row["words"].compiled().search(text.lower())
        and not ("unless" in row and row["unless"].compiled().search(text.lower()))
    ]
    assert complaints_in(text) == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_row_is_complete(row: dict[str, Any]) -> None:
    required = {"name", "words", "teaches", "reason", "match", "miss"}
    assert required <= set(row) <= required | {*("unless", "edits", "tests", "example", "severity")}
    assert row.get("severity") in {None, "blocking"}
    assert PATTERN_NAME.match(row["name"])
    assert row["teaches"].endswith(".") and row["reason"].endswith(".")
    assert re.search(r"\bnot\b|\bnever\b", row["teaches"])
    assert len(row["match"]) >= 1 and len(row["miss"]) >= 1
    # Searched in lower-case text.
    assert not re.search(r"(?<!\\)[A-Z]", row["words"] + row.get("unless", ""))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_row_teaches_as_a_kind(row: dict[str, Any]) -> None:
    fact = Fact(f"complaint-{row['name']}")
    assert kinds.instruction(fact) == row["teaches"]
    assert kinds.reason(fact) == row["reason"]
    assert kinds.slug_alone(fact.kind) == row["name"]


def test_names_are_unique() -> None:
    assert len({row["name"] for row in ROWS}) == len(ROWS)


def test_only_the_edits_of_a_row_go_with_its_words() -> None:
    assert facts_of("Fix broken links", "link-changed") == ["complaint-no-broken-links"]
    assert facts_of("Fix broken links", "style-removed color") == []
    # A text alone says itself what is wrong.
    assert complaints_in("Fix broken links") == ["complaint-no-broken-links"]


def test_tests_are_only_complained_about_in_tests() -> None:
    assert facts_of("Fix tests", "expected-value-changed", tests=True) == [
        "complaint-keep-tests-passing"
    ]
    assert facts_of("Fix tests", "name-added a") == []


@pytest.mark.parametrize(
    "text",
    [
        "lint fixes",
        "fix(ci)(web): lint fixes",
        "[Fix]: lint fixes",
        "(Hotfix) lint fixes",
        "🤖 fix: lint fixes",
    ],
)
def test_labels_before_the_subject_do_not_matter(text: str) -> None:
    assert facts_of(text) == ["complaint-run-the-linter"]


@pytest.mark.parametrize("text", ["", "  ", "fix: ", "\x00\ud800", "x" * 500 + " lint fixes"])
def test_any_other_text_complains_about_nothing(text: str) -> None:
    assert complaints_in(text) == []


def test_long_texts_take_no_time() -> None:
    begun = time.perf_counter()
    for piece in ("fix ", "remove the ", "lint-", "duplicate ", "a b c ", "no longer "):
        complaints_in(piece * 2000)
    assert time.perf_counter() - begun < 1.0


def record(day: int, summary: str, *edits: str) -> Described:
    line = {
        "source": "implicit",
        "agent": "claude-code",
        "user_correction": {"summary": summary, "files": [f"src/f{day}.py"]},
        "edits": list(edits),
        "area": {"folders": [f"src/p{day}"], "languages": ["python"], "tests": False},
    }
    return described(day, 0, day * DAY, Kind.CORRECTION, line)


def test_corrections_with_the_same_complaint_are_a_group() -> None:
    records = [
        record(1, "lint fixes", "import-removed json"),
        record(2, "fix: resolve linting issues", "name-removed x"),
        record(3, "Linter"),
        *(record(day, f"fix: {day} is wrong", f"call-added f{day}") for day in range(4, 30)),
    ]
    (found,) = group(records)
    assert found.name == "run-the-linter" and found.members == (1, 2, 3)
    example = RecordedExample(("import-removed json",), "src/a.py", ("import json",), ())
    area = Area(("src/a",), ("python",))
    members = [
        Member(day * DAY, f"cor-{day}", area=area, examples=(example,)) for day in found.members
    ]
    taught = lesson(found.name, found.facts, found.stems, members)
    # Not "In Python code below `src/a/`": a complaint holds everywhere.
    assert taught.instruction.startswith("Do not commit code that the linter complains about")


def test_what_the_subjects_are_about_is_no_group() -> None:
    """Three repairs of the sockets in one file say where the code is hard, not what is wrong."""
    subjects = ("close sockets on exit", "socket of a live daemon", "sweep sockets")
    records = [record(n, f"fix: {text}", f"call-added g{n}") for n, text in enumerate(subjects, 1)]
    others = [record(day, f"fix: case {day}", f"call-added f{day}") for day in range(4, 30)]
    assert group([*records, *others]) == []


def test_a_revert_says_nothing_of_its_parts() -> None:
    edits = ("import-removed os.path", "name-removed ValueError")
    assert not record(1, 'Revert "Add a helper"', *edits).facts & set(edits)
    assert record(1, "Use the helper", *edits).facts >= set(edits)


def test_what_a_complaint_looks_like_is_shown_by_an_edit_that_goes_with_it() -> None:
    assert complaints.shows("complaint-no-broken-links", "link-changed")
    assert not complaints.shows("complaint-no-broken-links", "style-removed color")
    assert complaints.shows("complaint-run-the-linter", "import-removed json")
    assert not complaints.shows("complaint-run-the-linter", "mock-removed patch")
    assert complaints.shows("complaint-no-leaks", "mock-removed patch")


def test_texts_of_reviewers_complain_too() -> None:
    line = {"description": "Unused import left behind", "agent": "claude-code"}
    seen = described(1, 0, DAY, Kind.FINDING, line)
    assert seen.source is Origin.TEXT
    assert "complaint-no-unused-code" in seen.facts


def test_the_example_is_the_newest_one_of_those_that_show_most() -> None:
    fact = "prose-reworded"
    rows = [
        (4, ("Access to the cloud",), ("Access to the cloud.",)),
        (3, (), ("New text",)),
        (2, ("Run `bd sync`",), ("Run `bd export`",)),
        (1, ("old",), ("new",)),
    ]
    members = [
        Member(day * DAY, examples=(RecordedExample((fact,), "README.md", old, new),))
        for day, old, new in rows
    ]
    for chosen, expected in ((members, rows[2]), (members[:2], rows[1]), (members[:1], rows[0])):
        shown = lesson("docs", ("complaint-docs-match-the-code",), (), chosen).example
        assert shown and (shown.before, shown.after) == expected[1:]
