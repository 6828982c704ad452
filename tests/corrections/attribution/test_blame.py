"""A commit gives the same records when it is made and when history is read later."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attribution import backfill_records, capture_records, story
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
from history_builders import FILE, START, HistoryGenerator, build

_SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
seeds = st.integers(min_value=0, max_value=2**32)


def _as_tuples(hunks: list[AttributedHunk], known: dict[str, Any]) -> list[tuple[object, ...]]:
    def sha(owner: Owner) -> str | None:
        return owner.sha if owner is not None and owner.sha in known else None

    return [
        (
            *(hunk.diff.old_path, hunk.diff.new_path, hunk.hunk),
            [sha(owner) for owner in hunk.owners],
            *(sha(hunk.above), sha(hunk.below)),
        )
        for hunk in hunks
    ]


@_SLOW
@given(seeds, st.booleans())
@example(25922, False)
@example(10160330, False)
@example(901852, False)
@example(62, False)
def test_capture_and_backfill_give_the_same_records(seed: int, code: bool) -> None:
    commits = HistoryGenerator(random.Random(seed), distinct_lines=True, code=code).make(24)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shas = build(root, commits)
        reached = {s for s in shas if s in _reached(root)}
        assert capture_records(root, [sha for sha in shas if sha in reached]) == backfill_records(
            root
        )


def _reached(root: Path) -> set[str]:
    out = Repository.discover(root).git("rev-list", "HEAD", "--")
    return set(out.decode().split())


def test_generated_histories_have_corrections_with_descriptions() -> None:
    corrections, facts = 0, set()
    for seed in range(8):
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder), HistoryGenerator(random.Random(seed), code=True).make(24))
            for records in backfill_records(Path(folder)).values():
                corrections += len(records)
                facts.update(fact for record in records for fact in record["edits"])
    assert corrections > 3 and len(facts) > 3


@_SLOW
@given(seeds)
def test_blame_and_forward_pass_give_the_same_owners(seed: int) -> None:
    commits = HistoryGenerator(random.Random(seed), distinct_lines=True).make(16)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shas = build(root, commits)
        repo, config = Repository.discover(root), load(root)
        classifier = CommitClassifier(config)
        origins = LineOrigins(str(root), [shas[-1]])
        for diff, tree in origins:
            commit = diff.commit
            candidate = find_candidate(root, config, classifier, commit.sha)
            if candidate is None:
                continue
            files = changed_files(repo, commit.sha)
            by_blame = attribute_commit(
                repo, commit, files, candidate.agent_commits, candidate.boundary
            )
            paths = [diff.old_path for diff in diff.files if diff.old_path is not None]
            by_pass = [
                hunk
                for hunk in attribute_from_tree(
                    diff.files, origins.commit_numbers(tree, paths), origins.commits
                )
                if not hunk.diff.binary
            ]
            assert _as_tuples(by_blame, candidate.agent_commits) == _as_tuples(
                by_pass, candidate.agent_commits
            )


def test_a_commit_that_looks_older_does_not_hide_the_agent_behind_it(tmp_path: Path) -> None:
    """Its committer date is years before the window, and it was built on the agent's commit."""
    commits = story(None, START - 86_400 * 2000, None)
    shas = build(tmp_path, commits)
    records = capture_records(tmp_path, shas)
    assert list(records) == [shas[3]]
    assert records[shas[3]][0]["ai_action"]["commit"] == shas[1]
    assert records == backfill_records(tmp_path)


def test_lines_before_the_window_have_no_owner(tmp_path: Path) -> None:
    commits = story(None, None, None)
    commits[3].when = START + 86_400 * 30
    shas = build(tmp_path, commits)
    assert capture_records(tmp_path, shas) == backfill_records(tmp_path) == {}


def test_an_empty_file_and_a_file_without_lines_to_ask_for(tmp_path: Path) -> None:
    """Blame refuses ranges of files that have no lines."""
    commits = story(None, None, None)
    commits[3].tree |= {b"notes": (FILE, b"x\n")}
    commits[2].tree = commits[1].tree
    shas = build(tmp_path, commits)
    assert list(capture_records(tmp_path, shas)) == [shas[3]]
    assert capture_records(tmp_path, shas) == backfill_records(tmp_path)


def test_latin_1_messages_read_the_same(tmp_path: Path) -> None:
    commits = story(None, None, None)
    commits[3].message = b"fix cr\xe9sh: name may be missing\n"
    shas = build(tmp_path, commits)
    records = capture_records(tmp_path, shas)
    assert records == backfill_records(tmp_path)
    assert records[shas[3]][0]["user_correction"]["summary"] == "fix crésh: name may be missing"
