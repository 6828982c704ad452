"""Checks from real histories: what is proposed, what it says, and who may accept it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from check_builders import AGENT, PROPOSED, RULE, RULES, corrected_history, day
from conftest import Repo
from errata.checks import matching, measure, proposals, rule_file
from errata.checks.measure import Candidate
from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.load import load_corpus
from errata.records.instants import END

Run = Callable[..., Any]
NAME = "no-console-log"


def test_proposal_has_figures_tests_and_the_lesson(history: Repo, errata: Run) -> None:
    done = errata("checks", "propose")
    assert done.returncode == 0, done.stderr
    assert "would have spoken in 6 of 6 corrected commits, and 0 of 10 others" in " ".join(
        done.stdout.split()
    )
    data = (history.root / f"{PROPOSED}/{NAME}.yml").read_bytes()
    documents = rule_file.documents(data)
    assert {d["language"] for d in documents} == {"JavaScript", "TypeScript", "Tsx"}
    typescript = next(d for d in documents if d["language"] == "TypeScript")
    assert typescript["rule"] == {"pattern": "console.log($$$)"}
    assert "do not leave `console.log`" in typescript["message"]
    assert typescript["metadata"]["spoke-in-corrected"] == 6
    tests = rule_file.documents((history.root / f"{PROPOSED}/tests/{NAME}-test.yml").read_bytes())
    rules = {rule["id"]: rule for rule in rule_file.read(data)}
    assert tests
    for test in tests:
        assert test["invalid"]
        assert all(matching.matches(rules[test["id"]], text) for text in test["invalid"])
        assert not any(matching.matches(rules[test["id"]], text) for text in test["valid"])


def test_proposing_twice_writes_the_same_bytes(history: Repo, errata: Run) -> None:
    def files() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in (history.root / PROPOSED).rglob("*.yml")}

    errata("checks", "propose")
    first = files()
    again = errata("checks", "propose", NAME, "--json")
    assert json.loads(again.stdout)[0]["state"] == "unchanged"
    assert files() == first
    for path in first:
        path.unlink()
    errata("checks", "propose")
    assert files() == first


def test_list_says_up_to_when_its_figures_hold(history: Repo, errata: Run) -> None:
    """Those of the proposal are kept; later commits do not change them."""
    errata("checks", "propose")
    errata("checks", "accept", NAME)
    history.write("README.md", "A big shop\n")
    history.commit("Reword", **day(500))
    shown = "6 of 6 corrected commits, and 0 of 10 others, up to 2025-01-22"
    assert shown in " ".join(errata("checks").stdout.split())
    file = history.root / f"{RULES}/{NAME}.yml"
    text = file.read_text()
    assert text.count("measured-until: '2025-01-22'\n") == 3
    for until, kept in (("2025-01-21", "2025-01-21"), ("soon", None)):
        file.write_text(text.replace("'2025-01-22'", until))
        (listed,) = json.loads(errata("checks", "--json").stdout)
        assert listed["figures"].get("measured-until") == kept


def test_dry_run_writes_nothing(history: Repo, errata: Run) -> None:
    done = errata("checks", "propose", "--dry-run")
    assert done.returncode == 0 and "1 check would be proposed" in done.stdout
    assert not (history.root / ".claude/checks").exists()


def test_edited_file_stays(history: Repo, errata: Run) -> None:
    errata("checks", "propose")
    file = history.root / f"{PROPOSED}/{NAME}.yml"
    file.write_text(file.read_text().replace("severity: warning", "severity: error"))
    edited = file.read_bytes()
    assert "somebody edited it" in " ".join(errata("checks", "propose").stdout.split())
    assert file.read_bytes() == edited


def test_rule_that_speaks_where_nobody_corrects_is_not_proposed(repo: Repo, errata: Run) -> None:
    corrected_history(repo, errata, corrected=4, kept=9, clean=3)
    row = json.loads(errata("checks", "propose", NAME, "--json").stdout)[0]
    assert not row["proposed"] and "9 commits that nobody corrected" in row["reason"]
    assert not (repo.root / PROPOSED).exists()


def test_what_a_sample_leaves_out_is_expected_as_what_is_in_it(
    repo: Repo, errata: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected_history(repo, errata, corrected=6, kept=9, clean=3)
    found = Repository.discover(repo.root)
    corpus = load_corpus(found, Config())
    monkeypatch.setattr(measure, "MAX_FILES_OF_RULE", 2)
    (proposal,), _ = proposals.propose(found, Config(), corpus, [corpus.lessons[NAME]], END)
    figures = proposal.figures
    assert (figures.spoke, figures.spoke_in_others, figures.expected_in_others) == (6, 2, 9)
    assert proposal.reason == (
        "would have spoken in about 9 commits that nobody corrected for this, and in 6 that "
        "somebody did"
    )


def test_commits_that_people_had_no_time_to_correct_do_not_count(repo: Repo, errata: Run) -> None:
    corrected_history(repo, errata)
    for number in range(3):
        repo.write(f"src/new{number}.ts", f"console.log({number});\n")
        # The newest commit is of the 22nd: of the 7th, 9th and 11th, only the first is old enough.
        repo.commit("feat: add", **AGENT, **day(20 * (6 + 2 * number)))
    done = errata("checks", "propose", NAME)
    shown = " ".join(done.stdout.split())
    assert "in 6 of 6 corrected commits, and 1 of 11 others" in shown
    assert "Measured on 17 commits of agents." in shown


def test_a_history_of_some_days_is_too_young_to_measure(repo: Repo, errata: Run) -> None:
    corrected_history(repo, errata, later=3)
    row = json.loads(errata("checks", "propose", NAME, "--json").stdout)[0]
    assert row["reason"] == (
        "only 0 corrected commits of agents are in this history before its last 14 days; "
        "at least 3 are needed"
    )


def candidate() -> Candidate:
    trigger = {"part": "new", "needs": ["console.log"], "pattern": ""}
    return Candidate(rule_file.read(RULE.encode()), trigger, frozenset())


def test_a_path_that_is_not_utf_8_is_read(repo: Repo) -> None:
    repo.write(b"src/caf\xe9.ts".decode("utf-8", "surrogateescape"), "console.log(1);\n")
    repo.commit("feat: add", **AGENT)
    measured = candidate()
    measure.measure(Repository.discover(repo.root), Config(), [measured])
    assert {s.line for samples in measured.spoke.values() for s in samples} == {1}


def test_a_commit_that_cannot_be_read_does_not_count(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git lacks the text, or it is too long; the rule is not for files in Markdown."""
    long = "console.log(1);\n" * 100
    commits = [
        {"a.ts": "let a = 1;\n"},
        {"long.ts": long},
        {"lost.ts": "let b = 1;\n"},
        {"lost.md": "b\n"},
        # What is found in another file of the same commit counts all the same.
        {"b.ts": "console.log(1);\n", "longer.ts": f"{long}\n"},
    ]
    shas = []
    for files in commits:
        for path, text in files.items():
            repo.write(path, text)
        repo.commit("feat: add", **AGENT)
        shas.append(repo.git("rev-parse", "HEAD"))
    for path in ("lost.ts", "lost.md"):
        blob = repo.git("rev-parse", f"HEAD:{path}")
        (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    monkeypatch.setattr(measure, "MAX_BYTES", 1_000)
    measured = candidate()
    read = measure.measure(Repository.discover(repo.root), Config(), [measured])
    assert measured.unread == {shas[1], shas[2], shas[4]}
    assert (measured.other_commits, measure.spoken(measured)) == (3, (0, 1))
    assert (read.commits, read.unread) == (5, 2)


def test_accepting_moves_rule_and_test(history: Repo, errata: Run) -> None:
    errata("checks", "propose")
    done = errata("checks", "accept", NAME)
    assert done.returncode == 0 and f"{RULES}/{NAME}.yml" in done.stdout
    assert (history.root / f".claude/checks/tests/{NAME}-test.yml").exists()
    assert not [*(history.root / PROPOSED).rglob("*.yml")]
    assert "1 of them already accepted" in errata("checks", "propose").stdout
    assert f"CHECK: accepted\n  {RULES}/{NAME}.yml;" in errata("explain", NAME).stdout
    again = errata("checks", "accept", NAME)
    assert again.returncode == 2 and "is already accepted" in again.stderr
    listed = json.loads(errata("checks", "--json").stdout)
    assert [(c["name"], c["accepted"], c["edited"]) for c in listed] == [(NAME, True, False)]
    history.write("src/new.ts", "console.log(1);\n")
    history.git("add", "-A")
    hook = subprocess.run(
        [sys.executable, "-m", "errata.githooks.check_lessons"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert hook.stderr.startswith("src/new.ts:1: ") and f"(check {NAME})" in hook.stderr


def test_agent_cannot_accept(history: Repo, errata: Run) -> None:
    errata("checks", "propose")
    done = errata("checks", "accept", NAME, CLAUDECODE="1")
    assert done.returncode == 2 and "cannot accept a check" in done.stderr
    assert not (history.root / RULES).exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["propose", "no-consol-log"], "no lesson named 'no-consol-log' (did you mean"),
        (["accept", "nothing"], "no check 'nothing' is proposed"),
        (["acept", NAME], "No such command 'acept'; did you mean 'accept'?"),
    ],
)
@pytest.mark.usefixtures("history")
def test_bad_input_is_one_clear_line(errata: Run, words: list[str], message: str) -> None:
    errata("checks", "propose")
    done = errata("checks", *words)
    assert done.returncode == 2 and message in done.stderr and len(done.stderr.splitlines()) == 1


def test_link_out_of_the_repository_is_refused(history: Repo, errata: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (history.root / ".claude/checks").symlink_to(tmp_path / "elsewhere")
    done = errata("checks", "propose")
    assert done.returncode == 2 and "leads out of the work tree" in done.stderr
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_a_lesson_in_somebodys_words_is_named_with_the_reason(repo: Repo, errata: Run) -> None:
    repo.write("README.md", "x\n")
    repo.commit("Base")
    lesson = ("--pattern", "ask-first", "--instead", "Ask before you delete.")
    assert errata("teach", *lesson).returncode == 0
    done = errata("checks", "propose")
    assert "0 checks proposed for 1 lesson." in done.stdout
    assert "ask-first a rule cannot see this" in " ".join(done.stdout.split())
    named = json.loads(errata("checks", "propose", "ask-first", "--json").stdout)
    assert [row["lesson"] for row in named] == ["ask-first"]
