"""What rules forbid: the examples of ``written_rules.toml``, and other sentences."""

from __future__ import annotations

import re
from typing import Any

import pytest

from errata import rules
from errata.outcomes.added_code import Lines
from errata.outcomes.instruction_files import scope_of
from errata.outcomes.rule_grammar import Statement, construct, measure
from errata.outcomes.rule_texts import RuleText, parse, sentences
from errata.setup import pointers

TABLE = rules.source("written_rules")


def measured(text: str, *headings: str) -> Statement | None:
    lead, colon, item = text.partition("never: ")
    rule = RuleText(item, "Never use:", headings) if colon and not lead else RuleText(text)
    return measure(rule._replace(headings=headings))


def codes(statement: Statement | None) -> tuple[list[str], list[str]]:
    if statement is None:
        return [], []
    return [x.code for x in statement.forbidden], [x.code for x in statement.wanted]


@pytest.mark.parametrize("row", TABLE["form"], ids=lambda row: row["name"])
def test_forms(row: dict[str, Any]) -> None:
    text, bad, good = row["match"]
    statement = measured(text)
    assert statement is not None
    assert statement.form == row["name"]
    assert codes(statement) == ([bad], [good] if good else [])
    for miss in row["miss"]:
        assert measured(miss) is None, miss


@pytest.mark.parametrize("row", TABLE["construct"], ids=lambda row: row["match"][0])
def test_constructs(row: dict[str, Any]) -> None:
    for code, path, added in (row["match"], row["miss"]):
        found = construct(code)
        assert found is not None
        text = Lines(path, added.encode().splitlines()).part(found.part)
        is_found = re.search(found.pattern, text, re.MULTILINE) is not None
        assert is_found == (added == row["match"][2]), text
        if is_found:
            assert all(need in text for need in found.needs)


@pytest.mark.parametrize("row", TABLE["scope"], ids=lambda row: row["words"][:30])
def test_scopes(row: dict[str, Any]) -> None:
    assert re.search(row["words"], row["match"])
    assert not re.search(row["words"], row["miss"])


@pytest.mark.parametrize("row", TABLE["known"], ids=lambda row: row["code"])
def test_known_names_are_constructs(row: dict[str, Any]) -> None:
    assert construct(row["code"]) is not None


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        ("NEVER use `console.log`, `alert()`, or `confirm()`.", ["console.log", "alert()"], []),
        ("❌ Never use `any`; use `unknown`", ["any"], ["unknown"]),
        ("Use `pathlib.Path` (not `os.path`).", ["os.path"], ["pathlib.Path"]),
        ("No console.log", ["console.log"], []),
        ("Avoid `any` - use `unknown` when the type is not known", ["any"], ["unknown"]),
        ("Do not call `foo.bar()` directly.", ["foo.bar()"], []),
    ],
)
def test_sentences(text: str, bad: list[str], good: list[str]) -> None:
    found = codes(measured(text))
    assert found[0][: len(bad)] == bad
    assert found[1] == good


@pytest.mark.parametrize(
    "text",
    [
        "Never use `any` unless there is no other way.",
        "Never use `any`. Exception: tests of types.",
        "Do not use `foo.bar()` when the cache is cold.",
        "Do not use `foo.bar()`, `make` or `x y z`.",
        "Do not use `npm install`.",
        "Do not edit `generated.ts`.",
        "Avoid `foo.bar()` on refs in async code.",
        "Do not use `foo.bar()` directly from the router.",
        "In async functions, never use `time.sleep()`.",
        "`web/src/server`: avoid `foo.bar()` calls.",
        "Use `[Foo.bar]` instead of `Foo.bar`.",
        "If it is slow, do not use `foo.bar()`.",
        "Is `any` never used?",
    ],
)
def test_conditions_and_what_is_no_code_are_not_measured(text: str) -> None:
    assert measured(text) is None


def test_where_a_rule_holds() -> None:
    in_tests = measured("Do not use `time.sleep()` in tests.")
    elsewhere = measured("Avoid `.unwrap()` in library code.")
    assert in_tests is not None
    assert elsewhere is not None
    assert (in_tests.tests, elsewhere.tests) == (True, False)
    by_heading = measured("Never use `foo.bar()`.", "Project", "Python style")
    assert by_heading is not None
    assert by_heading.languages == {"python"}


def test_names_are_short_and_say_what_is_forbidden() -> None:
    prohibition, choice = measured("No `console.log`"), measured("Use `Foo.bar` over `Foo.baz`")
    assert prohibition is not None
    assert choice is not None
    assert (prohibition.name, choice.name) == ("no-console-log", "foo-bar-not-foo-baz")


def test_markdown_becomes_items_and_sentences() -> None:
    text = (
        b'---\nglobs: src/**/*.{ts,tsx}, "lib/*.js"\n---\n# Style\n\n'
        b"Use **small** functions. No `any`!\n\n"
        b"Never use:\n\n- `eval`\n- [ ] `with (a) {}`\n\n```\n- Never use `code`.\n```\n"
        b"| a | b |\n|---|---|\n| No `cell` | c |\n"
        b"<!-- errata:begin sha256=0123456789abcdef -->\n- Do not call `generated()`.\n"
        b"<!-- errata:end -->\n\nLast `one`.\n"
    )
    file = parse(text)
    assert [rule.text for rule in file.texts] == [
        "Use small functions.",
        "No `any`!",
        "Never use:",
        "`eval`",
        "`with (a) {}`",
        "Last `one`.",
    ]
    assert file.globs == ("src/**/*.{ts,tsx}", "lib/*.js")
    assert file.texts[3].lead == "Never use:"
    assert file.texts[0].headings == ("Style",)


def test_code_and_abbreviations_end_no_sentence() -> None:
    text = "Use it, e.g. Foo. Call `a. B()`. Then stop."
    assert sentences(text) == ["Use it, e.g. Foo.", "Call `a. B()`.", "Then stop."]


def test_the_line_that_init_writes_is_no_rule() -> None:
    line = pointers.edit(b"", pointers.Config())
    assert line
    assert parse(line).texts == ()


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("AGENTS.md", ""),
        ("web/app/CLAUDE.md", "web/app/"),
        (".cursor/rules/a/b.mdc", ""),
        ("web/.cursor/rules/a.mdc", "web/"),
        (".github/copilot-instructions.md", ""),
        ("agents.md", ""),
        ("docs/README.md", None),
        ("MYAGENTS.md", None),
    ],
)
def test_instruction_files_and_where_they_hold(path: str, scope: str | None) -> None:
    assert scope_of(path) == scope


@pytest.mark.parametrize(
    "front_matter",
    [
        'globs: "a/**,b/*.{ts,tsx}"',
        'paths: ["a/**", "b/*.{ts,tsx}"]',
        "paths:\n  - a/**\n  - 'b/*.{ts,tsx}'\nother: 1",
        # YAML also takes a list that is not indented.
        "paths:\n- a/**\n- 'b/*.{ts,tsx}'\nother:\n- 1",
    ],
)
def test_globs_of_front_matter(front_matter: str) -> None:
    file = parse(f"---\n{front_matter}\n---\n- Be kind\n".encode())
    assert file.globs == ("a/**", "b/*.{ts,tsx}")
    assert [each.text for each in file.texts] == ["Be kind"]


def test_code_within_a_longer_fence_is_no_rule() -> None:
    text = "# A\n\n````md\n```sh\n# Never use `eval`\n```\n# Shell\n````\n\n- Be kind\n"
    assert parse(text.encode()).texts == (RuleText("Be kind", "", ("A",)),)
