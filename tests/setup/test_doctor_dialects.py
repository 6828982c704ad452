"""A log in another dialect or at another path, as the doctor sees it; and agents nobody knows."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from dialect_samples import FILES, SAMPLES, Sample
from doctor_builders import Doctor, run
from errata import rules
from errata.records import instants
from errata.setup.checks.unknown_agents import Occurrences, looks_like_agent
from matrix import few
from record_builders import FINDINGS, finding

OTHER = ".claude/reviews.jsonl"
by_name = pytest.mark.parametrize(
    "sample", few(SAMPLES, "must-should", "priorities", "semgrep", "rabbit")
)


def files(repo: Repo) -> None:
    """What the samples are about: where no name helps, an existing path does."""
    for path in FILES:
        repo.write(path, "\n")


def grouped(root: Path) -> dict[str, int]:
    """Patterns that `errata evolve --dry-run` makes of the logs: name -> occurrences."""
    done = run(root, "evolve", "--dry-run", "--as-of", "2025-01-20", "--format", "json")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return {
        diagnostic["name"]: diagnostic["count"]
        for diagnostic in json.loads(done.stdout)["patterns"]
    }


# ----------------------------------------------------------------------------------- other dialects


@by_name
def test_the_command_makes_another_dialect_readable(
    healthy: Repo, doctor: Doctor, sample: Sample
) -> None:
    files(healthy)
    healthy.jsonl(FINDINGS, *sample.records)
    healthy.git("add", FINDINGS)
    assert run(healthy.root, "validate").returncode == 1
    command = doctor.fix("in another dialect: 12 of 12 records")
    assert command == f"errata doctor --propose-aliases {FINDINGS} >> errata.toml"
    done = run(healthy.root, "validate")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert grouped(healthy.root)[sample.pattern] == sample.count
    assert {diagnostic["fix"] for diagnostic in doctor.diagnostics()} <= {"errata evolve"}


@pytest.mark.parametrize("sample", SAMPLES[::4], ids=lambda sample: sample.name)
def test_a_log_at_another_path_is_noticed(healthy: Repo, doctor: Doctor, sample: Sample) -> None:
    files(healthy)
    healthy.jsonl(OTHER, *sample.records)
    command = doctor.fix(f"{OTHER}: looks like a log of 12 findings", "note")
    assert command == f"errata doctor --propose-aliases {OTHER} >> errata.toml"
    settings = tomllib.loads((healthy.root / "errata.toml").read_text())
    assert settings["logs"]["findings"] == OTHER
    assert grouped(healthy.root)[sample.pattern] == sample.count


def test_our_own_format_at_another_path(healthy: Repo, doctor: Doctor) -> None:
    healthy.jsonl(".claude/notes/found.jsonl", *(finding(n) for n in range(3)))
    doctor.fix("found.jsonl: looks like a log of 3 findings", "note")
    assert run(healthy.root, "validate").returncode == 0


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp": "2025-01-15T12:00:00Z", "role": "user", "content": "Please fix the build"},
        {"ts": 1_736_942_400, "event": "tool_use", "message": "Ran the tests again"},
        {"name": "a", "value": 1},
        {"timestamp": "2025-01-15", "agent": "api-dev", "insight": "Use the other queue"},
    ],
)
def test_other_files_of_json_lines_are_left_alone(
    healthy: Repo, doctor: Doctor, record: dict[str, Any]
) -> None:
    healthy.jsonl(".claude/history.jsonl", *({**record, "n": n} for n in range(5)))
    healthy.write(".claude/broken.jsonl", b"\xff{\n[\n")
    healthy.write(".claude/empty.jsonl", b"")
    assert doctor.diagnostics() == []


def test_existing_settings_are_not_added_twice(healthy: Repo, doctor: Doctor) -> None:
    sample = SAMPLES[5]
    healthy.jsonl(FINDINGS, *sample.records)
    healthy.write("errata.toml", '[aliases.finding.fields]\nwho = "agent"')
    diagnostic = doctor.diagnostic("another dialect")
    assert ">>" not in diagnostic["fix"]
    done = run(healthy.root, "doctor", "--propose-aliases")
    healthy.write("errata.toml", done.stdout)
    assert 'who = "agent"' in done.stdout
    assert {diagnostic["fix"] for diagnostic in doctor.diagnostics()} == {"errata evolve"}


def test_settings_are_appended_after_an_unterminated_line(healthy: Repo, doctor: Doctor) -> None:
    healthy.jsonl(FINDINGS, *SAMPLES[0].records)
    healthy.write("errata.toml", "[evolve]\nmin_occurrences = 4")
    doctor.fix("another dialect")
    assert tomllib.loads((healthy.root / "errata.toml").read_text())["evolve"] == {
        "min_occurrences": 4
    }


def test_a_dialect_without_a_time_is_reported(healthy: Repo, doctor: Doctor) -> None:
    healthy.jsonl(FINDINGS, *({"level": "error", "message": "No check here"} for _ in range(3)))
    assert "no field holds a time" in doctor.diagnostic("another dialect")["what"]
    done = run(healthy.root, "doctor", "--propose-aliases")
    assert done.returncode == 1
    assert "no field of the log holds a time, which every record needs" in done.stderr


def test_a_few_bad_lines_are_not_a_dialect(healthy: Repo, doctor: Doctor) -> None:
    rows = [finding(n) for n in range(9)]
    healthy.jsonl(FINDINGS, *rows, {**finding(10), "severity": "P1"})
    assert FINDINGS in doctor.diagnostic("1 bad line")["what"]


def test_propose_aliases_for_a_named_log(healthy: Repo) -> None:
    done = run(healthy.root, "doctor", "--propose-aliases", "none.jsonl")
    assert (done.returncode, "none.jsonl: cannot be read" in done.stderr) == (2, True)
    healthy.write(FINDINGS, "[]\n")
    done = run(healthy.root, "doctor", "--propose-aliases")
    assert (done.returncode, "holds no JSON objects" in done.stderr) == (2, True)
    done = run(healthy.root, "doctor", FINDINGS)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    healthy.write(FINDINGS, json.dumps(finding(1)) + "\n")
    done = run(healthy.root, "doctor", "--propose-aliases")
    assert (done.returncode, done.stdout) == (0, "")


# --------------------------------------------------------------------------------- unknown agents

_EXAMPLE = re.compile(r"(\d+)/(\d+)/(\d+) (.*) <(.*)>")


def _judge(example: str) -> bool:
    found = _EXAMPLE.fullmatch(example)
    assert found, example
    commits, people, authored = map(int, found.groups()[:3])
    seen = Occurrences(commits, {str(number) for number in range(people)}, authored)
    return looks_like_agent(found[4], found[5], seen)


def test_unknown_agent_rules_match_their_examples() -> None:
    table = rules.source("unknown_agents")
    assert [example for example in table["match"] if not _judge(example)] == []
    assert [example for example in table["miss"] if _judge(example)] == []


def commit(repo: Repo, message: str, author: str = "Ann Author <ann@example.org>") -> None:
    hooks = ("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty")
    name, _, email = author.partition(" <")
    env = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email.rstrip(">")}
    repo.git(*hooks, "-m", message, env=env)


def test_an_unknown_co_author_of_several_people(healthy: Repo, doctor: Doctor) -> None:
    for author in ("Ann Author <ann@example.org>", "Bob <bob@example.org>", "Cy <cy@example.org>"):
        commit(healthy, "x\n\nCo-authored-by: Windmill <noreply@windmill.example>", author)
    command = doctor.fix("Windmill <noreply@windmill.example> in 3 commits", "note")
    assert command.startswith("printf ")
    assert command.endswith(">> errata.toml")
    done = run(healthy.root, "who", "HEAD", "--format", "json")
    assert json.loads(done.stdout)[0]["tool"] == "windmill"


def test_an_unknown_application_and_trailer(healthy: Repo, doctor: Doctor) -> None:
    for number in range(3):
        commit(healthy, f'x{number}\n\nAI-Tool: 100% "Mill" (v{number})\n')
    commit(healthy, "y", "house-coder[bot] <9+house-coder[bot]@users.noreply.github.com>")
    doctor.fix("house-coder[bot]", "note")
    doctor.fix("AI-Tool: ", "note")
    done = run(healthy.root, "who", "HEAD~3..HEAD", "--format", "json")
    assert {diagnostic["kind"] for diagnostic in json.loads(done.stdout)} == {"agent"}


@pytest.mark.parametrize(
    "person",
    [
        "Devin Smith <devin@example.org>",
        "Claude Monet <claude@example.org>",
        "Agent Smith <smith@example.org>",
        "Ai Weiwei <ai.weiwei@example.org>",
        "Ann Author <12345+ann@users.noreply.github.com>",
    ],
)
def test_people_are_not_reported_as_agents(healthy: Repo, doctor: Doctor, person: str) -> None:
    for author in ("Ann Author <ann@example.org>", "Bob <bob@example.org>", person):
        for _ in range(3):
            commit(healthy, f"x\n\nCo-authored-by: {person}\nReviewed-by: {person}", author)
    assert doctor.diagnostics() == []


def test_known_agents_are_not_reported(healthy: Repo, doctor: Doctor) -> None:
    for author in ("Ann Author <ann@example.org>", "Bob <bob@example.org>"):
        for _ in range(3):
            commit(
                healthy,
                "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>\nAssisted-by: Claude:opus\n"
                "Agent: api-dev\nAgent-Session: 1\n",
                author,
            )
    for _ in range(3):
        bots = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"
        commit(healthy, f"x\n\nCo-authored-by: {bots}")
    commit(healthy, "bump", "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>")
    assert doctor.diagnostics() == []


def test_a_time_in_the_future_is_damage_not_a_dialect(healthy: Repo, doctor: Doctor) -> None:
    later = instants.iso(instants.clock() + 10 * 86_400_000_000)
    healthy.jsonl(FINDINGS, *(finding(n, timestamp=later) for n in range(2)))
    assert "2 records more than a day in the future" in doctor.diagnostic("future")["what"]
