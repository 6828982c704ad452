"""``errata explain COMMIT``: every commit that backfill names is explained, logged or not."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from capture_builders import Story

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


def test_what_a_dry_run_names_is_explained(story: Story, errata: Run) -> None:
    agent, fix = story.head(), story.fix(1, 2)
    listed = errata("backfill", "--dry-run").stdout
    assert f"{fix[:12]} corrects {agent[:12]}: " in listed
    commits = re.findall(r"\b[0-9a-f]{12}\b", listed)
    assert commits
    for commit in commits:
        assert errata("explain", commit).returncode == 0
    shown = errata("explain", fix[:12]).stdout
    assert shown.startswith(f"COMMIT: {fix[:12]} ")
    assert "NOT LOGGED; `errata backfill` LOGS:\n  cor-" in shown
    assert "WHY IT COUNTS:" in shown and "sum; the threshold is" in shown


@pytest.mark.parametrize("flushed", [False, True])
def test_a_commit_names_its_corrections_and_they_it(
    story: Story, errata: Run, flushed: bool
) -> None:
    agent, fix = story.head(), story.fix(1, 2)
    assert errata("backfill").returncode == 0
    if flushed:
        assert errata("flush").returncode == 0
    (id,) = story.ids()
    for commit, words in ((fix, f"corrects {agent[:12]}"), (agent, f"corrected by {fix[:12]}")):
        shown = errata("explain", commit).stdout
        assert f"CORRECTIONS:\n  {id}  {words}  " in shown and "NOT LOGGED" not in shown
        answer = json.loads(errata("explain", commit, "--json").stdout)
        (row,) = answer["corrections"]
        assert (row["id"], row["commit"], row["agent_commit"]) == (id, fix, agent)
        assert answer["unlogged"] == []
    assert errata("explain", id).returncode == 0
    # A withdrawn correction does not count.
    story.repo.jsonl(
        ".claude/user-corrections.jsonl",
        {**story.log()[-1], "id": f"{id}-withdrawn", "withdraws": id},
    )
    assert json.loads(errata("explain", agent, "--json").stdout)["corrections"] == []


def test_looking_back(story: Story, errata: Run) -> None:
    fix = story.fix(1, 2)
    errata("backfill")
    assert "CORRECTIONS:" in errata("explain", fix, "--as-of", "2025-01-15").stdout
    assert "CORRECTIONS:" not in errata("explain", fix, "--as-of", "2025-01-14").stdout


def base(story: Story) -> str:
    return str(story.repo.git("rev-list", "--max-parents=0", "HEAD"))


def agents_own(story: Story) -> str:
    return story.head()


def unrelated(story: Story) -> str:
    story.repo.write("README.md", "Other words\n")
    return story.commit("docs: say more")


def merge(story: Story) -> str:
    story.git("checkout", "-q", "-b", "side")
    story.repo.write("side.md", "Side\n")
    story.commit("docs: side")
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    return story.head()


def much_later(story: Story) -> str:
    story.wait(40)
    return story.fix(1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (base, "nothing was there before it"),
        (agents_own, "an agent committed it"),
        (unrelated, "of the lines that it changes in 1 file, none are from the 1 agent commit"),
        (merge, "it is a merge"),
        (much_later, "no agent committed anything in the 14 days before it"),
    ],
)
def test_no_correction_says_what_was_looked_at(
    story: Story, errata: Run, make: Callable[[Story], str], said: str
) -> None:
    commit = make(story)
    done = errata("explain", commit)
    assert done.returncode == 0 and "CORRECTION" not in done.stdout
    assert f"No correction: {said}" in done.stdout
    assert said in json.loads(errata("explain", commit, "--json").stdout)["looked_at"]


def test_a_revision_of_any_kind(story: Story, errata: Run) -> None:
    fix = story.fix(1, 2)
    for name in (fix, fix[:7], "HEAD", "main"):
        assert errata("explain", name).stdout.startswith(f"COMMIT: {fix[:12]} ")
    for name in ("0" * 12, "HEAD~99", "--help^{commit}"):
        assert errata("explain", "--", name).returncode == 2


@pytest.mark.parametrize(("path", "count"), [(".", 2), ("src", 1), ("./src/", 1), ("docs", 0)])
def test_backfill_below_a_path(story: Story, errata: Run, path: str, count: int) -> None:
    text = (story.root / "api.py").read_text()
    story.agent("feat: more", **{"src/more.py": text})
    story.fix(1, 2)
    story.edit(3, 4, path="src/more.py")
    story.commit("fix: wrong limits elsewhere")
    done = errata("backfill", "--dry-run", "--path", path)
    assert f"Corrections found: {count}\n" in done.stdout
    below = errata("backfill", "--dry-run", "--path", ".", cwd=story.root / "src")
    assert "Corrections found: 1\n" in below.stdout
    outside = errata("backfill", "--dry-run", "--path", "..")
    assert outside.returncode == 2 and "is outside this repository" in outside.stderr


@pytest.mark.usefixtures("story")
def test_the_agent_of_a_commit_is_named(errata: Run) -> None:
    assert "Made by: claude-code (agent)\n" in errata("explain", "HEAD").stdout
