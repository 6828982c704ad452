"""A commit gives the same records when it is made and when history is read later."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution import later, online, story
from errata.core.config import load
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import (
    AttributedHunk,
    Owner,
    attribute_from_tree,
)
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.commit_attribution import attribute_commit
from errata.corrections.attribution.line_origins import LineOrigins
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier
from errata.records.model import DAY
from history_builders import FILE, START, Maker, build

_SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
seeds = st.integers(min_value=0, max_value=2**32)


def _plain(touches: list[AttributedHunk], known: dict[str, Any]) -> list[tuple[object, ...]]:
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
        whose = CommitClassifier(config)
        origins = LineOrigins(str(root), [shas[-1]])
        for change, tree in origins:
            commit = change.commit
            gate = find_candidate(root, config, whose, commit.sha)
            if gate is None:
                continue
            files = changed_files(repo, commit.sha)
            since = min(commit.author_time - config.capture.window_days * DAY, gate.oldest or 0)
            asked = attribute_commit(repo, commit, files, gate.agent_commits, since)
            passed = [
                touch
                for touch in attribute_from_tree(change.files, tree, origins.commits)
                if not touch.diff.binary
            ]
            assert _plain(asked, gate.agent_commits) == _plain(passed, gate.agent_commits)


def test_a_commit_that_looks_older_does_not_hide_the_agent_behind_it(tmp_path: Path) -> None:
    """Its committer date is years before the window, and it was built on the agent's commit."""
    commits = story(None, START - 86_400 * 2000, None)
    shas = build(tmp_path, commits)
    found = online(tmp_path, shas)
    assert list(found) == [shas[3]]
    assert found[shas[3]][0]["ai_action"]["commit"] == shas[1]
    assert found == later(tmp_path)


def test_lines_before_the_window_are_nobodys(tmp_path: Path) -> None:
    commits = story(None, None, None)
    commits[3].when = START + 86_400 * 30
    shas = build(tmp_path, commits)
    assert online(tmp_path, shas) == later(tmp_path) == {}


def test_an_empty_file_and_a_file_without_lines_to_ask_for(tmp_path: Path) -> None:
    """Blame refuses ranges of files that have no lines."""
    commits = story(None, None, None)
    commits[3].tree |= {b"notes": (FILE, b"x\n")}
    commits[2].tree = commits[1].tree
    shas = build(tmp_path, commits)
    assert list(online(tmp_path, shas)) == [shas[3]]
    assert online(tmp_path, shas) == later(tmp_path)


def test_latin_1_messages_read_the_same(tmp_path: Path) -> None:
    commits = story(None, None, None)
    commits[3].message = b"fix cr\xe9sh: name may be missing\n"
    shas = build(tmp_path, commits)
    found = online(tmp_path, shas)
    assert found == later(tmp_path)
    assert found[shas[3]][0]["user_correction"]["summary"] == "fix crésh: name may be missing"
