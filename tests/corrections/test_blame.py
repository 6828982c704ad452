"""A commit gives the same records when it is made and when history is read later."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.config import load
from errata.corrections import blame, capture
from errata.corrections.backfill import Backfill, Range
from errata.corrections.origins import Origins
from errata.corrections.touch import Owner, Touch, from_tree
from errata.git import Repository
from errata.records.model import DAY
from history_builders import AGENT, FILE, PERSON, START, Made, Maker, build

_SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
seeds = st.integers(min_value=0, max_value=2**32)
Records = dict[str, list[dict[str, Any]]]


def _sorted(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: str(record["id"]))


def online(root: Path, shas: list[str]) -> Records:
    """What capture finds for each commit, had it run right after it."""
    repo, config = Repository.discover(root), load(root)
    whose = capture.Whose(config)
    found: Records = {}
    for sha in shas:
        gate = capture.gate(root, config, whose, sha)
        if gate is not None and (made := capture.detect(repo, config, gate, whose)):
            found[sha] = _sorted([one.record() for one in made])
    return found


def later(root: Path) -> Records:
    """What backfill finds in the whole history, by the person's commit."""
    repo = Repository.discover(root)
    found: Records = defaultdict(list)
    for one in Backfill(repo, load(root), Range.of(repo, [])):
        found[one.person.sha].append(one.record())
    return {sha: _sorted(records) for sha, records in found.items()}


def _plain(touches: list[Touch], known: dict[str, Any]) -> list[tuple[object, ...]]:
    def sha(owner: Owner) -> str | None:
        return owner.sha if owner is not None and owner.sha in known else None

    return [
        (
            *(touch.diff.old_path, touch.diff.new_path, touch.hunk),
            [sha(owner) for owner in touch.owners],
            *(sha(touch.above), sha(touch.below)),
        )
        for touch in touches
    ]


@_SLOW
@given(seeds)
def test_capture_and_backfill_give_the_same_records(seed: int) -> None:
    commits = Maker(random.Random(seed)).make(24)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shas = build(root, commits)
        reached = {s for s in shas if s in _reached(root)}
        assert online(root, [sha for sha in shas if sha in reached]) == later(root)


def _reached(root: Path) -> set[str]:
    out = Repository.discover(root).git("rev-list", "HEAD", "--")
    return set(out.decode().split())


def test_the_law_is_about_something() -> None:
    found = 0
    for seed in range(8):
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder), Maker(random.Random(seed)).make(24))
            found += sum(map(len, later(Path(folder)).values()))
    assert found > 3


@_SLOW
@given(seeds)
def test_owners_are_those_of_the_forward_pass(seed: int) -> None:
    commits = Maker(random.Random(seed)).make(16)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shas = build(root, commits)
        repo, config = Repository.discover(root), load(root)
        whose = capture.Whose(config)
        origins = Origins(str(root), [shas[-1]])
        for change, tree in origins:
            commit = change.commit
            gate = capture.gate(root, config, whose, commit.sha)
            if gate is None:
                continue
            files = blame.changed(repo, commit)
            since = min(commit.author_time - config.capture.window_days * DAY, gate.floor or 0)
            asked = blame.attribute(repo, commit, files, gate.agents, since)
            passed = [
                touch
                for touch in from_tree(change.files, tree, origins.commits)
                if not touch.diff.binary
            ]
            assert _plain(asked, gate.agents) == _plain(passed, gate.agents)


def _story(*committed: int | None) -> list[Made]:
    """An agent's lines, something else by a person, and a fix of the agent's lines a day later."""
    day = 86_400
    lines = [b"def one(value):\n", b"    return value.name\n", b"\n", b"def two(value):\n"]
    code = b"".join([*lines, b"    return value.other\n"])
    fixed = code.replace(b"value.name", b"value.name or default()")
    noted = {b"code.py": (FILE, code), b"notes": (FILE, b"n\n")}
    first, second, third = committed
    return [
        Made([], {b"notes": (FILE, b"")}, when=START, committed=START),
        Made([0], {b"code.py": (FILE, code), b"notes": (FILE, b"")}, AGENT, START + day, first),
        Made([1], noted, PERSON, START + day + 60, second, b"notes\n"),
        Made(
            [2],
            noted | {b"code.py": (FILE, fixed)},
            PERSON,
            START + 2 * day,
            third,
            b"fix crash: name may be missing\n",
        ),
    ]


def test_a_commit_that_looks_older_does_not_hide_the_agent_behind_it(tmp_path: Path) -> None:
    """Its committer date is years before the window, and it was built on the agent's commit."""
    commits = _story(None, START - 86_400 * 2000, None)
    shas = build(tmp_path, commits)
    found = online(tmp_path, shas)
    assert list(found) == [shas[3]]
    assert found[shas[3]][0]["ai_action"]["commit"] == shas[1]
    assert found == later(tmp_path)


def test_lines_before_the_window_are_nobodys(tmp_path: Path) -> None:
    commits = _story(None, None, None)
    commits[3].when = START + 86_400 * 30
    shas = build(tmp_path, commits)
    assert online(tmp_path, shas) == later(tmp_path) == {}


def test_an_empty_file_and_a_file_without_lines_to_ask_for(tmp_path: Path) -> None:
    """Blame refuses ranges of files that have no lines."""
    commits = _story(None, None, None)
    commits[3].tree |= {b"notes": (FILE, b"x\n")}
    commits[2].tree = commits[1].tree
    shas = build(tmp_path, commits)
    assert list(online(tmp_path, shas)) == [shas[3]]
    assert online(tmp_path, shas) == later(tmp_path)


def test_latin_1_messages_read_the_same(tmp_path: Path) -> None:
    commits = _story(None, None, None)
    commits[3].message = b"fix cr\xe9sh: name may be missing\n"
    shas = build(tmp_path, commits)
    found = online(tmp_path, shas)
    assert found == later(tmp_path)
    assert found[shas[3]][0]["user_correction"]["summary"] == "fix crésh: name may be missing"
