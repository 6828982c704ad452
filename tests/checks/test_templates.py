"""Rules from facts: the examples of ``rules/checks.toml``, and patterns of words from triggers."""

from __future__ import annotations

from typing import Any

import pytest

from errata import rules
from errata.checks import languages, matching, rule_file, templates
from errata.lessons import complaints, kinds
from errata.lessons.instructions import Statement

ROWS: list[dict[str, Any]] = rules.source("checks")["check"]
TRIGGERS: list[dict[str, Any]] = rules.source("triggers")["trigger"]


def finds(fact: str, path: str, text: str, row: dict[str, Any]) -> bool:
    language = languages.of_path(path)
    lead = Statement.parse(fact).fact
    assert lead.kind in row["kinds"]
    rule = templates.rule_of(lead, language)
    assert rule is not None, fact
    return matching.matches({"language": language, "config": {"rule": rule}, "new": False}, text)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row["match"][:2]))
def test_examples(row: dict[str, Any]) -> None:
    assert finds(*row["match"], row)
    assert not finds(*row["miss"], row)


def test_every_kind_of_a_row_exists_and_has_a_trigger() -> None:
    known = {*kinds.names(), *complaints.as_kinds()}
    assert {kind for row in ROWS for kind in row["kinds"]} <= known


@pytest.mark.parametrize("row", TRIGGERS, ids=lambda row: " ".join(row["match"][0].split()))
def test_a_pattern_of_words_says_what_its_trigger_says(row: dict[str, Any]) -> None:
    """Wherever it can be said without looking around."""
    from errata.lessons import triggers

    for fact, _, text in (row["match"], row["miss"]):
        trigger = triggers.of_fact(Statement.parse(fact).fact)
        pattern = templates.linear(trigger["pattern"])
        if pattern is None or trigger["part"] in ("path", "comment"):
            return
        rule = {"language": "text", "config": {"rule": {"regex": pattern}}, "new": False}
        # The definition of a function is a call to words, and so is a text on several lines.
        if "def " in text or ("{" in pattern and r"[\s\S]" in pattern):
            continue
        assert matching.matches(rule, text) is (text == row["match"][2] and fact == row["match"][0])


def test_all_rules_are_ones_that_the_reader_accepts() -> None:
    import yaml

    for row in ROWS:
        fact, path, _ = row["match"]
        rule = templates.rule_of(Statement.parse(fact).fact, languages.of_path(path))
        document = {"id": "a", "language": languages.of_path(path), "rule": rule}
        assert rule_file.read(yaml.safe_dump(document).encode())
