"""``errata accept --type``: people say of which type a correction is; agents propose it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from answers import ok, refused

from errata.records.model import CorrectionType
from record_builders import CORRECTIONS, implicit
from terminals import run_on_terminal

Run = Callable[..., subprocess.CompletedProcess[str]]
LOG = ".claude/patterns/curation.jsonl"
A, B = (f"cor-{digit * 20}" for digit in "ab")
CHOSEN, STYLE, BUG = "code_completeness", "preference_conflict", "code_quality"
AGENT = {"ERRATA_AGENT": "reviewer"}


@pytest.fixture
def logs(repo: Any) -> Any:
    """Two corrections that errata took for completeness."""
    repo.jsonl(CORRECTIONS, implicit(2, id=A), implicit(1, id=B))
    return repo


def decisions(repo: Any) -> list[dict[str, Any]]:
    path = repo.root / LOG
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def types(errata: Run, *options: str) -> dict[str, str]:
    """The type of each correction that is listed."""
    rows = json.loads(ok(errata("corrections", "--list", "--json", *options)))["corrections"]
    return {row["id"]: row["type"] for row in rows}


def test_a_person_gives_a_type_another_one_and_takes_it_back(logs: Any, errata: Run) -> None:
    out = ok(errata("accept", A, "--type", STYLE, "--why", "taste"))
    assert out.startswith(f'Accepted {A} "Edit 2" as {STYLE}.\n  The type: {CHOSEN} -> {STYLE}. ')
    assert decisions(logs)[0]["type"] == STYLE
    assert types(errata) == {A: STYLE, B: CHOSEN}
    out = ok(errata("accept", A, "--type", BUG))
    assert f"The type: {STYLE} -> {BUG}." in out and types(errata)[A] == BUG
    assert f"already accepted as {BUG}" in refused(errata("accept", A, "--type", BUG))
    assert "already accepted" in refused(errata("accept", A))
    for expected in (STYLE, CHOSEN):
        ok(errata("undo"))
        assert types(errata)[A] == expected
    ok(errata("validate"))


def test_the_type_is_the_given_one_wherever_it_is_shown(logs: Any, errata: Run) -> None:
    commit = f"{2:040x}"
    ok(errata("accept", A, "--type", STYLE))
    assert types(errata, "--type", STYLE) == {A: STYLE}
    assert types(errata, "--type", CHOSEN) == {B: CHOSEN}
    assert json.loads(ok(errata("corrections", "--json")))["by_type"] == {CHOSEN: 1, STYLE: 1}
    assert json.loads(ok(errata("corrections", "--json", "--type", STYLE)))["total"] == 1
    shown = ok(errata("explain", A))
    assert f"Type: {STYLE} (low); recorded as {CHOSEN}\n" in shown
    assert f'Ann Author: accept {A} "Edit 2" as {STYLE}' in shown
    answer = json.loads(ok(errata("explain", A, "--json")))
    assert (answer["correction_type"], answer["severity"]) == (STYLE, "low")
    assert answer["decisions"][0]["type"] == STYLE
    assert "recorded as" not in ok(errata("explain", B))
    logged = (logs.root / CORRECTIONS).read_text()
    assert commit in logged and STYLE not in logged


def test_a_type_with_a_pattern(logs: Any, errata: Run) -> None:  # noqa: ARG001
    out = ok(errata("teach", A, B, "--pattern", "no-print", "--type", BUG))
    assert f" as {BUG}.\n" in out and f"The type is now {BUG}: 2 of 2." in out
    assert types(errata) == {A: BUG, B: BUG}
    said = refused(errata("teach", "--pattern", "x", "--instead", "Log.", "--type", BUG))
    assert said == "errata: a type is that of corrections (give their ids)"


def test_an_agent_proposes_a_type_and_a_person_agrees(logs: Any, errata: Run) -> None:
    proposal = {"corrections": [A, B], "type": BUG, "why": "both were wrong"}
    logs.write("in.json", json.dumps(proposal))
    out = ok(errata("accept", "--json", "in.json", **AGENT))
    assert out.startswith("Proposed by reviewer: accept 2 corrections (") and f" as {BUG}." in out
    assert types(errata) == {A: CHOSEN, B: CHOSEN}
    shown = ok(errata("review"))
    assert f"as {BUG}" in shown and "why: both were wrong" in shown
    assert "CORRECTIONS:" not in shown, "they are asked about once"
    out = ok(errata("patterns", "confirm", decisions(logs)[0]["id"]))
    assert f"The type is now {BUG}: 2 of 2." in out
    assert types(errata) == {A: BUG, B: BUG}
    assert ok(errata("review")).startswith("Nothing to look at")


@pytest.mark.usefixtures("logs")
def test_a_text_is_not_lost_to_a_later_type(errata: Run) -> None:
    taught = ("teach", A, "--pattern", "no-print")
    ok(errata(*taught, "--instead", "Use the logger.", **AGENT))
    ok(errata(*taught, "--type", BUG, **AGENT))
    argv = [sys.executable, "-m", "errata", "review"]
    status, shown = run_on_terminal(argv, typed="y\ny\nq\n", columns=200)
    assert status == 0 and "Use the logger." in shown and f"as {BUG}" in shown
    assert types(errata)[A] == BUG
    assert "Use the logger." in ok(errata("patterns", "no-print"))


def test_the_type_waits_although_a_person_accepted(logs: Any, errata: Run) -> None:
    ok(errata("accept", A, "--type", BUG, **AGENT))
    out = ok(errata("accept", A))
    assert "`errata review` still asks what agents propose about it." in out
    assert "`errata review` does not ask about it again." in ok(errata("accept", B))
    argv = [sys.executable, "-m", "errata", "review"]
    status, shown = run_on_terminal(argv, typed="y\nq\n", columns=200)
    assert status == 0 and f"as {BUG}" in shown
    assert types(errata)[A] == BUG
    assert [each["action"] for each in decisions(logs)] == [*["accept"] * 3, "confirm"]


@pytest.mark.parametrize("pattern", ["no-print", "use-logger"])
def test_the_type_waits_although_a_person_gave_a_pattern(
    logs: Any, errata: Run, pattern: str
) -> None:
    ok(errata("teach", A, "--pattern", "no-print", "--type", BUG, **AGENT))
    ok(errata("teach", A, "--pattern", pattern))
    out = ok(errata("patterns", "confirm", decisions(logs)[0]["id"]))
    assert f"The type: {CHOSEN} -> {BUG}." in out and "The count of" not in out
    (row,) = json.loads(ok(errata("corrections", "--list", "--json", "--type", BUG)))["corrections"]
    assert row["pattern"] == pattern


def test_the_pattern_waits_although_a_person_gave_a_type(logs: Any, errata: Run) -> None:
    ok(errata("teach", A, "--pattern", "no-print", "--type", BUG, **AGENT))
    ok(errata("accept", A, "--type", STYLE))
    out = ok(errata("patterns", "confirm", decisions(logs)[0]["id"]))
    assert "The count of no-print: 0 -> 1" in out and "The type" not in out
    assert types(errata)[A] == STYLE


def test_what_no_review_asks_about_is_not_said_to_wait(logs: Any, errata: Run) -> None:
    ok(errata("accept", A, "--type", BUG, **AGENT))
    waiting = "(proposed; see `errata review`)"
    assert waiting in ok(errata("explain", A)) and waiting in ok(errata("undo", "--list"))
    out = ok(errata("accept", A, "--type", STYLE))
    assert "`errata review` does not ask about it again." in out
    overtaken = "(proposed; a later decision is about the same)"
    assert overtaken in ok(errata("explain", A)) and overtaken in ok(errata("undo", "--list"))
    assert decisions(logs)[0]["id"] not in ok(errata("review"))


def test_what_a_person_said_since_stays(logs: Any, errata: Run) -> None:
    ok(errata("accept", A, B, "--type", BUG, **AGENT))
    ok(errata("accept", A, "--type", STYLE))
    out = ok(errata("patterns", "confirm", decisions(logs)[0]["id"]))
    assert f"The type: {CHOSEN} -> {BUG}." in out
    assert types(errata) == {A: STYLE, B: BUG}


@pytest.mark.usefixtures("logs")
def test_an_unknown_type_is_one_line_with_the_allowed_ones(errata: Run, repo: Any) -> None:
    for value in ("taste", 1, ""):
        repo.write("in.json", json.dumps({"corrections": [A], "type": value}))
        said = refused(errata("accept", "--json", "in.json"))
        assert "type" in said and (value == 1 or all(kind in said for kind in CorrectionType))
    for command in (["accept", A], ["teach", A, "--pattern", "x"]):
        said = refused(errata(*command, "--type", "taste"))
        assert "'taste'" in said and all(kind in said for kind in CorrectionType)
    assert not (repo.root / LOG).exists()
