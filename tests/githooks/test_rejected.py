"""A correction that a person rejected does not come back, whatever is rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from capture_builders import Story, fixed, limit
from click.testing import CliRunner

from errata.commands.backfill import command as backfill
from errata.core.config import load
from errata.core.git import Repository
from errata.records import curation_log
from errata.records.curation_log import Author


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo)


def reject(story: Story, *ids: str, **more: str) -> str:
    repository = Repository.discover(story.root)
    content = {"action": "reject", "corrections": list(ids), **more}
    config, by = load(story.root), Author("person", "Ann Author")
    return curation_log.append_decision(
        repository, config, by, content, now=1_737_000_000_000_000
    ).id


def undo(story: Story, decision: str) -> None:
    repository = Repository.discover(story.root)
    content = {"action": "undo", "of": decision}
    by = Author("person", "Ann Author")
    curation_log.append_decision(
        repository, load(story.root), by, content, now=1_737_000_000_000_000
    )


def reword(story: Story) -> None:
    story.git("commit", "-q", "--amend", "-m", "fix: another message")


def amend_away_and_back(story: Story) -> None:
    story.repo.write(
        "api.py", story.root.joinpath("api.py").read_text().replace(fixed(1), limit(1))
    )
    story.git("commit", "-qa", "--amend", "--no-edit", "--allow-empty")
    story.edit(1)
    story.git("commit", "-qa", "--amend", "--no-edit")


def rebase(story: Story) -> None:
    story.git("checkout", "-qb", "topic", "HEAD~1")
    story.commit("Notes", **{"notes.txt": "nothing\n"})
    story.git("rebase", "-q", "topic", "main")


def cherry_pick(story: Story) -> None:
    fix = story.head()
    story.git("reset", "-q", "--hard", "HEAD~1")
    story.commit("Notes", **{"notes.txt": "nothing\n"})
    story.git("cherry-pick", fix)


def squash(story: Story) -> None:
    story.repo.write("notes.txt", "nothing\n")
    story.git("add", "notes.txt")
    story.git("commit", "-qm", "Notes")
    story.git("reset", "-q", "--soft", "HEAD~2")
    story.git("commit", "-qm", "fix: limits, and notes")


REWRITES = [reword, amend_away_and_back, rebase, cherry_pick, squash]


@pytest.mark.parametrize("flushed", [False, True], ids=["captured", "logged"])
@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_it_does_not_come_back(
    story: Story, rewrite: Callable[[Story], None], flushed: bool
) -> None:
    story.fix(1)
    if flushed:
        assert story.settle() == 1
    assert story.counted() == 1
    decision = reject(story, *story.ids())
    assert story.counted() == 0
    rewrite(story)
    assert story.counted() == 0
    CliRunner().invoke(backfill, [], catch_exceptions=False)
    assert story.counted() == 0
    undo(story, decision)
    CliRunner().invoke(backfill, [], catch_exceptions=False)
    assert story.counted() == 1


def test_another_correction_is_captured(story: Story) -> None:
    story.fix(1)
    reject(story, *story.ids())
    story.fix(2)
    assert story.counted() == 1


def test_the_fingerprint_is_kept_with_the_decision(story: Story) -> None:
    story.fix(1)
    [id] = story.ids()
    reject(story, id)
    reject(story, id, pattern="some-pattern")
    text = (story.root / ".claude/patterns/curation.jsonl").read_bytes()
    first, second = curation_log.parse(text)[0]
    assert [*first.fingerprints] == [id] and len(first.fingerprints[id]) == 1
    assert not second.fingerprints
