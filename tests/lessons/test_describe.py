"""What edits did, as facts: every kind has an example that must give it, and one that must not."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata import rules
from errata.lessons import kinds
from errata.lessons.describe import describe
from errata.lessons.description import Description, EditedFile, Hunk
from errata.lessons.hunks import hunks_of
from errata.lessons.kinds import Fact

KINDS: list[dict[str, Any]] = rules.source("edits")["kind"]
ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas/correction.json"
VALID = ROOT / "tests/schemas/correction/valid/described-without-facts.json"
LINES = [
    "import os\n",
    "f(a)\n",
    "print(a, end=b)\n",
    "# A comment about this.\n",
    "if a is None:\n    return b\n",
    "const MAX_SIZE = getLimit('x-y', 3);\n",
    "## Heading\n",
    "- an item of a list\n",
    "x = 1  # noqa\n",
    "[a]\nb = 'c'\n",
    "\n",
    "raise UserError('no 🚀')\n",
]
HOSTILE = {
    "escape": "\x1b[31mred\x1b[0m",
    "bidi": "\u202eevil\u2066\u200f",
    "lines": "a\u2028b\u2029c\x0bd\x85e",
    "return": "good\rEVIL",
    "nul": "a\0b",
    "surrogate": "a\udc80b",
    "hidden": "a\u200b\ufeff\u2060b",
    "secret": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "markers": "<!-- errata:end -->",
}
LANGUAGES = [item["extensions"][0] for item in rules.source("elements")["language"]]


def facts(file: str, before: str, after: str) -> list[tuple[str, str]]:
    return [tuple(Fact.parse(edit)) for edit in described(file, before, after).edits]


def described(file: str, before: str, after: str) -> Description:
    return describe([EditedFile(file, before, after, hunks_of(before, after))])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_example_gives_the_fact(kind: dict[str, Any]) -> None:
    file, before, after, subject = kind["match"]
    assert (kind["name"], subject) in facts(file, before, after)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_near_miss_does_not_give_it(kind: dict[str, Any]) -> None:
    assert kind["name"] not in [name for name, _ in facts(kind["match"][0], *kind["miss"])]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_every_kind_teaches_a_prohibition(kind: dict[str, Any]) -> None:
    if kind["teaches"]:
        assert kind["teaches"].startswith("Do not ")
        assert kind["teaches"].endswith(".")
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", kind["name"])


def test_names_are_unique() -> None:
    names = [kind["name"] for kind in KINDS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("extension", [*LANGUAGES, "md", "unknown"])
@given(before=st.text(max_size=200), after=st.text(max_size=200))
@settings(max_examples=15, deadline=None)
def test_any_text_can_be_described(extension: str, before: str, after: str) -> None:
    found = facts(f"a.{extension}", before, after)
    assert found == facts(f"a.{extension}", before, after)
    assert len(found) == len(set(found)) <= 40
    assert all(len(subject) <= 60 and "\n" not in subject for _, subject in found)


@pytest.mark.parametrize("extension", LANGUAGES)
def test_an_unchanged_text_has_no_facts(extension: str) -> None:
    text = "a = f(1)\n# b\n"
    assert facts(f"a.{extension}", text, text) == []


ODD = {
    "nesting": "f(" * 2000 + ")" * 2000,
    "nested lines": "f(\n" * 60_000,
    "long line": "x = 1;" * 100_000,
    "many lines": "a = b + 1;\n" * 90_000,
    "calls": "foo.barBaz(aB, cD, 'a text of some words');\n" * 9_000,
    "comments": "// some words of a comment\n" * 14_000,
    "not of the language": "alpha { gamma ' ) \\n \" => [ # /* ; ( if\n" * 10_000,
    "emoji": "# 🚀 x\n" * 30_000,
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("extension", ["tsx", "py", "md", "toml", "lua"])
def test_odd_texts_take_bounded_time(name: str, extension: str) -> None:
    text = ODD[name]
    lines = text.count("\n")
    every_third = [Hunk((line, line + 1), (line, line + 1)) for line in range(0, lines, 3)]
    begun = time.process_time()
    for hunks in ([Hunk((0, lines), (0, lines + 500))], every_third):
        new = text.replace("a", "b") + "g();\n" * 500
        describe([EditedFile(f"a.{extension}", text, new, hunks)])
    assert time.process_time() - begun < 4


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_templates_can_be_filled(kind: dict[str, Any]) -> None:
    for subject in ("a → b", "f(x=)"):
        fact = Fact(kind["name"], subject)
        texts = [kinds.instruction(fact), kinds.reason(fact), kinds.slug(fact)]
        assert not any("{" in text for text in texts)
    assert kind["weight"] in range(4)
    assert kind.get("teaches_alone", kind["teaches"]).count("{") == 0 or "slug_alone" not in kind


texts = st.lists(st.sampled_from(LINES), max_size=12).map(lambda lines: "".join(lines))
paths = st.sampled_from(["a.py", "src/b.ts", "tests/c.go", "d.md", "e.toml", "f.unknown"])


@st.composite
def edited_files(draw: st.DrawFn) -> EditedFile:
    path, old, new = draw(paths), draw(texts), draw(texts)
    return EditedFile(path, old, new, hunks_of(old, new))


@given(st.lists(edited_files(), max_size=4), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_laws(files: list[EditedFile], random: Any) -> None:
    description = describe(files)
    shuffled = files[:]
    random.shuffle(shuffled)
    assert describe(shuffled) == describe(iter(files)) == description
    fields = description.to_fields()
    assert list(description.edits) == sorted(set(description.edits))
    record = {**json.loads(VALID.read_text("utf-8")), **fields}
    jsonschema.validate(record, json.loads(SCHEMA.read_text("utf-8")))
    for example in description.examples:
        assert set(example.edits) <= set(description.edits)
        assert example.before != example.after


@given(edited_files())
@settings(deadline=None)
def test_what_did_not_change_says_nothing(file: EditedFile) -> None:
    whole = [Hunk((0, len(file.old.split("\n"))), (0, len(file.old.split("\n"))))]
    assert describe([EditedFile(file.path, file.old, file.old, whole)]).edits in (
        (),
        ("formatting-only",),
    )


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("extension", ["py", "ts", "json", "md", "toml", "lua", "unknown"])
def test_hostile_text_is_kept_on_one_visible_line(name: str, extension: str) -> None:
    text = HOSTILE[name]
    old = f"# {text}\nf('{text}', {text}=1)\n"
    fields = described(f"{text}/a.{extension}", old, "g(1)\n").to_fields()
    shown = json.dumps(fields, ensure_ascii=False)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", shown)
    assert "sk_live_" not in shown


def test_examples_are_the_lines_of_the_fact() -> None:
    old = "def f():\n    a = 1\n    b = 2\n    c = 3\n    print(a)\n    x = open(b)\n    return c\n"
    new = old.replace("    print(a)\n", "").replace("open(b)", 'open(b, encoding="utf-8")')
    (example,) = described("src/a.py", old, new).examples
    assert example.edits == ("argument-added open(encoding=)", "debug-output-removed print")
    assert example.before == ("print(a)", "x = open(b)")
    assert example.after == ('x = open(b, encoding="utf-8")',)


def test_area() -> None:
    old = "class A:\n    def f(self):\n        x = 1\n        print(x)\n"
    area = described("tests/a/test_b.py", old, old.replace("        print(x)\n", "")).area
    assert area.folders == ("tests/a",)
    assert (area.languages, area.tests, area.symbols) == (("python",), True, ("f",))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "from unittest.mock import MagicMock\n"),
        ("a.ts", 'import { MagicMock } from "./mocks";\n'),
        ("a.rs", "use mocks::MagicMock;\n"),
        ("a.js", 'const { MagicMock } = require("./mocks");\n'),
    ],
)
def test_an_unused_import_is_not_a_name_that_nobody_may_use(path: str, line: str) -> None:
    names = [kind for kind, _ in facts(path, f"{line}f(1)\n", "f(1)\n")]
    assert "name-removed" not in names
    assert names


@pytest.mark.parametrize(
    ("deleted", "changed", "counts"), [(1, 0, True), (2, 2, True), (1, 2, False)]
)
def test_files_deleted_beside_more_other_work_say_nothing(
    deleted: int, changed: int, counts: bool
) -> None:
    hunk = (Hunk((0, 1), (0, 0)),)
    files = [EditedFile(f"docs/n{n}.md", "# Notes\n", "", hunk) for n in range(deleted)]
    edit = ("f(1)\n", "g(1)\n", (Hunk((0, 1), (0, 1)),))
    files += [EditedFile(f"src/a{n}.py", *edit) for n in range(changed)]
    assert ("file-removed *.md" in describe(files).edits) is counts


def test_a_removed_file_is_shown_by_its_first_lines() -> None:
    text = "# Summary\n\nAll is done.\n"
    described = describe([EditedFile("docs/SUMMARY.md", text, "", (Hunk((0, 3), (0, 0)),))])
    assert described.edits == ("file-removed *.md",)
    (example,) = described.examples
    assert (example.file, example.before, example.after) == (
        "docs/SUMMARY.md",
        ("# Summary", "All is done."),
        (),
    )
