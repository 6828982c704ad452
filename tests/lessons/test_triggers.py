"""When a lesson is told: the triggers of facts, their examples, and those of the kinds of facts."""

from __future__ import annotations

from typing import Any

import pytest

from errata import rules
from errata.lessons import complaints, kinds, triggers
from errata.lessons.instructions import Statement
from errata.lessons.kinds import Fact
from errata.skills.fitting import Edit, added_lines, contains

ROWS: list[dict[str, Any]] = rules.source("triggers")["trigger"]
EDITS: list[dict[str, Any]] = [
    row
    for row in rules.source("edits")["kind"]
    if triggers.of_fact(Fact(row["name"], row["match"][3]))
]


def is_told(fact: str, path: str, text: str, *, new: bool = True) -> bool:
    lead = Statement.parse(fact).fact
    trigger = triggers.of_fact(lead)
    assert trigger, fact
    return contains(trigger, Edit(path, text, new))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row["match"][0].split()))
def test_examples(row: dict[str, Any]) -> None:
    fact, path, text = row["match"]
    assert Statement.parse(fact).fact.kind in row["kinds"]
    assert is_told(fact, path, text)
    assert not is_told(*row["miss"])


def test_every_kind_of_a_row_exists() -> None:
    known = {*kinds.names(), *complaints.as_kinds()}
    assert {kind for row in ROWS for kind in row["kinds"]} <= known


# Kinds of which the corrected text may hold the same again, or which are corrected elsewhere.
NOT_THE_OPPOSITE = {"link-changed", "code-block-changed", "error-message-changed", "file-ignored"}


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row["name"])
def test_what_was_corrected_is_told_and_the_correction_is_not(row: dict[str, Any]) -> None:
    """The examples of the kinds of facts: the agent writes ``before``, a person makes ``after``."""
    file, before, after, subject = row["match"]
    fact = str(Fact(row["name"], subject))
    file = subject if row["name"] == "file-ignored" else file
    if triggers.of_fact(Statement.parse(fact).fact)["tests"]:
        file = f"tests/{file}"
    assert any(is_told(fact, file, text) for text in (added_lines(after, before), before))
    if row["name"] not in NOT_THE_OPPOSITE and (added := added_lines(before, after)):
        assert not is_told(fact, file, added)
