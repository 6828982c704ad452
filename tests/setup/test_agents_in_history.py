"""Why init chose an agents' tool, and which agents it does not reach."""

from __future__ import annotations

import pytest

from conftest import Repo
from doctor_builders import Doctor
from manager_builders import Errata, done
from record_builders import finding

EXPORT = "errata context --export agents-md"
NO_HOOKS = "note: agents here that errata has no hooks for: "


def commits(repo: Repo, number: int, trailer: str) -> None:
    for subject in range(number):
        repo.git("commit", "-q", "--allow-empty", "-m", f"Change {subject}", "-m", trailer)


def openhands(repo: Repo, number: int = 4) -> None:
    commits(repo, number, "Co-authored-by: openhands <openhands@all-hands.dev>")


def notes(errata: Errata, *options: str) -> list[str]:
    output = done(errata("init", *options))
    return [line for line in output.splitlines() if line.startswith("note: ")]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README.md", "claude-code (no agent's tool has files here)"),
        ("CLAUDE.md", "claude-code (CLAUDE.md exists)"),
        (".claude/patterns/promotions.jsonl", "claude-code (no agent's tool has files here)"),
        ("GEMINI.md", "gemini (GEMINI.md exists)"),
    ],
)
def test_reason_for_the_tool(repo: Repo, errata: Errata, path: str, reason: str) -> None:
    repo.write(path, "")
    chosen = f"note: set up for {reason}; for another tool: `errata init --agent TOOL`"
    assert chosen in notes(errata, "--dry-run")
    assert not [line for line in notes(errata, "--agent", "codex") if "set up for" in line]


def test_agents_that_no_hook_reaches(repo: Repo, errata: Errata) -> None:
    openhands(repo)
    commits(repo, 2, "Co-authored-by: aider (gpt-4) <aider@aider.chat>")
    command = f"after `errata evolve`, `{EXPORT}` gives them the lessons"
    assert f"{NO_HOOKS}openhands (4 commits); {command}" in notes(errata, "--dry-run")
    repo.write("AGENTS.md", "# Agents\n")
    # The file gets a line that points to the lessons.
    assert not [line for line in notes(errata) if line.startswith(NO_HOOKS)]


def test_agents_whose_tool_is_not_set_up(repo: Repo, errata: Errata) -> None:
    commits(repo, 3, "Co-authored-by: Codex <noreply@openai.com>")
    commits(repo, 3, "Co-authored-by: Claude <noreply@anthropic.com>")
    said = "note: agents here that are not set up: codex (3 commits); `errata init --agent codex`"
    assert said in notes(errata)


def test_doctor_says_it_once_there_are_lessons(repo: Repo, errata: Errata) -> None:
    openhands(repo)
    done(errata("init"))
    doctor = Doctor(repo.root)
    assert doctor.diagnostics() == []
    seen = [finding(day, affected_agents=["everyone"]) for day in range(1, 8)]
    repo.jsonl(".claude/review-findings.jsonl", *seen)
    done(errata("evolve"))
    unreached = "has lessons, and nothing gives them to openhands (4 commits)"
    assert doctor.fix(unreached, "note") == EXPORT
