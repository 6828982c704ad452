"""Commits that errata is not sure about: listed on demand, logged once somebody says so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from answers import ok, refused
from capture_builders import CODE, Story

from errata.core.config import Config
from errata.corrections.classify.evidence import doubtful_score, least_probability
from errata.records import curation_log
from errata.rules import load
from terminals import run_on_terminal

Run = Callable[..., subprocess.CompletedProcess[str]]
CURATION = ".claude/patterns/curation.jsonl"
LESSON = "--pattern", "limits-in-a-table", "--instead", "Read limits from the table."


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def feature(
    story: Story, number: int, days: float, lines: int, subject: str, path: str = ""
) -> str:
    """A person's feature, which changes a line of the agent's along with it."""
    story.wait(days)
    table = "".join(f"row_{n} = names.get({n})\n" for n in range(lines))
    story.repo.write(path or f"table{number}.py", table)
    return story.fix(number, subject=subject)


def likely(story: Story) -> str:
    return feature(story, 1, 1, 60, "feat: read limits from a table")


def unlikely(story: Story) -> str:
    return feature(story, 2, 1, 400, "feat: read limits from a table")


def hardly(story: Story) -> str:
    """One of the 81 places that the commit changes has a line of the agent's."""
    for words in ("Some words", "Other words"):
        notes = (f"Note {number}\n\n{words}\n\n" for number in range(80))
        story.repo.write("notes.md", "".join(notes))
        if words == "Some words":
            story.commit("docs: notes")
    for number in range(12):
        story.repo.write(f"notes/{number}.md", "Another note\n")
    return feature(story, 3, 8, 1500, "docs: add notes and a table for the new version (#12)")


def doubtful(errata: Run, *options: str) -> list[dict[str, Any]]:
    answer = json.loads(ok(errata("backfill", "--doubtful", "--json", *options)))
    assert answer.keys() == {"doubtful"}
    return list(answer["doubtful"])


def log(story: Story) -> list[dict[str, Any]]:
    path = story.root / ".claude/user-corrections.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def decisions(story: Story) -> list[dict[str, Any]]:
    path = story.root / CURATION
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# ---------------------------------------------------------------------------------------- listed


def test_only_what_is_in_doubt_is_listed_likeliest_first(story: Story, errata: Run) -> None:
    unsure = [likely(story), unlikely(story)]
    hardly(story)
    certain = story.fix(4)
    rows = doubtful(errata)
    assert [row["commit"] for row in rows] == unsure
    least = load("evidence")["doubtful_from"]
    for row in rows:
        assert least <= row["probability"] < least_probability()
        assert row.keys() >= {"id", "agent_commit", "subject", "files", "facts", "examples"}
    shown = ok(errata("backfill", "--doubtful"))
    assert shown.index(unsure[0][:12]) < shown.index(unsure[1][:12])
    assert certain[:12] not in shown and "2 commits that may correct an agent" in shown
    assert log(story) == [] and decisions(story) == []
    assert not (story.root / ".claude/patterns/chances.jsonl").exists()


def test_range_and_path_narrow_the_list(story: Story, errata: Run) -> None:
    first, second = likely(story), unlikely(story)
    assert [row["commit"] for row in doubtful(errata, f"{first}..{second}")] == [second]
    assert doubtful(errata, "--path", "docs") == []
    assert ok(errata("backfill", "--doubtful", "--path", "docs")) == "No commit is in doubt.\n"


@pytest.mark.parametrize("other", ["--dry-run", "--describe"])
@pytest.mark.usefixtures("story")
def test_it_logs_nothing_so_options_about_logging_are_refused(errata: Run, other: str) -> None:
    done = errata("backfill", "--doubtful", other)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--doubtful logs nothing" in done.stderr


def test_the_limits_are_in_order() -> None:
    assert 0 < load("evidence")["doubtful_from"] < least_probability() < 1
    assert doubtful_score() < load("evidence_weights")["threshold"]


# ---------------------------------------------------------------------------------------- taught


@pytest.mark.parametrize(
    ("make", "most"), [(likely, least_probability()), (hardly, load("evidence")["doubtful_from"])]
)
def test_a_person_teaches_a_commit_that_was_not_captured(
    story: Story, errata: Run, make: Callable[[Story], str], most: float
) -> None:
    commit = make(story)
    out = ok(errata("teach", commit[:10], *LESSON))
    (record,) = log(story)
    assert record["user_correction"]["commit"] == commit
    assert record["probability"] < most and "edits" in record
    assert f"Taught limits-in-a-table with {record['id']}" in out
    (decision,) = decisions(story)
    assert (decision["corrections"], decision["commits"]) == ([record["id"]], [commit])
    assert doubtful(errata) == []
    ok(errata("validate"))
    ok(errata("backfill"))
    assert [each["id"] for each in log(story)] == [record["id"]]
    ok(errata("evolve"))
    runbook = story.root / ".claude/skills/runbooks/everyone/RUNBOOK.md"
    assert "Read limits from the table." in runbook.read_text("utf-8")


def test_once_logged_it_is_a_correction_like_any_other(story: Story, errata: Run) -> None:
    commit = likely(story)
    ok(errata("teach", commit, *LESSON))
    ok(errata("teach", commit, "--pattern", "other-name"))
    assert [decision.get("commits") for decision in decisions(story)] == [[commit], None]
    ok(errata("reject", commit))
    assert doubtful(errata) == []
    assert len(log(story)) == 1


def test_what_an_agent_proposes_is_logged_once_a_person_agrees(story: Story, errata: Run) -> None:
    commits = sorted([likely(story), unlikely(story)])
    lesson = {"pattern": "limits-in-a-table", "corrections": commits, "instead": "Read them."}
    (story.root / "in.json").write_text(json.dumps(lesson))
    ok(errata("teach", "--json", "in.json", ERRATA_AGENT="reviewer"))
    assert log(story) == []
    (proposal,) = decisions(story)
    assert proposal["commits"] == commits and len(proposal["corrections"]) == 2
    assert "limits-in-a-table" in ok(errata("review"))
    ok(errata("patterns", "confirm", "limits-in-a-table"))
    assert sorted(record["id"] for record in log(story)) == proposal["corrections"]
    assert "limits-in-a-table" in ok(errata("patterns", "--all"))


def test_review_shows_what_an_agent_proposes_to_log(story: Story, errata: Run) -> None:
    commits = [likely(story), unlikely(story)]
    ok(errata("teach", *commits, *LESSON, ERRATA_AGENT="reviewer"))
    argv = [sys.executable, "-m", "errata", "review"]
    status, shown = run_on_terminal(argv, typed="y\nq\n", columns=200)
    assert status == 0 and "reviewer" in shown
    for commit in commits:
        assert f"{commit[:12]}  feat: read limits from a table" in shown
    assert '+    limit = LIMITS["' in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert {record["user_correction"]["commit"] for record in log(story)} == {*commits}


def test_refused_proposal_logs_nothing(story: Story, errata: Run) -> None:
    commit = likely(story)
    ok(errata("teach", commit, *LESSON, ERRATA_AGENT="reviewer"))
    ok(errata("undo", decisions(story)[0]["id"]))
    assert log(story) == []
    assert [row["commit"] for row in doubtful(errata)] == [commit]


def test_proposal_about_a_commit_that_this_clone_lacks(story: Story, errata: Run) -> None:
    base = story.head()
    commit = likely(story)
    ok(errata("teach", commit, *LESSON, ERRATA_AGENT="reviewer"))
    (proposal,) = decisions(story)
    story.git("reset", "-q", "--hard", base)
    story.git("reflog", "expire", "--expire=now", "--all")
    story.git("gc", "-q", "--prune=now")
    line = refused(errata("patterns", "confirm", proposal["id"]))
    assert f"commit {commit[:12]} is not in this clone" in line
    assert decisions(story) == [proposal] and log(story) == []


def test_a_commit_that_touches_no_agents_line_is_refused(story: Story, errata: Run) -> None:
    story.repo.write("README.md", "Other words\n")
    commit = story.commit("docs: say more")
    line = refused(errata("teach", commit, *LESSON))
    assert f"commit {commit[:12]} corrects no agent: it changes nothing" in line
    assert "`errata explain" in line
    assert decisions(story) == []
    assert "corrects no agent" in refused(errata("reject", commit))


def test_what_is_refused_in_the_end_leaves_the_log_alone(
    story: Story, errata: Run, tmp_path: Path
) -> None:
    commit = likely(story)
    path = story.root / CURATION
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "elsewhere.jsonl")
    assert "leads out of the work tree" in refused(errata("teach", commit, *LESSON))
    assert log(story) == []


# -------------------------------------------------------------------------------------- accepted


def test_a_person_accepts_commits_that_were_not_captured(story: Story, errata: Run) -> None:
    commits = [likely(story), unlikely(story)]
    assert "New in the log: 2 of 2" in ok(errata("accept", *commits, "--why", "wrong limits"))
    assert {record["user_correction"]["commit"] for record in log(story)} == {*commits}
    (decision,) = decisions(story)
    assert (decision["action"], decision["commits"]) == ("accept", sorted(commits))
    assert doubtful(errata) == []
    assert ok(errata("review")).startswith("Nothing to look at")
    rows = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    assert [(row["pattern"], row["state"]) for row in rows] == [(None, "counted")] * 2
    ok(errata("validate"))
    assert "already accepted" in refused(errata("accept", *commits))
    assert decision["id"] in refused(errata("accept", commits[0]))


def test_what_an_agent_judges_takes_effect_once_a_person_agrees(story: Story, errata: Run) -> None:
    """One proposal accepts what is in doubt; another one rejects what was captured."""
    wrong = story.fix(4)
    ok(errata("backfill"))
    commits = sorted([likely(story), unlikely(story)])
    lines = json.dumps({"corrections": commits, "why": "both repair the limit"})
    (story.root / "in.json").write_text(lines)
    out = ok(errata("accept", "--json", "in.json", ERRATA_AGENT="reviewer"))
    assert out.startswith("Proposed by reviewer: accept 2 corrections (")
    ok(errata("reject", wrong, "--why", "a wish of its own", ERRATA_AGENT="reviewer"))
    assert len(log(story)) == 1 and len(doubtful(errata)) == 2
    shown = ok(errata("review"))
    assert "accept 2 corrections" in shown and "why: both repair the limit" in shown
    for decision in decisions(story):
        ok(errata("patterns", "confirm", decision["id"]))
    assert {record["user_correction"]["commit"] for record in log(story)} == {wrong, *commits}
    rows = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    states = {row["commit"]: row["state"] for row in rows}
    assert states == {wrong: "rejected", **dict.fromkeys(commits, "counted")}


def test_doubtful_commit_with_two_mistakes_is_logged_with_either(story: Story, errata: Run) -> None:
    commit = likely(story)
    lesson = {"corrections": [commit], "instead": "Read limits from the table."}
    lines = [{**lesson, "pattern": "limits-in-a-table"}, {**lesson, "pattern": "no-literals"}]
    (story.root / "in.json").write_text(json.dumps(lines))
    ok(errata("teach", "--json", "in.json", ERRATA_AGENT="reviewer"))
    ok(errata("undo", decisions(story)[0]["id"]))
    argv = [sys.executable, "-m", "errata", "review"]
    status, shown = run_on_terminal(argv, typed="y\nq\n", columns=200)
    assert status == 0 and '+    limit = LIMITS["' in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    (record,) = log(story)
    assert record["user_correction"]["commit"] == commit
    (row,) = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    assert (row["pattern"], row["state"]) == ("no-literals", "counted")


def test_what_is_accepted_may_still_get_the_pattern_that_waits(story: Story, errata: Run) -> None:
    commit = likely(story)
    ok(errata("teach", commit, *LESSON, ERRATA_AGENT="reviewer"))
    ok(errata("reject", commit, "--why", "planned", ERRATA_AGENT="reviewer"))
    ok(errata("accept", commit))
    shown = ok(errata("review"))
    assert "teach limits-in-a-table" in shown and "reject" not in shown.split("Agree")[0]
    ok(errata("patterns", "confirm", "limits-in-a-table"))
    (row,) = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    assert row["pattern"] == "limits-in-a-table"


def test_what_a_person_rejected_since_stays_rejected(story: Story, errata: Run) -> None:
    commits = [likely(story), unlikely(story)]
    ok(errata("accept", *commits, ERRATA_AGENT="reviewer"))
    ok(errata("reject", commits[0]))
    out = ok(errata("patterns", "confirm", decisions(story)[0]["id"]))
    assert "Stays rejected: 1 of 2." in out
    assert "New in the log: 1 of 1." in out and "No longer rejected" not in out
    rows = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    states = {row["commit"]: row["state"] for row in rows}
    assert states[commits[1]] == "counted" and states.get(commits[0]) in (None, "rejected")
    out = ok(errata("undo", decisions(story)[0]["id"]))
    assert "What it added to the log stays there." in out


def test_what_was_accepted_and_is_in_no_log_any_more_is_logged_again(
    story: Story, errata: Run
) -> None:
    commit = likely(story)
    ok(errata("accept", commit))
    (story.root / ".claude/user-corrections.jsonl").write_text("")
    assert "New in the log: 1 of 1" in ok(errata("accept", commit))
    assert "already accepted" in refused(errata("accept", commit))


def test_what_was_rejected_counts_again_once_it_is_accepted(story: Story, errata: Run) -> None:
    commit = likely(story)
    ok(errata("teach", commit, *LESSON))
    ok(errata("reject", commit))
    assert "No longer rejected: 1 of 1" in ok(errata("accept", commit))
    (row,) = json.loads(ok(errata("corrections", "--list", "--json")))["corrections"]
    assert (row["pattern"], row["state"]) == ("limits-in-a-table", "counted")


def test_commits_that_correct_no_agent_are_not_accepted(story: Story, errata: Run) -> None:
    story.repo.write("README.md", "Other words\n")
    commit = story.commit("docs: say more")
    assert "corrects no agent" in refused(errata("accept", commit))
    (story.root / "in.json").write_text("{}")
    assert "'corrections' is missing" in refused(errata("accept", "--json", "in.json"))
    assert errata("accept").returncode == 2
    assert decisions(story) == [] and log(story) == []


# ------------------------------------------------------------------------- made more than once


def again(story: Story, subject: str, lines: int) -> str:
    """The agent writes its old line again, and a person changes it again."""
    story.wait(1)
    story.agent("feat: simpler", **{"api.py": CODE})
    return feature(story, 1, 1, lines, subject, "again.py")


def test_the_same_mistake_again_is_another_correction(story: Story, errata: Run) -> None:
    commits = [likely(story), again(story, "feat: add another table with limits (#12)", 900)]
    assert sorted(row["commit"] for row in doubtful(errata)) == sorted(commits)
    for commit in commits:
        assert "of limits-in-a-table: " in ok(errata("teach", commit, *LESSON))
    assert [record["user_correction"]["commit"] for record in log(story)] == commits
    assert doubtful(errata) == []


def test_the_older_one_may_be_logged_last(story: Story, errata: Run) -> None:
    first, second = likely(story), again(story, "fix: wrong limit", 1)
    ok(errata("backfill"))
    assert [record["user_correction"]["commit"] for record in log(story)] == [second]
    out = ok(errata("teach", first, *LESSON))
    assert "read limits from a table" in out
    ok(errata("backfill"))
    assert [record["user_correction"]["commit"] for record in log(story)] == [second, first]


def test_proposal_about_both_logs_both(story: Story, errata: Run) -> None:
    commits = {likely(story), again(story, "feat: add another table with limits (#12)", 900)}
    ok(errata("teach", *commits, *LESSON, ERRATA_AGENT="reviewer"))
    ok(errata("patterns", "confirm", "limits-in-a-table"))
    assert {record["user_correction"]["commit"] for record in log(story)} == commits


def test_a_squash_of_logged_corrections_means_these(story: Story, errata: Run) -> None:
    story.fix(3)
    ok(errata("backfill"))
    ok(errata("teach", likely(story), *LESSON))
    ids = {record["id"] for record in log(story)}
    story.git("reset", "-q", "--soft", "HEAD~2")
    out = ok(errata("teach", story.commit("feat: both"), "--pattern", "both-of-them"))
    assert {record["id"] for record in log(story)} == ids and len(ids) == 2
    assert {*decisions(story)[-1]["corrections"]} == ids
    assert "commits" not in decisions(story)[-1] and "0 -> 2" in out


def test_what_somebody_rejects_is_not_in_doubt_any_more(story: Story, errata: Run) -> None:
    first, second = likely(story), unlikely(story)
    assert "Rejected cor-" in ok(errata("reject", first, "--why", "planned"))
    assert [row["commit"] for row in doubtful(errata)] == [second]
    assert log(story) == []
    ok(errata("reject", second, ERRATA_AGENT="reviewer"))
    assert [row["commit"] for row in doubtful(errata)] == [second], "it is only proposed"
    ok(errata("patterns", "confirm", decisions(story)[1]["id"]))
    assert doubtful(errata) == []
    ok(errata("undo", decisions(story)[0]["id"]))
    assert [row["commit"] for row in doubtful(errata)] == [first]
    # Rebased, it is the same correction.
    ok(errata("reject", first))
    story.git("commit", "-q", "--amend", "-m", "feat: read limits from another table")
    assert doubtful(errata) == []
    assert "already rejected" in refused(errata("reject", first))
    ok(errata("validate"))


def test_what_was_rejected_elsewhere_is_logged_if_it_is_taught(story: Story, errata: Run) -> None:
    commit = likely(story)
    ok(errata("teach", commit, *LESSON))
    ok(errata("reject", commit))
    (story.root / ".claude/user-corrections.jsonl").write_text("")
    ok(errata("teach", commit, "--pattern", "limits-again"))
    (record,) = log(story)
    assert record["user_correction"]["commit"] == commit
    assert "counted" in ok(errata("corrections", "--list", "--json"))


# --------------------------------------------------------------------------- made by a stranger


def propose(story: Story, corrections: list[str], commits: list[str]) -> str:
    """Append a proposal that no command would have written; returns its id."""
    fields = {
        "timestamp": "2025-06-01T00:00:00Z",
        "by": {"kind": "agent", "name": "stranger"},
        "action": "teach",
        "pattern": "made-up",
        "corrections": corrections,
        "commits": commits,
        "instead": "Do this.",
    }
    id = curation_log.id_of(fields)
    path = story.root / curation_log.relative_path(Config())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps({"id": id, **fields}) + "\n")
    return id


@pytest.mark.parametrize("corrections", [[], ["cor-0123456789abcdef0123"]])
def test_commits_that_do_not_make_the_corrections(
    story: Story, errata: Run, corrections: list[str]
) -> None:
    commit = likely(story)
    id = propose(story, corrections, [commit])
    line = refused(errata("patterns", "confirm", "made-up"))
    assert f"{id}: commit {commit[:12]} makes none of its corrections" in line
    assert f"`errata undo {id}`" in line
    assert len(decisions(story)) == 1 and log(story) == []
    ok(errata("undo", id))
    assert "Nothing to look at" in ok(errata("review"))


def test_ids_that_nothing_makes_are_not_counted(story: Story, errata: Run) -> None:
    commit = likely(story)
    (row,) = doubtful(errata)
    propose(story, [row["id"], "cor-0123456789abcdef0123"], [commit])
    assert "0 -> 1" in ok(errata("patterns", "confirm", "made-up"))
    assert [record["id"] for record in log(story)] == [row["id"]]


@pytest.mark.parametrize(("name", "kind"), [("v1", "tag"), ("HEAD^{tree}", "tree")])
def test_ids_of_other_objects(story: Story, errata: Run, name: str, kind: str) -> None:
    likely(story)
    (row,) = doubtful(errata)
    story.git("tag", "-a", "v1", "-m", "Version 1")
    object_id = story.git("rev-parse", name)
    propose(story, [row["id"]], [object_id])
    line = refused(errata("patterns", "confirm", "made-up"))
    assert f"{object_id[:12]} is not a commit, but a {kind}" in line
    assert log(story) == []


# -------------------------------------------------------------------------------- incomplete clones


@pytest.mark.parametrize(
    ("option", "message"),
    [("--depth=2", "This clone is shallow"), ("--filter=blob:none", "path")],
)
def test_a_clone_that_lacks_something_says_so(
    story: Story, errata: Run, tmp_path: Path, option: str, message: str
) -> None:
    likely(story)
    story.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    story.git("clone", "-q", "--no-checkout", option, f"file://{story.root}", str(clone))
    done = errata("backfill", "--doubtful", cwd=clone)
    assert (done.returncode, done.stdout) == (0, "No commit is in doubt.\n")
    (line,) = done.stderr.splitlines()
    assert message in line
