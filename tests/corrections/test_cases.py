"""Cases of capture: each folder in ``cases/`` is two commits and the corrections they must give.

``agent.diff`` and ``person.diff`` are the two commits, and ``message`` is the person's message.
``expected.json`` lists the corrections; keys that it leaves out are not compared. Optional files:
``base.diff`` is a commit before both, and ``context.json`` has ``hours`` between the two
commits (default 2), ``base_message``, ``agent_message`` (default: one with Claude's trailer), and
``author`` of the person's commit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attribution import backfill_records
from conftest import Repo
from errata.githooks import capture

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir())
OUTBOX = ".git/errata/outbox.jsonl"
START = 1_736_942_400  # 2025-01-15T12:00:00Z
CLAUDE = "feat: new code\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
TYPES = {
    "approach_rejection",
    "code_completeness",
    "code_quality",
    "expectation_mismatch",
    "preference_conflict",
}
"""communication_gap is missing: it shows only in what a person says, never in a commit."""


@dataclass(frozen=True)
class Case:
    folder: Path

    def text(self, name: str, default: str = "") -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else default

    @property
    def context(self) -> dict[str, Any]:
        return dict(json.loads(self.text("context.json", "{}")))

    @property
    def expected(self) -> list[dict[str, Any]]:
        return list(json.loads(self.text("expected.json"))["corrections"])


def commit(repo: Repo, message: str, seconds: int, patch: Path | None = None, **env: str) -> None:
    if patch is not None:
        repo.git("apply", "--index", "--whitespace=nowarn", str(patch))
    when = f"{START + seconds} +0000"
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    args = ("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
    repo.git(*args, env={**dates, **env})


def build(repo: Repo, case: Case) -> None:
    """Make the commits of a case."""
    repo.write(".git/info/exclude", ".claude/\n")
    base = case.folder / "base.diff"
    context = case.context
    base_message = context.get("base_message", "Base")
    commit(repo, base_message, 0, base if base.exists() else None)
    commit(repo, context.get("agent_message", CLAUDE), 3600, case.folder / "agent.diff")
    name, _, email = context.get("author", "Ann Author <ann@example.org>").partition(" <")
    later_by = int(context.get("hours", 2) * 3600)
    author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email.rstrip(">")}
    message = case.text("message")
    commit(repo, message, 3600 + later_by, case.folder / "person.diff", **author)


def captured(repo: Repo) -> list[dict[str, Any]]:
    """What the post-commit hook captures."""
    assert capture.main([]) == 0
    log = repo.root / OUTBOX
    lines = log.read_text().splitlines() if log.exists() else []
    return sorted(map(json.loads, lines), key=lambda record: str(record["id"]))


def summary(record: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """The parts of a record that a case names."""
    shown = {
        "agent": record["agent"],
        "type": record["correction_type"],
        "pattern": record.get("pattern_inferred"),
        "severity": record["severity"],
        "lines": record["lines"],
        "files": record["user_correction"]["files"],
        "edits": record["edits"],
    }
    return {key: shown[key] for key in keys}


@pytest.mark.parametrize("name", NAMES)
def test_case(repo: Repo, capfd: pytest.CaptureFixture[str], name: str) -> None:
    case = Case(CASES / name)
    build(repo, case)
    records = captured(repo)
    assert capfd.readouterr().err == ""
    records.sort(key=lambda record: str(record["agent"]))
    expected = case.expected
    assert len(records) == len(expected), records
    assert [summary(*pair) for pair in zip(records, expected, strict=True)] == expected
    head = repo.git("rev-parse", "HEAD")
    backfilled = backfill_records(repo.root).get(head, [])
    assert sorted(backfilled, key=lambda record: str(record["agent"])) == records


def test_every_type_and_non_corrections_have_cases() -> None:
    expected = [Case(CASES / name).expected for name in NAMES]
    assert {correction["type"] for corrections in expected for correction in corrections} == TYPES
    assert sum(not corrections for corrections in expected) >= 10
