"""Names and ids that are empty, or that fit nothing or too much, are answered in one line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from answers import refused

from record_builders import CORRECTIONS, correction

Run = Callable[..., subprocess.CompletedProcess[str]]
A, B, C = (f"cor-{digit * 20}" for digit in "abc")


@pytest.fixture(autouse=True)
def logs(repo: Any) -> Any:
    repo.jsonl(
        CORRECTIONS, correction(3, id=A), correction(2, id=B), correction(1, id=C, agent="sre")
    )
    return repo


@pytest.mark.parametrize(
    "words",
    [
        ("corrections", "--agent", ""),
        ("corrections", "--list", "--agent", ""),
        ("corrections", "--pattern", ""),
        ("patterns", "--agent", ""),
        ("patterns", "--category", ""),
        ("review", "--agent", ""),
        ("review", "--pattern", ""),
        ("evolve", "--agent", ""),
        ("evolve", "--pattern", ""),
        ("context", "--agent", ""),
        ("trends", "--service", ""),
        ("trends", "--json", "--service", ""),
        ("fleet", "patterns", ".", "--service", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_not_an_absent_filter(errata: Run, words: tuple[str, ...]) -> None:
    assert f"{words[-2]} is empty" in refused(errata(*words))


NOBODY = "o correction is of 'nosuch'; there are some of api-dev and sre"
UNKNOWN = "errata: no agent here is called 'nosuch' so far; there are api-dev and sre\n"


@pytest.mark.parametrize(
    "words",
    [("corrections",), ("corrections", "--list"), ("corrections", "--analyze"), ("review",)],
)
def test_a_filter_by_an_agent_that_nobody_corrected(errata: Run, words: tuple[str, ...]) -> None:
    done = errata(*words, "--agent", "nosuch")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"N{NOBODY}.\n", "")
    if words[0] == "corrections":
        as_json = errata(*words, "--agent", "nosuch", "--json")
        assert json.loads(as_json.stdout)
        assert (as_json.returncode, as_json.stderr) == (0, f"errata: n{NOBODY}\n")


@pytest.mark.parametrize("words", [("patterns",), ("patterns", "--json"), ("evolve", "--dry-run")])
@pytest.mark.parametrize(
    ("agent", "warning"), [("nosuch", UNKNOWN), ("sre", ""), ("codex", ""), ("everyone", "")]
)
def test_an_unknown_agent_of_patterns(
    errata: Run, words: tuple[str, ...], agent: str, warning: str
) -> None:
    done = errata(*words, "--agent", agent)
    assert (done.returncode, done.stderr) == (0, warning)


def test_an_agent_that_only_the_routing_names(repo: Any, errata: Run) -> None:
    repo.write("errata.toml", '[routing.patterns]\nx = ["db-expert"]\n')
    assert errata("patterns", "--agent", "db-expert").stderr == ""
    for meant, typed in {"db-expert": "db-exprt", "frontend-dev": "frontend"}.items():
        said = errata("patterns", "--agent", typed).stderr
        assert said.endswith(f"there are {meant}, api-dev and sre\n")


def test_a_list_of_agents_is_short_and_begins_with_the_likeliest(repo: Any, errata: Run) -> None:
    names = [f"agent-{letter}" for letter in "bcdefg"]
    repo.jsonl(CORRECTIONS, *(correction(5, "x", agent=name) for name in (*names, "zebra")))
    out = errata("corrections", "--agent", "zebr").stdout
    assert out == (
        "No correction is of 'zebr'; there are some of zebra, agent-b, agent-c, agent-d, agent-e "
        "and 4 other agents.\n"
    )


def test_a_lesson_for_an_unknown_agent_is_written_and_said(repo: Any, errata: Run) -> None:
    lesson = ("teach", "--pattern", "say-why", "--instead", "Say why.", "--agent")
    first = errata(*lesson, "nosuch")
    assert (first.returncode, first.stderr) == (0, UNKNOWN)
    assert "Taught say-why" in first.stdout
    # From then on, there is one.
    assert errata(*lesson, "nosuch", "--why", "again").stderr == ""
    repo.write(".claude/agents/db-expert.md", "---\nname: db-expert\n---\n")
    for agent in ("db-expert", "test-engineer", "claude-code", "sre", "everyone"):
        assert errata(*lesson, agent).stderr == ""
    repo.write("in.json", '{"pattern": "x", "instead": "Say why.", "agent": "other"}')
    assert "'other'" in errata("teach", "--json", "in.json").stderr


@pytest.mark.parametrize("command", ["accept", "reject", "explain", "teach --pattern x"])
@pytest.mark.parametrize("id", ["cor-", "cor-a", "cor", "a"])
def test_a_beginning_of_an_id_that_is_too_short(
    repo: Any, errata: Run, command: str, id: str
) -> None:
    repo.jsonl(CORRECTIONS, *(correction(4, id=f"cor-a{n:019}") for n in range(1000)))
    done = errata(*command.split(), id)
    if command == "explain" and not id.startswith("cor-"):
        assert f"no pattern named '{id}'" in refused(done)  # It may be a pattern as well.
        return
    number = "1,001" if id.endswith("a") else "1,003"
    message = refused(done)
    assert f"errata: '{id}' begins {number} ids: cor-" in message
    assert message.endswith(", ... (type more of it)")


def test_a_beginning_of_a_decision_that_is_too_short(errata: Run) -> None:
    for name in "xyz":
        errata("teach", "--pattern", name, "--instead", "Say why.")
    for words in (("undo", "cur-"), ("patterns", "confirm", "cur-")):
        assert "'cur-' begins 3 ids: cur-" in refused(errata(*words))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("dismiss X", "did you mean `errata patterns dismiss`?"),
        ("help dismiss", "did you mean `errata patterns dismiss`?"),
        ("help confrim", "did you mean `errata patterns confirm`?"),
        ("merge a b", "did you mean `errata patterns merge` or 'merge-file'?"),
        ("correction", "did you mean `errata log correction` or 'corrections'?"),
        ("unpin X", "`errata undo` takes back what `errata patterns pin` did"),
        ("patterns unpin X", "`errata undo` takes back what `errata patterns pin` did"),
        ("patterns dismis X", "did you mean 'dismiss'?"),
        ("patterns A B", "to show a pattern, give one name, with '-' between its words; "),
        ("corections", "did you mean 'corrections'?"),
    ],
)
def test_an_unknown_command(errata: Run, words: str, hint: str) -> None:
    message = refused(errata(*words.split()))
    assert message.startswith("errata: No such command ") and f"; {hint}" in message
