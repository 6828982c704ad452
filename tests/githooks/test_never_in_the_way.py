"""A captured correction blocks no git command, and no git command loses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from capture_builders import LOG, Story, fixed, install, limit, lines, run

from errata.commands.flush import command as flush

UNTRACKED = [
    ["clean -qfd"],
    ["clean -qfdx"],
    ["stash -qu", "stash pop -q"],
    ["reset -q --hard"],
    ["checkout -q -- ."],
    ["restore ."],
    ["switch -q --orphan empty", "commit -q --allow-empty -m empty", "switch -q main"],
    ["switch -q --detach HEAD~1", "switch -q main"],
    ["bisect start", "bisect bad HEAD", "bisect good HEAD~2", "bisect reset"],
    ["worktree add -q ../linked -b linked", "worktree remove ../linked", "branch -qD linked"],
]


@pytest.fixture
def story(repo: Any) -> Story:
    """A person's fix of an agent's line; there is no log yet, nor any file that git ignores."""
    story = Story(repo, tracked=False)
    repo.write(".gitignore", "")
    story.repo.write("notes.txt", "mine\n")
    story.git("add", ".gitignore", "notes.txt")
    story.commit("docs: notes")
    return story


@pytest.mark.parametrize("commands", UNTRACKED, ids="; ".join)
def test_commands_in_one_clone(story: Story, commands: list[str]) -> None:
    story.fix(1)
    (story.root / "notes.txt").write_text(
        "mine, not committed yet\n" if "stash" in commands[0] else "mine\n"
    )
    for command in commands:
        story.git(*command.split())
    assert story.counted() == 1
    assert not (story.root / LOG).exists()


@pytest.mark.parametrize(
    "pull",
    [
        "pull -q --no-rebase --no-edit",
        "pull -q --ff-only",
        "pull -q --rebase",
        "pull -q --rebase --autostash",
    ],
)
def test_pull_of_a_log_that_a_colleague_committed_first(
    story: Story, tmp_path: Path, monkeypatch: Any, pull: str
) -> None:
    mate = tmp_path / "mate"
    story.git("clone", "-q", str(story.root), str(mate))
    install(mate)
    story.fix(1)
    run(flush)
    story.commit("chore: corrections")
    text = (mate / "api.py").read_text()
    (mate / "api.py").write_text(text.replace(limit(4), fixed(4)))
    if "ff-only" in pull:
        # Captured on a branch that is gone since; only the outbox knows it.
        story.git("-C", str(mate), "switch", "-qc", "topic")
        story.git("-C", str(mate), "commit", "-qam", "fix: wrong limit of the fourth handler")
        story.git("-C", str(mate), "switch", "-q", "main")
    else:
        story.git("-C", str(mate), "commit", "-qam", "fix: wrong limit of the fourth handler")
    (mate / "notes.txt").write_text("theirs\n" if "autostash" in pull else "mine\n")
    assert len(lines(mate / ".git/errata/outbox.jsonl")) == 1
    story.git("-C", str(mate), *pull.split())
    assert len(lines(mate / LOG)) == 1
    monkeypatch.chdir(mate)
    assert story.counted() == 2
    run(flush)
    assert len({row["id"] for row in lines(mate / LOG)}) == 2


def test_switch_between_branches_with_and_without_the_log(story: Story) -> None:
    story.git("branch", "old")
    story.fix(1)
    run(flush)
    story.commit("chore: corrections")
    story.git("switch", "-q", "old")
    story.fix(2)
    story.git("switch", "-q", "main")
    assert (len(story.log()), len(story.captured())) == (1, 1)
    assert story.settle() == 2


def test_a_log_that_an_older_version_left_untracked(story: Story) -> None:
    """Its record is withdrawn by one more record, which waits like any other."""
    story.fix(1)
    run(flush)
    log = (story.root / LOG).read_bytes()
    story.edit(2)
    story.git("commit", "-qa", "--amend", "--no-edit")
    assert (story.root / LOG).read_bytes() == log
    assert story.ids() == story.history()
    assert story.counted() == 1
    run(flush)
    assert (story.captured(), story.counted()) == ([], 1)
