"""A person's comments for an agent: corrections in words, or nothing, but never documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attribution import backfill_records
from conftest import Repo
from errata.githooks import capture

CLAUDE = "Add api\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
CODE = """import json

LIMIT = 10


def load(path):
    file = open(path)
    return json.load(file)


def page(rows, number):
    start = number * LIMIT
    return rows[start:start + LIMIT]
"""
FORGOT = "# ai! you forgot to close the file"
OPEN = "    file = open(path)\n"


def commit(repo: Repo, text: str, message: str, hour: int, path: str = "api.py") -> None:
    repo.write(path, text)
    date = f"{1_736_942_400 + hour * 3600} +0000"
    repo.git("add", "-A")
    env = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    repo.git("commit", "-q", "-m", message, env=env)


def captured(repo: Repo) -> list[dict[str, Any]]:
    assert capture.main([]) == 0
    outbox = repo.root / ".git/errata/outbox.jsonl"
    return [*map(json.loads, outbox.read_text().splitlines())] if outbox.exists() else []


@pytest.fixture
def agent_code(repo: Repo) -> Repo:
    repo.write(".git/info/exclude", ".claude/\nerrata.toml\n")
    repo.commit("Base")
    commit(repo, CODE, CLAUDE, 1)
    return repo


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OPEN, f"    # make this work with URLs too, ai!\n{OPEN}"),
        (OPEN, f"    # TODO(claude): support gzip\n{OPEN}"),
        (OPEN, "    file = open(path)  # what does this return AI?\n"),
        (OPEN, f"    # Read the whole thing lazily,\n    # one row at a time. AI!\n{OPEN}"),
        ("LIMIT = 10\n", "# @claude make this a setting\nLIMIT = 10\n"),
    ],
)
def test_request_is_neither_correction_nor_documentation(
    agent_code: Repo, old: str, new: str
) -> None:
    commit(agent_code, CODE.replace(old, new), "fix: add missing documentation comment", 2)
    assert captured(agent_code) == []
    assert backfill_records(agent_code.root) == {}
    # The agent does as it was asked: nothing happens.
    commit(agent_code, CODE.replace("10", "20"), CLAUDE, 3)
    assert captured(agent_code) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (OPEN, f"    {FORGOT}\n{OPEN}", "ai! you forgot to close the file"),
        (OPEN, f"{OPEN[:-1]}  {FORGOT}\n", "ai! you forgot to close the file"),
        (
            OPEN,
            f"    # TODO(claude): you forgot to close\n    # the file again\n{OPEN}",
            "TODO(claude): you forgot to close the file again",
        ),
        # Only beside the agent's lines.
        (CODE, CODE + f"{FORGOT}\n", "ai! you forgot to close the file"),
    ],
)
def test_correction_in_a_comment_is_explicit(
    agent_code: Repo, old: str, new: str, words: str
) -> None:
    commit(agent_code, CODE.replace(old, new), "Add a comment", 2)
    (record,) = captured(agent_code)
    assert (record["source"], record["correction_type"]) == ("explicit", "code_completeness")
    assert record["user_correction"]["verbatim"] == words
    assert record["user_correction"]["commit"] == agent_code.git("rev-parse", "HEAD")
    assert record["user_correction"]["files"] == ["api.py"]
    assert record["agent"] == "claude-code" and record["edits"] == []
    assert record["ai_action"]["file"] == "api.py"
    assert "missing-documentation" not in json.dumps(record)
    assert [*backfill_records(agent_code.root).values()] == [[record]]
    before = captured(agent_code)
    commit(agent_code, CODE, CLAUDE, 3)
    assert captured(agent_code) == before


def test_comment_beside_a_repair_leaves_the_repair(agent_code: Repo) -> None:
    repaired = CODE.replace("number * LIMIT", "max(0, number) * LIMIT")
    commit(agent_code, repaired, "fix: negative pages", 2)
    (plain,) = captured(agent_code)
    agent_code.git("reset", "-q", "--hard", "HEAD^")
    (agent_code.root / ".git/errata/outbox.jsonl").unlink()
    commit(
        agent_code, repaired.replace(OPEN, f"    # gzip too, ai!\n{OPEN}"), "fix: negative pages", 2
    )
    (record,) = captured(agent_code)
    assert record["id"] == plain["id"] and record["lines"] == plain["lines"]
    assert record["edits"] == plain["edits"] and record["source"] == "implicit"


def test_comment_in_a_repair_is_no_fact_of_it(agent_code: Repo) -> None:
    repair = "    # gzip too, ai!\n    file = open(path, encoding='utf-8')\n"
    commit(agent_code, CODE.replace(OPEN, repair), "fix: encoding", 2)
    (record,) = captured(agent_code)
    assert record["source"] == "implicit" and record["edits"]
    assert not [edit for edit in record["edits"] if "comment" in edit]


def test_settings_for_words_hold(agent_code: Repo) -> None:
    new = CODE.replace(OPEN, f"    {FORGOT}\n{OPEN}")
    (agent_code.root / "errata.toml").write_text("[explicit]\nverbatim = false\n")
    commit(agent_code, new, "Add a comment", 2)
    (record,) = captured(agent_code)
    assert "forgot" not in json.dumps(record)
    (agent_code.root / ".git/errata/outbox.jsonl").unlink()
    (agent_code.root / "errata.toml").write_text("[explicit]\nenabled = false\n")
    assert captured(agent_code) == []


def test_comments_of_and_about_people(agent_code: Repo) -> None:
    """On a person's own lines, or far from the agent's, there is nobody to correct."""
    commit(agent_code, "A = 1\n\nB = 2\n", "Add notes", 2, "own.py")
    commit(agent_code, f"A = 1\n{FORGOT}\nB = 2\n", "Add a comment", 3, "own.py")
    assert captured(agent_code) == []
    real = CODE.replace(OPEN, f"    # The caller closes the file that AI tools generated.\n{OPEN}")
    commit(agent_code, real, "fix: missing documentation", 4)
    assert [record["source"] for record in captured(agent_code)] == ["implicit"]
