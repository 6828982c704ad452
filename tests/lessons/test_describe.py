"""What edits did, as facts: every kind has an example that must give it, and one that must not."""

from __future__ import annotations

import re
import time
from typing import Any

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


@pytest.mark.parametrize(
    "text", ["f(" * 2000 + ")" * 2000, "x = 1;" * 100_000, "a = b + 1;\n" * 20_000]
)
def test_odd_texts_take_bounded_time(text: str) -> None:
    begun = time.perf_counter()
    lines = text.count("\n")
    hunk = Hunk((0, lines), (0, lines + 500))
    describe([EditedFile("a.js", text, text + "g();\n" * 500, [hunk])])
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_templates_can_be_filled(kind: dict[str, Any]) -> None:
    for subject in ("a → b", "f(x=)"):
        fact = Fact(kind["name"], subject)
        texts = [kinds.instruction(fact), kinds.reason(fact), kinds.slug(fact)]
        assert not any("{" in text for text in texts)
    assert kind["weight"] in range(4)
    assert kind.get("teaches_alone", kind["teaches"]).count("{") == 0 or "slug_alone" not in kind
