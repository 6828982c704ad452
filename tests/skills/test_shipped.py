"""The skills that come with errata keep its own rules, and what they tell an agent to run works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from errata.cli import COMMANDS
from errata.records.model import CorrectionType
from errata.skills import check
from errata.skills.find import skill

NAMES = ("learning-engine", "user-corrections")
TEXTS = {
    name: resources.files("errata.skills.shipped").joinpath(f"skills/{name}/SKILL.md").read_text()
    for name in NAMES
}
LINES = [
    (name, line)
    for name, text in TEXTS.items()
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("name", NAMES)
def test_our_own_rules_hold(name: str) -> None:
    assert check.violations(skill(f".claude/skills/{name}/SKILL.md", TEXTS[name].encode())) == []
    assert max(map(len, TEXTS[name].splitlines()[8:])) < 400


def test_there_is_something_to_run() -> None:
    assert len(LINES) >= 9


@pytest.mark.parametrize(("name", "line"), LINES, ids=[line[:50] for _, line in LINES])
def test_every_command_line_works(
    name: str, line: str, repo: Any, errata: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for day in ("2025-01-13", "2025-01-14", "2025-01-15"):
        repo.jsonl(
            ".claude/review-findings.jsonl",
            {
                "date": day,
                "severity": "blocking",
                "description": "unchecked",
                "file": "api/volumes.py",
                "pattern": "missing-input-validation",
            },
        )
    words = shlex.split(line)
    assert words[0] == "errata", name
    done = errata(*words[1:])
    assert (done.returncode, done.stderr) == (0, "")
    if words[1] == "log":
        log = {"finding": "review-findings", "learning": "session-learnings"}
        path = repo.root / f".claude/{log.get(words[2], 'user-corrections')}.jsonl"
        record = json.loads(path.read_text().splitlines()[-1])
        if "withdraws=" in line:
            assert record["withdraws"]
        assert errata("validate").returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_commands_named_in_the_text_exist(name: str) -> None:
    for words in re.findall(r"`errata ([^`]+)`", TEXTS[name]):
        assert words.split()[0] in COMMANDS


def test_all_six_types_are_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", TEXTS["user-corrections"], re.MULTILINE)
    assert {row[0] for row in rows} == {str(kind) for kind in CorrectionType}
    assert len(rows) == 6
