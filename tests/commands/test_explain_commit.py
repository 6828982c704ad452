"""``errata explain COMMIT``: every commit that backfill names is explained, logged or not."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from capture_builders import Story

from assessment_builders import Turns
from errata.commands.explain_correction import print_probability
from errata.commands.screen import Screen
from errata.corrections.classify.evidence import least_probability, says

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
    assert "NOT YET LOGGED (`errata backfill` LOGS THEM):\n  cor-" in shown
    assert "WHY IT COUNTS:" in shown and "Probability of a correction, from this" in shown
    # One table of evidence is enough.
    assert "WHAT WAS LOOKED AT" not in shown


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
        assert f"CORRECTIONS:\n  {id}  {words}  " in shown and "NOT YET LOGGED" not in shown
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


# -------------------------------------------------------------------------- what was looked at

ROWS = [f"row_{n} = read_row(source, {n} * width, limit=LIMIT)\n" for n in range(30)]
PROBABILITY = "Probability of a correction, from this and weaker evidence"
COUNTS_FROM = f". It counts from {least_probability():.2f} on."
NOTHING = "Only white space, moved lines, list entries"


def with_line(n: int, line: str) -> str:
    return "".join([*ROWS[:n], line, *ROWS[n + 1 :]])


@pytest.fixture
def turns(repo: Any) -> Turns:
    turns = Turns(repo)
    turns.agent({"rows.py": "".join(ROWS)})
    return turns


def explained(errata: Run) -> tuple[str, dict[str, Any]]:
    """What is shown of HEAD, and its JSON."""
    done = errata("explain", "HEAD")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(errata("explain", "HEAD", "--json").stdout)
    assert isinstance(answer["assessed"], list)
    for item in answer["assessed"]:
        assert item.keys() == {"agent", "agent_commit", "probability", "vetoes", "evidence"}
    assert done.stdout.count("WHAT WAS LOOKED AT, LINES OF ") == (
        0 if answer["unlogged"] else len(answer["assessed"])
    )
    return done.stdout, answer


def test_an_edit_that_is_not_a_correction(turns: Turns, errata: Run) -> None:
    """A large feature, much later, that takes one of the agent's lines along."""
    agent = turns.repo.git("rev-parse", "HEAD")
    columns = "".join(f"column_{n} = names.get({n})\n" for n in range(1500))
    line = "row_3 = read_row(source, columns, limit=LIMIT)\n"
    files = {"rows.py": with_line(3, line), "columns.py": columns}
    turns.person(files, "feat: add columns and a table of names for the new report", hours=300)
    shown, answer = explained(errata)
    (item,) = answer["assessed"]
    assert (item["agent"], item["agent_commit"], item["vetoes"]) == ("claude-code", agent, [])
    assert 0 < item["probability"] < least_probability()
    assert item["evidence"] and item["evidence"].keys() <= says().keys()
    assert all(item["evidence"].values())
    assert "too weak" in answer["looked_at"] and answer["unlogged"] == []
    assert f'WHAT WAS LOOKED AT, LINES OF {agent[:12]} "feat: rows":' in shown
    assert f"{PROBABILITY}: {item['probability']:.2f}{COUNTS_FROM}" in shown
    strongest = sorted(item["evidence"], key=lambda name: (-abs(item["evidence"][name]), name))
    rows = [line.split()[:2] for line in shown.splitlines() if re.match(r"  [+-]\d", line)]
    assert rows == [[f"{item['evidence'][name]:+.2f}", name] for name in strongest[:10]]


@pytest.mark.parametrize(
    ("lacking", "is_logged", "is_close"),
    [(0.2, False, False), (0.00001, False, True), (0, False, False), (0.00001, True, False)],
)
def test_what_is_too_weak_never_looks_strong_enough(
    capsys: pytest.CaptureFixture[str], lacking: float, is_logged: bool, is_close: bool
) -> None:
    least = least_probability()
    print_probability(Screen(), least - lacking, logged=is_logged)
    close = "just below " if is_close else ""
    assert f"{PROBABILITY}: {close}{least - lacking:.2f}{COUNTS_FROM}" in capsys.readouterr().out


def test_white_space_means_nothing(turns: Turns, errata: Run) -> None:
    turns.person({"rows.py": with_line(3, ROWS[3].replace(", ", ",  "))}, "fix: wrong spaces")
    shown, answer = explained(errata)
    (item,) = answer["assessed"]
    assert (item["probability"], item["vetoes"], item["evidence"]) == (None, [], {})
    assert NOTHING in shown and "Probability" not in shown


def test_a_release_is_never_a_correction(turns: Turns, errata: Run) -> None:
    turns.person({"rows.py": with_line(3, "row_3 = last(source)\n")}, "Release 1.2")
    shown, answer = explained(errata)
    (item,) = answer["assessed"]
    assert item["vetoes"] == ["release"] and "release" not in item["evidence"]
    assert answer["unlogged"] == answer["corrections"] == []
    assert f"Never a correction: {says()['release']} (release)." in shown


def test_without_an_agents_lines_nothing_is_looked_at(turns: Turns, errata: Run) -> None:
    turns.person({"notes.md": "Rows\n"}, "fix: wrong notes")
    shown, answer = explained(errata)
    assert answer["assessed"] == []
    assert "none are from the 1 agent commit" in shown


def test_what_a_correction_was_looked_at_for(turns: Turns, errata: Run) -> None:
    turns.person({"rows.py": with_line(3, "row_3 = last(source)\n")}, "fix: wrong last row")
    shown, answer = explained(errata)
    (item,) = answer["assessed"]
    assert len(answer["unlogged"]) == 1
    assert item["probability"] >= round(least_probability(), 2)
    assert f"{PROBABILITY}: {item['probability']:.2f}{COUNTS_FROM}" in shown
    assert errata("backfill").returncode == 0
    assert explained(errata)[1]["assessed"] == []


def test_each_agent_is_looked_at(turns: Turns, errata: Run) -> None:
    aider = "feat: columns\n\nCo-authored-by: aider (gpt-4o) <noreply@aider.chat>"
    turns.person({"columns.py": "".join(ROWS)}, aider)
    files = {name: with_line(3, ROWS[3].replace(", ", ",  ")) for name in ("rows.py", "columns.py")}
    turns.person(files, "Spaces")
    shown, answer = explained(errata)
    assert {item["agent"] for item in answer["assessed"]} == {"claude-code", "aider"}
    assert shown.count(NOTHING) == 2


def test_a_rejected_correction_is_marked(turns: Turns, errata: Run) -> None:
    turns.person({"rows.py": with_line(3, "row_3 = read_all(source)\n")}, "fix: wrong row")
    errata("backfill")
    assert "rejected" not in errata("explain", "HEAD").stdout
    assert errata("reject", "HEAD").returncode == 0
    assert re.search(r"CORRECTIONS:\n  cor-.*  rejected\n", errata("explain", "HEAD").stdout)
