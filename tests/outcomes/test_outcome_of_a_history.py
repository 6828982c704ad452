"""The outcome of a lesson in a real history, as counted by hand, and in every view."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import outcome_history
from conftest import CALLER_PREFIXES, Repo
from errata.cli import main
from errata.core.git import Repository
from errata.records import instants, schema
from errata.state import exposures
from outcome_history import CHANCES, LESSON, RUNBOOK, instant
from record_builders import FINDINGS, PROMOTIONS, tree


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, empty_repository: Path
) -> Iterator[tuple[Path, Path]]:
    """The repository when the lesson is promoted, and when its outcome is counted."""
    folder = tmp_path_factory.mktemp("outcome")
    shutil.copytree(empty_repository, folder / "after")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "after")
        patch.setenv("HOME", str(folder))
        for name in [name for name in os.environ if name.startswith(CALLER_PREFIXES)]:
            patch.delenv(name)
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ann Author")
            patch.setenv(f"GIT_{who}_EMAIL", "ann@example.org")

        def run(*args: str) -> None:
            assert main([*args, "--json"]) == 0

        repo = Repo(folder / "after")
        outcome_history.january(repo, run)
        shutil.copytree(folder / "after", folder / "before")
        outcome_history.march(repo)
        run("backfill")
    yield folder / "before", folder / "after"


@pytest.fixture
def counted(built: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    root = tmp_path / "counted"
    shutil.copytree(built[1], root)
    monkeypatch.chdir(root)
    return Repo(root)


class Errata:
    """The command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: str, status: int = 0) -> str:
        self._capsys.readouterr()
        assert main([*args]) == status, self._capsys.readouterr()
        out, err = self._capsys.readouterr()
        return out or err

    def outcome(self, *args: str) -> Any:
        return json.loads(self("outcome", *args, "--json"))


@pytest.fixture
def errata(capsys: pytest.CaptureFixture[str]) -> Errata:
    return Errata(capsys)


def counts(row: Any, name: str) -> tuple[int, int]:
    return row[name]["repeated"], row[name]["chances"]


def test_before_after_read_and_unread(counted: Repo, errata: Errata) -> None:
    (row,) = errata.outcome()["outcomes"]
    assert row["name"] == LESSON
    assert row["since"] == instant(31), "when the runbook was committed"
    assert counts(row, "before") == (6, 8), "four commits had no debug output"
    assert counts(row, "after") == (3, 10), "people may correct the newest one for two more weeks"
    assert counts(row, "read") == (1, 4)
    assert counts(row, "unread") == (2, 3)
    assert counts(row, "others_before") == (0, 8)
    assert row["after"]["clusters"] == 10
    assert row["shifts"] == ["work in src/: 100% -> 0%", "work in web/ui/: 0% -> 100%"]
    assert row["verdict"] == errata.outcome()["together"]["verdict"] == "not enough data"
    lines = (counted.root / CHANCES).read_text().splitlines()
    assert len(lines) == 2
    assert all(schema.is_valid("chances", json.loads(line)) for line in lines)


def test_the_table_and_one_lesson(counted: Repo, errata: Errata) -> None:
    assert counted.root.exists()
    table = errata("outcome")
    assert re.search(rf"{LESSON} +2025-01-31 +6 of 8 \(75.0\) +3 of 10 \(30.0\) +-41", table)
    text = errata("outcome", LESSON.upper())
    assert re.search(r"had read it +1 of 4 .*\n +had not +2 of 3 ", text)
    assert "unknown for 3 commits" in text
    assert "This interval decides the verdict." in text
    assert "TOGETHER" not in table, "one lesson has nothing in common"
    assert "not why" in text and "because" not in text + table
    assert errata.outcome(LESSON)["name"] == LESSON


def test_a_name_that_is_nearly_right(counted: Repo, errata: Errata) -> None:
    assert counted.root.exists()
    message = errata("outcome", "no-consle-log", status=2)
    assert message == f"errata: no lesson named 'no-consle-log' (did you mean '{LESSON}'?)\n"


def test_every_view_has_the_same_verdict(counted: Repo, errata: Errata) -> None:
    assert counted.root.exists()
    row = errata.outcome(LESSON)
    figures = "6 of 8 before, 3 of 10 since 2025-01-31"
    assert f"OUTCOME: {row['verdict']} ({figures})" in errata("explain", LESSON)
    assert json.loads(errata("explain", LESSON, "--json"))["outcome"] == row["verdict"]
    report = errata("report", "--format", "md")
    assert f"Not enough data yet: {row['needed_if_gone']} more commits" in report
    assert "Before: 6 of 8 (75%" in report and "Since: 3 of 10 (30%" in report
    assert "NO EFFECT" not in errata("trends", "--alerts")


def test_the_past(counted: Repo, errata: Errata) -> None:
    assert counted.root.exists()
    assert errata.outcome("--as-of", "2025-02-01")["outcomes"] == []
    assert "`errata backfill`" in errata("outcome", "--as-of", "2025-02-01")
    assert "run `errata backfill`" in errata("outcome", "--as-of", "2025-01-02")


def test_neither_order_nor_repetition_of_lines_matters(counted: Repo, errata: Errata) -> None:
    before = errata("outcome", "--json")
    choose = random.Random(5)
    for path in (counted.root / CHANCES, counted.root / PROMOTIONS):
        lines = path.read_text().splitlines(keepends=True) * 2
        choose.shuffle(lines)
        path.write_text("".join(lines))
    assert errata("outcome", "--json") == before
    once = tree(counted.root)
    errata("backfill")
    assert tree(counted.root) == once, "the same counts make no further line"


def test_a_damaged_line_is_left_out(counted: Repo, errata: Errata) -> None:
    before = errata("outcome", "--json")
    with (counted.root / CHANCES).open("a") as file:
        row = json.loads((counted.root / CHANCES).read_text().splitlines()[-1])
        row["as_of"] = "2030-01-01"
        row["outcomes"][LESSON]["before"]["repeated"] = 99
        file.write(json.dumps(row) + "\n")
    assert main(["outcome", "--json"]) == 0
    assert errata("outcome", "--json") == before


def test_a_lesson_keeps_its_outcome_under_a_new_name(counted: Repo, errata: Errata) -> None:
    assert counted.root.exists()
    errata("patterns", "rename", LESSON, "quiet-code")
    assert errata.outcome("quiet-code")["name"] == LESSON, "it was counted under its old name"
    errata("backfill")
    row = errata.outcome("quiet-code")
    assert (row["name"], counts(row, "before"), counts(row, "read")) == (
        "quiet-code",
        (6, 8),
        (1, 4),
    )


def test_a_lesson_that_grouping_no_longer_finds_keeps_its_outcome(
    counted: Repo, errata: Errata
) -> None:
    """The promotion log says which facts it was made of."""
    path = counted.root / PROMOTIONS
    (event,) = map(json.loads, path.read_text().splitlines())
    assert event["facts"]
    path.write_text(json.dumps({**event, "pattern": "gone-lesson"}) + "\n")
    errata("backfill")
    row = errata.outcome("gone-lesson")
    assert counts(row, "before") == (6, 6), "no commit has this name in a runbook"
    assert counts(row, "after") == (3, 12)


def test_a_session_that_was_given_the_runbook_has_read_it(counted: Repo, errata: Errata) -> None:
    """Where a commit names no runbook, this clone may know its session."""
    for number, session in ((110, "told"), (111, "untold"), (112, "stranger"), (113, "lesson")):
        outcome_history.agent(counted, number, "Agent: claude-code", f"Agent-Session: {session}")
    outcome_history.agent(counted, 140)
    repo = Repository.discover(counted.root)
    when, name = instant(109), (counted.root / RUNBOOK).read_bytes()
    digest = outcome_history.digest.of_bytes(name)
    exposures.add(repo, when, "told", "claude-code", "", [f"everyone@{digest}"])
    exposures.add(repo, when, "untold", "claude-code", "", [])
    exposures.add_lessons(repo, when, "lesson", "claude-code", "", [LESSON])
    errata("backfill")
    row = errata.outcome(LESSON)
    assert counts(row, "read") == (1, 6)
    assert counts(row, "unread") == (2, 4)


def test_findings_are_put_to_commits_by_file_and_feature(counted: Repo, errata: Errata) -> None:
    """It counts for the newest commit before it that changed its file, or has its feature."""
    outcome_history.agent(counted, 120, "Agent: claude-code", "Feature: feat-7", debug=False)
    outcome_history.agent(counted, 150, debug=False)
    finding = {"severity": "blocking", "pattern": "missing-widget-check"}
    finding["description"] = "No check"
    rows = [
        {**finding, "timestamp": instant(5, 20), "file": "src/f5.js:3"},
        {**finding, "timestamp": instant(7, 20), "file": "src/f7.js"},
        {**finding, "timestamp": instant(8, 20), "file": "src/f8.js"},
        {**finding, "timestamp": instant(9, 20), "file": "nowhere.js"},
        {**finding, "timestamp": instant(30, 20), "file": "src/f1.js"},
    ]
    counted.jsonl(FINDINGS, *rows)
    event = {"date": instant(40), "event": "promoted", "pattern": "missing-widget-check"}
    event |= {"agents": ["everyone"], "confidence": 0.7, "occurrences": 5, "entry_type": "pattern"}
    counted.jsonl(PROMOTIONS, event)
    late = {**finding, "timestamp": instant(120, 20), "file": "x.js", "feature_id": "feat-7"}
    counted.jsonl(FINDINGS, late)
    errata("backfill")
    row = errata.outcome("missing-widget-check")
    assert counts(row, "before") == (3, 12), "any commit could have; one finding came too late"
    assert counts(row, "after") == (1, 12)
    assert counts(row, "others_before") == (6, 12)
    assert counts(errata.outcome(LESSON), "others_before") == (3, 8)


def test_without_promotions_nothing_is_counted(counted: Repo, errata: Errata) -> None:
    (counted.root / PROMOTIONS).unlink()
    (counted.root / CHANCES).unlink()
    errata("backfill")
    (line,) = (counted.root / CHANCES).read_text().splitlines()
    assert "outcomes" not in json.loads(line)
    assert errata("outcome") == (
        "No outcomes yet: there is neither a lesson in a runbook nor a rule to count.\n"
    )


def test_what_does_not_help_comes_first_in_alerts_and_last_in_runbooks(
    counted: Repo, errata: Errata
) -> None:
    path = counted.root / CHANCES
    row = json.loads(path.read_text().splitlines()[-1])
    clusters = {"clusters": 300, "design_effect": 1.0}
    for name in ("before", "after"):
        row["outcomes"][LESSON][name] = {"chances": 400, "repeated": 100, **clusters}
        row["outcomes"][LESSON][f"others_{name}"] = {"chances": 400, "repeated": 100, **clusters}
    row["as_of"] = instant(101)
    with path.open("a") as file:
        file.write(json.dumps(row) + "\n")
    assert errata.outcome(LESSON)["verdict"] == "no effect"
    heading, _, first, action, *_ = filter(None, errata("trends", "--alerts").splitlines()[1:])
    assert heading.startswith("=")
    assert first.strip() == (
        f"{LESSON} has NO EFFECT so far (100 of 400 before, 100 of 400 since 2025-01-31)"
    )
    assert action.strip() == f"Action: propose a check: `errata checks propose {LESSON}`"
    (alert,) = json.loads(errata("trends", "--json"))["not_helping"]
    assert (alert["pattern"], alert["verdict"]) == (LESSON, "no effect")
    errata("evolve")
    trends = json.loads((counted.root / ".claude/patterns/trends.json").read_text())
    assert schema.is_valid("trends", trends) and trends["not_helping"] == [alert]


# ---------------------------------------------------------------- named by people and agents only


def name_corrections(
    errata: Errata, monkeypatch: pytest.MonkeyPatch, day: int, name: str, *options: str
) -> None:
    """Somebody names the corrections that have the lesson's name, on a day."""
    listed = json.loads(errata("corrections", "--list", "--pattern", LESSON, "--json"))
    ids = [row["id"] for row in listed["corrections"]]
    with monkeypatch.context() as patch:
        patch.setattr(instants, "clock", lambda: instants.parse(instant(day)))
        errata("teach", *ids, "--pattern", name, *options)


def test_what_nobody_could_have_named_does_not_count(
    built: tuple[Path, Path], tmp_path: Path, errata: Errata, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(built[0], tmp_path / "named")
    monkeypatch.chdir(tmp_path / "named")
    repo, name = Repo(tmp_path / "named"), "debugging-left-behind"
    name_corrections(errata, monkeypatch, 32, name, "--instead", "Take it out.")
    errata("evolve")
    repo.commit("Update the runbook", **outcome_history.at(33))
    outcome_history.march(repo)
    errata("backfill")
    row = errata.outcome(name)
    assert row["named_until"] == instant(32)
    assert counts(row, "before") == (6, 12), "what could repeat it is not known"
    assert counts(row, "after") == (0, 0), "three more were corrected, and nobody named them"
    assert "they last named corrections on 2025-02-01" in errata("outcome", name)
    name_corrections(errata, monkeypatch, 110, name)
    errata("backfill")
    row = errata.outcome(name)
    assert row["named_until"] == instant(110)
    assert counts(row, "after") == (3, 10), "people may correct the newest one for two more weeks"
