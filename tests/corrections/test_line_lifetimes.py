"""What becomes of lines: those that live are blame's, and each goes once."""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.line_lifetimes import CommitLines, LineLifetimes
from errata.records import instants
from history_builders import AGENT as AGENT_AUTHOR
from history_builders import FILE, GITLINK, HistoryGenerator, build

AGENT = "feat: lines\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
START = 1_750_000_000


def lifetimes(root: Path) -> list[CommitLines]:
    repo = Repository.discover(root)
    found = LineLifetimes(instants.clock())
    for _ in Backfill(repo, Config(), CommitRange.resolve(repo, ()), lifetimes=found):
        pass
    return [*found.commits()]


LONG = "with_enough_letters_to_be_seen_as_moved"


def at(day: int) -> dict[str, str]:
    date = f"{START + day * 86_400} +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def lines(*names: str) -> str:
    return "".join(f"line_{name} = compute({name})\n" for name in names)


def summary(rows: list[CommitLines]) -> list[tuple[str, dict[int, int], int, int]]:
    return [(row.writer.kind, dict(row.gone), row.age, row.alive) for row in rows]


def blamed(root: Path, head: str, path: bytes) -> list[str]:
    """The commit of each line of a file that has a letter or digit."""
    command = ["git", "blame", "-w", "-M", "--line-porcelain", head, "--", path]
    out = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    found, current = [], ""
    for line in out.split(b"\n"):
        if re.match(rb"[0-9a-f]{40} ", line):
            current = line[:40].decode()
        if line[:1] == b"\t" and re.search(rb"[A-Za-z0-9]", line):
            found.append(current)
    return found


def test_lines_come_and_go(repo: Any) -> None:
    repo.write("a.py", lines("a", "b", "c"))
    repo.commit(AGENT, **at(0))
    repo.write("a.py", lines("a", "c", "x"))
    repo.commit("change one, add one", **at(10))
    (repo.root / "a.py").unlink()
    repo.write("b.py", lines("n"))
    repo.commit("remove all", **at(30))
    assert summary(lifetimes(repo.root)) == [
        ("agent", {10: 1, 30: 2}, 30, 0),
        ("person", {20: 1}, 20, 0),
        ("person", {}, 0, 1),
    ]


def test_moved_indented_and_renamed_lines_live_on(repo: Any) -> None:
    moved = lines(*"abcdefgh")
    repo.write("a.py", f"{moved}{lines(LONG)}")
    repo.commit(AGENT, **at(0))
    repo.write("a.py", f"{lines(LONG)}{moved}")
    repo.commit("move", **at(1))
    repo.write("a.py", "".join(f"    {line}\n" for line in f"{lines(LONG)}{moved}".splitlines()))
    repo.commit("indent", **at(2))
    repo.git("mv", "a.py", "b.py")
    repo.commit("rename", **at(3))
    assert summary(lifetimes(repo.root))[0] == ("agent", {}, 3, 9)


def test_only_the_main_line_counts(repo: Any) -> None:
    repo.write("base.py", lines("a", "b"))
    repo.commit(AGENT, **at(0))
    repo.git("switch", "-q", "-c", "work")
    repo.write("new.py", lines("draft", "kept"))
    repo.commit(AGENT, **at(1))
    repo.write("new.py", lines("kept"))
    repo.write("base.py", lines("a"))
    repo.commit("before it is merged", **at(2))
    repo.git("switch", "-q", "main")
    repo.write("base.py", lines("a"))
    repo.commit("the same on main", **at(3))
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "work", env=at(5))
    # The draft was never there; the line of the base went once; what is kept came at the merge.
    assert summary(lifetimes(repo.root)) == [("agent", {3: 1}, 5, 1), ("agent", {}, 0, 1)]


def test_people_count_from_the_first_line_of_an_agent_on(repo: Any) -> None:
    repo.write("old.py", lines("old"))
    repo.commit("long ago", **at(0))
    repo.write("a.py", lines("a"))
    repo.commit(AGENT, **at(400))
    repo.write("old.py", lines("other"))
    repo.commit("after", **at(401))
    assert summary(lifetimes(repo.root)) == [("agent", {}, 1, 1), ("person", {}, 0, 1)]


def test_generated_files_and_lines_without_words_do_not_count(repo: Any) -> None:
    repo.write("package-lock.json", lines(*"abcd"))
    repo.write("a.py", f"{lines('a')}\n}}\n")
    repo.commit(AGENT, **at(0))
    assert summary(lifetimes(repo.root)) == [("agent", {}, 0, 1)]


def test_a_clock_that_runs_backwards_makes_no_negative_age(repo: Any) -> None:
    repo.write("a.py", lines("a", "b"))
    repo.commit(AGENT, **at(50))
    repo.write("a.py", lines("a"))
    repo.commit("earlier, it says", **at(20))
    assert summary(lifetimes(repo.root)) == [("agent", {0: 1}, 0, 1)]


def test_without_agents_there_is_nothing(repo: Any) -> None:
    repo.write("a.py", lines("a"))
    repo.commit("by a person")
    assert lifetimes(repo.root) == []


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_law_what_lives_is_what_blame_says(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        commits = HistoryGenerator(random.Random(seed), distinct_lines=True).make(24)
        for commit in commits:
            commit.author = AGENT_AUTHOR
            # Blame knows no submodule.
            commit.tree = {
                path: (FILE, content + b"\n") if mode == GITLINK else (mode, content)
                for path, (mode, content) in commit.tree.items()
            }
        head = build(root, commits)[-1]
        expected = Counter(sha for path in commits[-1].tree for sha in blamed(root, head, path))
        alive = sorted(row.alive for row in lifetimes(root) if row.alive)
        assert alive == sorted(expected.values())
