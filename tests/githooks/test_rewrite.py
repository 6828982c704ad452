"""Amend and rebase through real git: in the end, one record for each correction in history."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CODE, Story, fixed, hook, limit, run, script

from errata.commands.backfill import command as backfill
from errata.commands.flush import command as flush

Editor = Callable[[str], str]


@pytest.fixture(params=["tracked", "untracked"])
def story(repo: Any, request: pytest.FixtureRequest) -> Story:
    return Story(repo, tracked=request.param == "tracked")


@pytest.fixture
def tracked(repo: Any) -> Story:
    return Story(repo)


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    """Programs for git to edit with."""
    made: list[str] = []

    def make(python: str) -> str:
        made.append(python)
        return script(tmp_path, f"editor{len(made)}.py", python)

    return make


def rebase(story: Story, *args: str, ok: bool = True, **env: str) -> str:
    return story.git("rebase", *args, ok=ok, **{"GIT_EDITOR": "true", **env})


# Amend


def test_amend_of_the_message(story: Story) -> None:
    story.fix(1)
    (id,) = story.ids()
    story.git("commit", "-q", "--amend", "-m", "fix: limit of the first handler was wrong")
    assert story.ids() == [id]
    assert story.settle() == 1
    assert story.history() == [id]
    if story.tracked:
        assert story.log()[0]["user_correction"]["commit"] == story.head()


def test_amend_with_one_more_line(story: Story) -> None:
    story.fix(1)
    before = story.ids()
    story.edit(2)
    story.git("commit", "-qa", "--amend", "--no-edit")
    assert story.ids() != before
    assert story.ids() == story.history()
    assert story.settle() == 1


def test_amend_with_another_file(tracked: Story) -> None:
    tracked.fix(1)
    before = tracked.ids()
    tracked.repo.write("other.py", "x = 1\n")
    tracked.git("add", "-A")
    tracked.git("commit", "-q", "--amend", "--no-edit")
    assert tracked.ids() == before == tracked.history()
    assert tracked.settle() == 1


def test_amend_that_removes_and_restores_the_correction(story: Story) -> None:
    story.fix(1)
    story.repo.write("api.py", CODE)
    story.repo.write("notes.txt", "nothing\n")
    story.git("add", "-A")
    story.git("commit", "-q", "--amend", "--no-edit")
    assert story.ids() == story.history() == []
    assert story.counted() == 0
    for _ in range(2):
        story.edit(1)
        story.git("commit", "-qa", "--amend", "--no-edit")
        assert len(story.ids()) == len(story.history()) == story.counted() == 1
        story.repo.write("api.py", CODE)
        story.git("commit", "-qa", "--amend", "--no-edit")
        assert story.counted() == 0
    assert story.settle() == 0


def test_withdrawn_after_flush(tracked: Story) -> None:
    """The log is append-only, so the withdrawal is a record in the outbox that flush moves."""
    tracked.fix(1)
    assert tracked.settle() == 1
    tracked.repo.write("api.py", CODE)
    tracked.git("commit", "-q", "--amend", "--no-edit", "--allow-empty", "api.py")
    assert [row.get("withdraws") for row in tracked.captured()] == [tracked.log()[0]["id"]]
    assert tracked.counted() == 0
    tracked.commit("Log")
    assert tracked.settle() == 0
    ids = [row["id"] for row in tracked.log()]
    assert len(ids) == len(set(ids)) == 2


def test_amend_of_the_agents_own_commit(tracked: Story) -> None:
    tracked.repo.write("api.py", CODE + "# end\n")
    tracked.git("commit", "-qa", "--amend", "--no-edit")
    assert tracked.ids() == []
    tracked.fix(1)
    assert tracked.settle() == 1 == len(tracked.history())


def test_amend_of_the_agents_commit_that_drops_its_trailer(tracked: Story) -> None:
    """Without the trailer nothing identifies the agent, so nothing is corrected."""
    tracked.edit(1)
    tracked.git("commit", "-qa", "--amend", "-m", "feat: handlers")
    assert tracked.ids() == tracked.history() == []
    assert tracked.settle() == 0


# Rebase


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_rebase_onto_a_branch_that_moved(story: Story, backend: str) -> None:
    story.git("switch", "-qc", "topic")
    story.fix(1)
    story.fix(2)
    ids = story.ids()
    assert len(ids) == 2
    story.git("switch", "-q", "main")
    story.repo.write("README.md", "Handlers and more\n")
    story.commit("docs: readme")
    story.git("switch", "-q", "topic")
    old = story.head()
    rebase(story, backend, "main")
    assert story.head() != old
    assert story.ids() == ids == story.history()
    assert story.settle() == 2


def test_rebase_with_onto(tracked: Story) -> None:
    tracked.git("switch", "-qc", "one")
    tracked.repo.write("one.txt", "1\n")
    tracked.commit("One")
    tracked.git("switch", "-qc", "two")
    tracked.fix(1)
    ids = tracked.ids()
    tracked.git("switch", "-q", "main")
    tracked.repo.write("main.txt", "1\n")
    tracked.commit("Main")
    rebase(tracked, "--onto", "main", "one", "two")
    assert tracked.ids() == ids == tracked.history()
    assert tracked.settle() == 1
    assert tracked.log()[0]["user_correction"]["commit"] == tracked.head()


def test_fixup_of_the_fix_and_autosquash(tracked: Story) -> None:
    fix = tracked.fix(1)
    tracked.edit(2)
    tracked.git("commit", "-qa", f"--fixup={fix}")
    assert tracked.counted() == 2
    rebase(tracked, "-i", "--autosquash", "HEAD~2", GIT_SEQUENCE_EDITOR="true")
    assert tracked.ids() == tracked.history()
    assert tracked.settle() == 1


@pytest.mark.parametrize("how", ["fixup", "squash"])
def test_a_fix_squashed_into_the_agents_commit(story: Story, how: str) -> None:
    agent = story.head()
    story.edit(1)
    story.git("commit", "-qa", f"--{how}={agent}", "-m", "fix: wrong limit")
    assert story.counted() == 1
    rebase(story, "-i", "--autosquash", "HEAD~2", GIT_SEQUENCE_EDITOR="true")
    assert story.ids() == story.history() == []
    assert story.settle() == 0


def test_reorder_edit_and_reword(tracked: Story, editor: Editor) -> None:
    tracked.fix(1)
    tracked.fix(2)
    tracked.fix(3)
    ids = tracked.ids()
    plan = editor(
        "a, b, c, *rest = text.splitlines(True)\n"
        "text = ''.join([c, b.replace('pick', 'reword', 1), a.replace('pick', 'edit', 1), *rest])"
    )
    word = editor("text = text.replace('wrong limit', 'limit that was wrong')")
    rebase(tracked, "-i", "HEAD~3", GIT_SEQUENCE_EDITOR=plan, GIT_EDITOR=word)
    tracked.edit(4)
    tracked.git("commit", "-qa", "--amend", "--no-edit")
    rebase(tracked, "--continue")
    assert tracked.git("log", "-3", "--format=%s").splitlines()[1].startswith("fix: limit that")
    assert len(set(tracked.ids()) & set(ids)) == 2
    assert tracked.ids() == tracked.history()
    assert tracked.settle() == 3


def test_a_commit_split_in_a_rebase(tracked: Story, editor: Editor) -> None:
    tracked.fix(1, 2)
    plan = editor("text = text.replace('pick', 'edit', 1)")
    rebase(tracked, "-i", "HEAD~1", GIT_SEQUENCE_EDITOR=plan)
    tracked.git("reset", "-q", "HEAD~1")
    tracked.git("checkout", "-q", "api.py")
    tracked.fix(1)
    tracked.fix(2)
    rebase(tracked, "--continue")
    assert tracked.ids() == tracked.history()
    assert tracked.settle() == 2


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_conflicts_resolved_by_hand(tracked: Story, backend: str) -> None:
    tracked.git("switch", "-qc", "topic")
    tracked.fix(1)
    tracked.git("switch", "-q", "main")
    tracked.edit(1, to="    limit = 1 * 20\n")
    tracked.commit("fix: twice the limit")
    before = tracked.counted()
    tracked.git("switch", "-q", "topic")
    rebase(tracked, backend, "main", ok=False)
    assert "<<<<<<<" in (tracked.root / "api.py").read_text()
    tracked.repo.write("api.py", CODE.replace(limit(1), fixed(1)))
    tracked.git("add", "api.py")
    rebase(tracked, "--continue")
    # The line is a person's now, so the commit corrects no agent.
    assert before == 1
    assert tracked.ids() == []
    # The other fix was taken for the same correction; backfill finds it.
    run(backfill)
    assert len(tracked.ids()) == 1
    assert tracked.ids() == tracked.history()


def test_conflicts_that_leave_another_correction(tracked: Story) -> None:
    tracked.git("switch", "-qc", "topic")
    tracked.fix(1, 2)
    tracked.git("switch", "-q", "main")
    tracked.agent("feat: more", **{"api.py": CODE.replace(limit(1), "    limit = 1 * 30\n")})
    tracked.git("switch", "-q", "topic")
    rebase(tracked, "main", ok=False)
    tracked.repo.write("api.py", CODE.replace(limit(1), fixed(1)).replace(limit(2), fixed(2)))
    tracked.git("add", "api.py")
    rebase(tracked, "--continue")
    assert tracked.ids() == tracked.history()
    assert tracked.settle() == 1


def test_rebase_abort(tracked: Story, editor: Editor) -> None:
    tracked.fix(1)
    tracked.fix(2)
    ids = tracked.ids()
    plan = editor("text = text.replace('pick', 'edit', 1)")
    rebase(tracked, "-i", "HEAD~2", GIT_SEQUENCE_EDITOR=plan)
    tracked.edit(3)
    tracked.git("commit", "-qa", "--amend", "--no-edit")
    tracked.fix(4)
    rebase(tracked, "--abort")
    assert tracked.ids() == ids == tracked.history()
    assert tracked.settle() == 2


def test_a_dropped_commit_stays_counted(tracked: Story, editor: Editor) -> None:
    """Git does not report dropped commits to the hook, and the person did correct the agent."""
    tracked.fix(1)
    tracked.fix(2)
    plan = editor("text = text.replace('pick', 'drop', 1)")
    rebase(tracked, "-i", "HEAD~2", GIT_SEQUENCE_EDITOR=plan)
    assert len(tracked.history()) == 1
    assert tracked.settle() == 2


def test_a_commit_that_upstream_already_has(tracked: Story) -> None:
    tracked.git("switch", "-qc", "topic")
    fix = tracked.fix(1)
    tracked.fix(2)
    tracked.git("switch", "-q", "main")
    tracked.repo.write("README.md", "More\n")
    tracked.commit("docs: more")
    tracked.git("cherry-pick", fix)
    tracked.git("switch", "-q", "topic")
    rebase(tracked, "main")
    assert tracked.ids() == tracked.history()
    assert tracked.settle() == 2


def test_pull_with_rebase(tracked: Story, tmp_path: Path) -> None:
    tracked.repo.git("clone", "-q", "--bare", ".", str(tmp_path / "up.git"))
    tracked.repo.git("remote", "add", "origin", str(tmp_path / "up.git"))
    other = tmp_path / "other"
    tracked.repo.git("clone", "-q", str(tmp_path / "up.git"), str(other))
    (other / "new.txt").write_text("x\n")
    tracked.git("-C", str(other), "add", "-A")
    tracked.git("-C", str(other), "commit", "-qm", "New")
    tracked.git("-C", str(other), "push", "-q")
    tracked.fix(1)
    ids = tracked.ids()
    tracked.git("pull", "-q", "--rebase", "origin", "main")
    assert (tracked.root / "new.txt").exists()
    assert tracked.ids() == ids == tracked.history()
    assert tracked.settle() == 1


# The hook itself


def test_without_standard_input_an_amend_is_read_from_the_reflog(tracked: Story) -> None:
    tracked.fix(1)
    hooks = tracked.root / ".git/hooks"
    (hooks / "post-rewrite").unlink()
    tracked.edit(2)
    tracked.git("commit", "-qa", "--amend", "--no-edit")
    for variable in ({}, {"PRE_COMMIT_REWRITE_COMMAND": "amend"}):
        done = hook("rewrite", tracked.root, **variable)
        assert (done.returncode, done.stderr) == (0, "")
        assert tracked.ids() == tracked.history()


def test_without_the_hook_an_amended_commit_still_counts_once(tracked: Story) -> None:
    tracked.fix(1)
    (tracked.root / ".git/hooks/post-rewrite").unlink()
    text = (tracked.root / "api.py").read_text().replace(fixed(1), "    limit = LIMITS.first\n")
    tracked.repo.write("api.py", text)
    tracked.git("commit", "-qa", "--amend", "--no-edit")
    assert tracked.settle() == 1


def test_an_agent_that_amends_adds_no_correction(tracked: Story) -> None:
    tracked.fix(1)
    ids = tracked.ids()
    tracked.git("commit", "-q", "--amend", "--no-edit", ERRATA_AGENT="api-dev")
    assert tracked.ids() == ids
    tracked.edit(2)
    tracked.commit("Refine the limit", ERRATA_AGENT="api-dev")
    tracked.git("commit", "-q", "--amend", "-m", "fix: wrong limit", ERRATA_AGENT="api-dev")
    assert tracked.ids() == ids
    assert tracked.settle() == 1


def test_a_failed_rewrite_is_retried(tracked: Story) -> None:
    tracked.fix(1)
    tracked.repo.write("errata.toml", "[captur]\n")
    tracked.repo.write("api.py", CODE)
    tracked.git("add", "-A")
    tracked.git("commit", "-q", "--amend", "--no-edit")
    (tracked.root / "errata.toml").unlink()
    assert len(tracked.ids()) == 1
    tracked.git("commit", "-qam", "Settings away")
    assert tracked.ids() == [] == tracked.history()
    assert tracked.settle() == 0


def test_a_rewrite_beyond_the_deadline_is_retried(tracked: Story) -> None:
    tracked.fix(1)
    slow = "import time; time.monotonic = iter(range(0, 10**9, 3600)).__next__\n"
    code = f"{slow}from errata.githooks.rewrite import main; main(['amend'])"
    (tracked.root / ".git/hooks/post-rewrite").unlink()
    tracked.repo.write("api.py", CODE)
    tracked.git("commit", "-qa", "--amend", "--no-edit", "--allow-empty")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout.count("\n") == 1
    assert "`errata flush` finishes it" in done.stdout
    assert (done.returncode, done.stderr, len(tracked.ids())) == (0, "", 1)
    run(flush)
    assert tracked.ids() == [] == tracked.history()
    assert not list((tracked.root / ".git").glob("**/*retry*"))


def test_outside_a_repository_and_without_commits(tmp_path: Path, repo: Any) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for place in (outside, repo.root):
        done = hook("rewrite", place, "amend")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
