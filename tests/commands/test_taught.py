"""The lessons that would be taught fit on one screen, each with an example, best first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errata.commands.taught import summary
from errata.core.config import Config
from errata.core.git import Repository
from errata.runbooks.plan_evolve import plan_evolve
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    NOW,
    correction,
    finding,
    implicit,
    lines,
    put,
    shown,
)

LOG = "debug-output-removed console.log"
EXAMPLE = shown(LOG, before=["console.log(user)"], after=["logger.debug(user)"])
OTHERS = [implicit(n, f"call-added f{n}", f"call-removed g{n}") for n in range(10, 40)]


def printed(tmp_path: Path, *records: dict[str, Any], logs: Any = None) -> list[str]:
    for path, logged in {CORRECTIONS: records, **(logs or {})}.items():
        put(tmp_path, path, lines(*logged))
    root = Repository(tmp_path, None, None)
    found = list(summary(plan_evolve(root, Config(), NOW, write_cache=False)))
    assert len(found) <= 40
    assert all(len(line) <= 100 for line in found)
    return found


def lesson(*days: float, example: Any = EXAMPLE) -> list[dict[str, Any]]:
    return [implicit(day, LOG, examples=[example]) for day in days]


def test_a_lesson_with_its_example(tmp_path: Path) -> None:
    assert printed(tmp_path, *lesson(1, 2, 3, 4, 5), *OTHERS) == [
        "WOULD BE TAUGHT (1 lesson, by confidence):",
        " 1. no-console-log: 5 occurrences, confidence 0.63 -> api-dev",
        "    In `src/`: do not leave `console.log` in committed code.",
        "    - console.log(user)",
        "    + logger.debug(user)",
    ]


def test_what_the_nearest_ones_lack(tmp_path: Path) -> None:
    found = printed(tmp_path, *lesson(1, 2, 3), correction(5, "other", severity="low"), *OTHERS)
    assert found[:2] == ["NO LESSON YET. The nearest:", "  no-console-log: 3 occurrences"]
    assert found[3].startswith("    Not promoted (confidence: 0.5")
    assert "  other: 1 occurrence" in found


@pytest.mark.parametrize(
    ("records", "line"),
    [
        ([], "NO LESSON YET: nothing was corrected."),
        (OTHERS[:2], "NO LESSON YET: nothing recurs in 2 corrections."),
    ],
)
def test_nothing_to_teach(tmp_path: Path, records: list[dict[str, Any]], line: str) -> None:
    assert printed(tmp_path, *records) == [line]


def test_many_lessons_fit(tmp_path: Path) -> None:
    named = [
        correction(day, f"pattern-{n:02}", suggested_fix="x" * 300)
        for n in range(30)
        for day in (1, 2, 3, 4, 5)
    ]
    found = printed(tmp_path, *lesson(1, 2, 3, 4, 5), *OTHERS, *named)
    assert found[0] == "WOULD BE TAUGHT (31 lessons, by confidence):"
    assert found[-1] == "and 12 more; `errata evolve --dry-run` lists them all"


def test_long_examples_are_shortened_before_lessons_are_left_out(tmp_path: Path) -> None:
    long = shown(
        LOG, before=["console.log(1)", "  \x1b[31m" + "y" * 200, "z"], after=["a", "b", "c"]
    )
    found = printed(tmp_path, *lesson(1, 2, 3, 4, 5, example=long), *OTHERS)
    assert found[3:6] == ["    - console.log(1)", f"    -   {'y' * 91}…", "    - z"]
    named = [correction(day, f"pattern-{n:02}") for n in range(16) for day in (1, 2, 3, 4, 5)]
    found = printed(tmp_path, *lesson(1, 2, 3, 4, 5, example=long), *OTHERS, *named)
    assert "    - console.log(1)" in found and "    - z" not in found
    assert not found[-1].startswith("and")


def zebras() -> list[dict[str, Any]]:
    """Findings that share words; nobody can tell what these mean."""
    return [
        finding(day, "", description=f"Zebra stripes, part {day}", severity="nit")
        for day in (1, 2, 3, 4)
    ]


def test_people_are_asked_to_name_a_group_of_words(tmp_path: Path) -> None:
    shown = printed(tmp_path, *OTHERS, logs={FINDINGS: zebras()})
    assert shown[:6] == [
        "NO LESSON YET. The nearest:",
        "  stripe-zebra: 4 occurrences",
        "    Zebra stripes, part 1",
        "    Grouped by the words stripe, zebra; only people can say what they have in common:",
        "      Zebra stripes, part 1",
        "      Zebra stripes, part 2",
    ]
    command = "errata teach --pattern stripe-zebra --description TEXT --instead TEXT"
    assert shown[7] == f"    Name it with: {command}"


@pytest.mark.parametrize("command", [["patterns"], ["patterns", "stripe-zebra"]])
def test_patterns_show_a_group_of_words(repo: Any, errata: Any, command: list[str]) -> None:
    repo.jsonl(FINDINGS, *zebras())
    repo.jsonl(CORRECTIONS, *OTHERS)
    out = errata(*command).stdout
    assert "rouped by the words stripe, zebra; " in out
    if command[1:]:
        assert "Zebra stripes, part 2" in out
        assert "errata teach --pattern stripe-zebra" in out


def test_explain_shows_how_to_name_a_group_of_words(repo: Any, errata: Any) -> None:
    repo.jsonl(FINDINGS, *zebras())
    repo.jsonl(CORRECTIONS, *lesson(1, 2, 3), *OTHERS)
    out = errata("explain", "stripe-zebra").stdout
    assert "the words stripe, zebra" in out
    assert "errata teach --pattern stripe-zebra" in out
    assert "Zebra stripes, part 4" in out
    assert "errata teach" not in errata("explain", "no-console-log").stdout
