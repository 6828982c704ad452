"""Comments for agents match their examples, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from errata import rules
from errata.corrections.attribution.diff import Hunk
from errata.corrections.classify.instruction_comments import instructions

RULES: list[dict[str, Any]] = rules.source("instruction_comments")["comment"]


def added(line: str, path: str = "a.py") -> str:
    return instructions(path, Hunk(1, [], [line.encode()]))


@pytest.mark.parametrize("line", [line for rule in RULES for line in rule["match"]])
def test_comment_is_addressed_to_an_agent(line: str) -> None:
    code = line.partition("//")[0].rstrip() if "(" in line[:25] and "//" in line else ""
    old = [code.encode()] if code.strip() else []
    assert instructions("a.py", Hunk(1, old, [line.encode()]))


@pytest.mark.parametrize("line", [line for rule in RULES for line in rule["miss"]])
def test_comment_is_for_readers(line: str) -> None:
    assert added(line) == ""


def test_there_are_enough_examples() -> None:
    assert sum(len(rule["match"]) for rule in RULES) >= 12
    assert sum(len(rule["miss"]) for rule in RULES) >= 12
