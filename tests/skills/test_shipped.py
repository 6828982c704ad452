"""The skills that come with errata keep its own rules, and what they tell an agent to run works."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from importlib import resources
from typing import Any

import click
import pytest

from errata.cli import COMMANDS
from errata.records.model import CorrectionType
from errata.skills import check
from errata.skills.find import skill
from record_builders import CORRECTIONS, correction

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
    for id in re.findall(r"cor-[0-9a-f]+", line):
        repo.jsonl(CORRECTIONS, correction(1, id=id))
    words = shlex.split(line)
    assert words[0] == "errata", name
    # An agent reads the skills.
    done = errata(*words[1:], ERRATA_AGENT="api-dev")
    assert (done.returncode, done.stderr) == (0, "")
    if words[1] == "log":
        log = {"finding": "review-findings", "learning": "session-learnings"}
        path = repo.root / f".claude/{log.get(words[2], 'user-corrections')}.jsonl"
        record = json.loads(path.read_text().splitlines()[-1])
        if "withdraws=" in line:
            assert record["withdraws"]
        assert errata("validate").returncode == 0


SHORTCUTS = {
    path.name: path.read_text()
    for path in resources.files("errata.skills.shipped").joinpath("commands").iterdir()
}


@pytest.mark.parametrize("name", [*TEXTS, *SHORTCUTS])
def test_commands_and_options_named_in_the_text_exist(name: str) -> None:
    named = re.findall(r"`errata ([^`]+)`", (TEXTS | SHORTCUTS)[name])
    assert named
    for words in map(shlex.split, named):
        command = importlib.import_module(f"errata.commands.{words[0].replace('-', '_')}").command
        assert words[0] in COMMANDS
        if isinstance(command, click.Group) and words[1:2] and words[1] in command.commands:
            command = command.commands[words[1]]
        known = {option for param in command.params for option in (*param.opts, "--help", "-")}
        assert {word for word in words if word.startswith("-")} <= known


def test_ids_that_logging_prints_are_listed_and_taken(
    repo: Any, errata: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    (line,) = [line for _, line in LINES if line.startswith("errata log correction")]
    id = errata(*shlex.split(line)[1:]).stdout.split()[2]
    assert id in errata("corrections", "--list").stdout
    assert errata("reject", id).returncode == 0
    assert repo.root.joinpath(".claude/patterns/curation.jsonl").exists()


def test_answer_to_the_handout_is_taken(
    repo: Any, errata: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The example in the text of the command, run as it stands there."""
    (block,) = re.findall(r"```sh\n(.*?)```", SHORTCUTS["corrections.md"], re.DOTALL)
    first, answer, _ = (line.strip() for line in block.strip().splitlines())
    (id,) = json.loads(answer)["corrections"]
    repo.jsonl(CORRECTIONS, correction(1, id=id))
    repo.write("answer", answer)
    words = [w if w != "-" else "answer" for w in shlex.split(first.partition("<<")[0])]
    done = errata(*words[1:], ERRATA_AGENT="api-dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Proposed by api-dev: teach use-the-logger")


def test_all_six_types_are_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", TEXTS["user-corrections"], re.MULTILINE)
    assert {row[0] for row in rows} == {str(kind) for kind in CorrectionType}
    assert len(rows) == 6
