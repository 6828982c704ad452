"""A person fixes what an agent committed, through real git: one record for each correction."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CLAUDE, CODE, LOG, Story, fixed, hook, install, limit, lines, run

from errata.commands.backfill import command as backfill
from errata.commands.flush import command as flush


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo)


# The outbox


@pytest.mark.parametrize("log", ["tracked", "untracked", "staged"])
def test_the_hook_changes_no_file_of_the_work_tree(repo: Any, log: str) -> None:
    story = Story(repo, tracked=log == "tracked")
    if log == "staged":
        story.repo.write(LOG, "")
        story.git("add", "-f", LOG)
    story.edit(1)
    before = work_tree(story)
    output = story.output("commit", "-qm", "fix: wrong limit", "--", "api.py")
    assert output.count("\n") == 1
    assert "captured a correction: claude-code" in output
    assert "1 waiting for `errata flush`" in output
    assert work_tree(story) == before
    (record,) = story.captured()
    assert (record["agent"], record["source"]) == ("claude-code", "implicit")
    assert record["user_correction"]["commit"] == story.head()
    assert record["ai_action"]["commit"] == story.git("rev-parse", "HEAD~1")
    assert story.ids() == story.history()
    assert story.counted() == 1
    run(flush)
    assert story.log() == [record]


def work_tree(story: Story) -> dict[str, bytes]:
    """The files outside the git directory, with their content."""
    files = (file for file in story.root.rglob("*") if file.is_file())
    names = {str(file.relative_to(story.root)): file for file in files}
    return {name: f.read_bytes() for name, f in names.items() if not name.startswith(".git/")}


def test_in_a_linked_worktree(story: Story, tmp_path: Path, monkeypatch: Any) -> None:
    """All work trees share the outbox; flush moves it into the log of its own work tree."""
    linked = tmp_path / "linked"
    story.git("worktree", "add", "-q", str(linked))
    (linked / "api.py").write_text(CODE.replace(limit(1), fixed(1)))
    story.git("-C", str(linked), "commit", "-qam", "fix: wrong limit")
    assert story.git("-C", str(linked), "status", "--porcelain") == ""
    assert len(story.captured()) == 1
    assert story.counted() == 1
    monkeypatch.chdir(linked)
    run(flush)
    assert (story.captured(), len(lines(linked / LOG))) == ([], 1)


def test_commit_all_and_commit_of_a_path(story: Story) -> None:
    story.edit(1)
    story.repo.write("README.md", "Changed\n")
    story.git("commit", "-qm", "fix: wrong limit", "api.py")
    assert len(story.ids()) == 1
    assert story.git("status", "--porcelain").strip() == "M README.md"


# Copies


def test_cherry_pick_to_another_branch(story: Story) -> None:
    story.git("branch", "release")
    fix = story.fix(1)
    ids = story.ids()
    story.git("switch", "-q", "release")
    story.repo.write("notes.txt", "x\n")
    story.commit("docs: notes")
    story.git("cherry-pick", "-x", fix)
    assert story.ids() == ids == story.history() == story.history("main")
    assert story.settle() == 1


def test_cherry_pick_of_a_range(story: Story) -> None:
    story.git("branch", "release")
    for n in (1, 2, 3):
        story.fix(n)
    ids = story.ids()
    story.git("switch", "-q", "release")
    story.repo.write("notes.txt", "x\n")
    story.commit("docs: notes")
    story.git("cherry-pick", "main~3..main")
    assert story.ids() == ids == story.history()
    assert story.settle() == 3


@pytest.mark.parametrize("end", [["commit", "-q", "--no-edit"], ["cherry-pick", "--continue"]])
def test_cherry_pick_with_a_conflict(story: Story, end: list[str]) -> None:
    story.git("branch", "release")
    fix = story.fix(1)
    ids = story.ids()
    story.git("switch", "-q", "release")
    near = CODE.replace("    name = body['name_1']\n", "    name = body.name_1\n")
    story.agent("feat: names", **{"api.py": near})
    story.git("cherry-pick", fix, ok=False)
    story.repo.write("api.py", near.replace(limit(1), "    limit = LIMITS.one\n"))
    story.git("add", "api.py")
    story.git(*end, GIT_EDITOR="true")
    assert story.git("log", "-1", "--format=%s") == "fix: wrong limit (1,)"
    assert story.ids() == ids
    # Backfill does not count the copy either.
    run(backfill, "release")
    assert story.ids() == ids
    assert story.counted() == 1


def test_a_revert_of_the_fix_and_a_revert_of_that(story: Story) -> None:
    story.fix(1)
    ids = story.ids()
    story.git("revert", "--no-edit", "HEAD")
    story.git("revert", "--no-edit", "HEAD")
    assert fixed(1) in (story.root / "api.py").read_text()
    assert story.ids() == ids == story.history()
    assert story.settle() == 1


def test_a_revert_of_the_agents_commits(story: Story) -> None:
    """A revert is new work, not a copy, although git runs it in the sequencer."""
    story.agent("feat: more", **{"more.py": CODE})
    story.agent("feat: yet more", **{"yet.py": CODE})
    story.git("revert", "--no-edit", "HEAD", "HEAD~1")
    assert [row["correction_type"] for row in story.captured()] == ["approach_rejection"] * 2
    assert story.ids() == story.history()
    assert story.settle() == 2


def test_git_am(story: Story, tmp_path: Path) -> None:
    story.git("branch", "release")
    story.fix(1)
    ids = story.ids()
    story.git("format-patch", "-q", "-1", "-o", str(tmp_path))
    story.git("switch", "-q", "release")
    story.git("am", "-q", *map(str, tmp_path.glob("*.patch")))
    assert story.ids() == ids == story.history()
    assert story.settle() == 1


def test_stash_and_pop(story: Story) -> None:
    story.edit(1)
    story.git("stash", "-q")
    assert story.ids() == []
    story.git("stash", "pop", "-q")
    story.git("commit", "-qam", "fix: wrong limit")
    assert len(story.ids()) == 1
    assert story.settle() == 1


def test_reset_keeps_the_correction(story: Story) -> None:
    """The person did correct the agent. Committing the same again is not a second correction."""
    story.fix(1)
    ids = story.ids()
    story.git("reset", "-q", "--hard", "HEAD~1")
    assert story.counted() == 1
    story.fix(1)
    assert story.ids() == ids
    assert story.settle() == 1


# Merges


@pytest.mark.parametrize("log", ["tracked", "untracked"])
@pytest.mark.parametrize("fixes", [[(1,)], [(1,), (2,)], [(1, 2), (3,)]])
def test_squash_merge_of_a_branch(repo: Any, fixes: list[tuple[int, ...]], log: str) -> None:
    story = Story(repo, tracked=log == "tracked")
    story.git("switch", "-qc", "topic")
    for ns in fixes:
        story.fix(*ns)
    ids = story.ids()
    story.git("switch", "-q", "main")
    story.repo.write("notes.txt", "x\n")
    story.commit("docs: notes")
    story.git("merge", "-q", "--squash", "topic")
    story.git("commit", "-qm", "fix: limits were wrong (#1)")
    assert story.ids() == ids
    # Backfill does not count the squash either.
    run(backfill, "main")
    assert story.ids() == ids
    assert story.counted() == len(fixes)


def test_a_squash_logged_before_its_parts(story: Story) -> None:
    """One clone captured on the branch; another one backfilled the squash."""
    story.git("switch", "-qc", "topic")
    story.fix(1)
    story.fix(2)
    captured = story.root / ".git/errata/outbox.jsonl"
    mine = captured.read_bytes()
    captured.write_bytes(b"")
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--squash", "topic")
    story.git("commit", "-qm", "fix: limits were wrong (#1)")
    run(flush)
    (record,) = story.log()
    captured.write_bytes(mine)
    run(flush)
    assert (story.log(), story.captured()) == ([record], [])


def test_squash_merge_of_a_branch_with_the_agents_work(story: Story) -> None:
    story.git("switch", "-qc", "topic")
    story.agent("feat: more", **{"more.py": CODE})
    story.edit(1, path="more.py")
    story.commit("fix: wrong limit")
    ids = story.ids()
    assert len(ids) == 1
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--squash", "topic")
    story.git("commit", "-qm", "feat: more (#1)")
    assert story.ids() == ids
    assert story.counted() == 1


def test_merge_without_fast_forward(story: Story) -> None:
    story.git("switch", "-qc", "topic")
    story.fix(1)
    ids = story.ids()
    story.git("switch", "-q", "main")
    story.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    assert story.ids() == ids == story.history()
    assert ([row["id"] for row in story.captured()], story.log()) == (ids, [])
    assert story.counted() == 1


def test_a_merge_with_a_conflict_captures_nothing(story: Story) -> None:
    story.git("switch", "-qc", "topic")
    story.fix(1)
    story.git("switch", "-q", "main")
    story.agent("feat: higher", **{"api.py": CODE.replace(limit(1), "    limit = 1 * 30\n")})
    story.git("merge", "topic", ok=False)
    story.repo.write("api.py", CODE.replace(limit(1), "    limit = 1 * 40\n"))
    story.git("add", "-A")
    story.git("commit", "-q", "--no-edit")
    assert story.git("log", "-1", "--format=%P").count(" ") == 1
    assert story.settle() == 1


def test_a_second_clone_that_pulls(story: Story, tmp_path: Path, monkeypatch: Any) -> None:
    other = tmp_path / "other"
    story.git("clone", "-q", ".", str(other))
    install(other)
    story.fix(1)
    run(flush)
    story.commit("Log")
    ids = story.ids()
    story.git("-C", str(other), "pull", "-q")
    assert lines(other / ".git/errata/outbox.jsonl") == []
    assert lines(other / LOG) == story.log()
    assert story.git("-C", str(other), "status", "--porcelain") == ""
    monkeypatch.chdir(other)
    run(backfill)
    assert [row["id"] for row in lines(other / LOG)] == ids
    assert story.counted() == 1


def test_two_clones_that_both_captured_and_merged_their_logs(
    story: Story, tmp_path: Path, monkeypatch: Any
) -> None:
    other = tmp_path / "other"
    story.git("clone", "-q", ".", str(other))
    install(other)
    for place in (story.root, other):
        text = CODE.replace(limit(1), fixed(1))
        (place / "api.py").write_text(text)
        story.git("-C", str(place), "commit", "-qam", "fix: wrong limit")
        monkeypatch.chdir(place)
        run(flush)
        story.git("-C", str(place), "commit", "-qam", "Log")
    monkeypatch.chdir(story.root)
    story.git("pull", "-q", "--no-rebase", "--no-edit", str(other), "main")
    assert len(story.log()) == 2
    assert len(story.ids()) == story.counted() == 1


# Repeated corrections


def test_the_same_line_corrected_in_two_places(story: Story) -> None:
    again = "def other():\n    debug = 1\n    return debug\n\n\n"
    story.agent("feat: debug", **{"more.py": again + "X = 1\n" * 9 + again})
    for _ in range(2):
        text = (story.root / "more.py").read_text()
        story.repo.write("more.py", text.replace("    debug = 1\n", "    debug = DEBUG\n", 1))
        story.commit("fix: debug was always on")
    first, second = story.ids()
    assert second == f"{first}.2"
    assert story.settle() == 2


def test_a_repeated_mistake_is_a_second_correction(story: Story) -> None:
    story.fix(1)
    story.agent("feat: limits again", **{"api.py": CODE})
    story.fix(1)
    assert len(story.ids()) == 2
    # Undone, the second one is withdrawn.
    story.repo.write("api.py", CODE)
    story.git("commit", "-qa", "--amend", "--no-edit", "--allow-empty")
    assert len(story.ids()) == 1
    assert "." not in story.ids()[0]
    assert story.settle() == 1


# Nothing to capture


def test_commits_by_an_agent_at_the_keyboard_are_ignored(story: Story) -> None:
    story.edit(1)
    story.commit("fix: wrong limit", CLAUDECODE="1")
    assert story.ids() == []
    story.edit(2)
    story.commit("fix: wrong limit", CLAUDECODE="1", ERRATA_AGENT="off")
    assert len(story.ids()) == 1


def test_settings_disable_capture_and_set_the_window(story: Story) -> None:
    story.repo.write("errata.toml", "[capture]\nenabled = false\n")
    story.fix(1)
    assert story.ids() == []
    for days, window, expected in ((13, 14, 1), (15, 14, 1), (15, 30, 2), (3, 2, 2)):
        story.repo.write("errata.toml", f"[capture]\nwindow_days = {window}\n")
        story.agent("feat: anew", **{"api.py": CODE + f"# {days} {window}\n"})
        story.wait(days)
        story.fix(2)
        assert len(story.ids()) == expected, (days, window)
        story.repo.write("api.py", CODE)


def test_identities_from_the_settings(story: Story) -> None:
    table = '[[identities]]\nagent = "house-bot"\nauthor_email = "bot@house.example"\n'
    story.repo.write("errata.toml", table)
    story.repo.write("bot.py", CODE)
    story.commit("feat: from the bot", GIT_AUTHOR_EMAIL="bot@house.example")
    story.edit(1, path="bot.py")
    story.commit("fix: wrong limit")
    assert [row["agent"] for row in story.captured()] == ["house-bot"]


# Failures: the commit is made, one line is printed, and the next run retries


def blocked_state(story: Story) -> Path:
    path = story.root / ".git/errata"
    path.write_text("in the way\n")
    return path


def blocked_outbox(story: Story) -> Path:
    path = story.root / ".git/errata/outbox.jsonl"
    (path / "folder").mkdir(parents=True)
    return path


def broken_settings(story: Story) -> Path:
    return Path(story.repo.write("errata.toml", "[capture\nidentities ="))


def missing_object(story: Story) -> Path:
    name = story.git("rev-parse", "HEAD:api.py")
    path = story.root / ".git/objects" / name[:2] / name[2:]
    kept = path.with_name("kept")
    path.rename(kept)
    return kept


@pytest.mark.parametrize(
    "block",
    [blocked_state, blocked_outbox, broken_settings, missing_object],
    ids=lambda f: f.__name__,
)
def test_a_failed_capture_is_retried(repo: Any, block: Any) -> None:
    story = Story(repo, tracked=False)
    story.edit(1)
    story.git("add", "api.py")
    blocked = block(story)
    output = story.output("commit", "-qm", "fix: wrong limit")
    sha = story.head()
    assert output.count("\n") == 1, output
    assert output.startswith("errata-capture: ")
    assert f"{sha[:12]} is left" in output
    assert "Traceback" not in output
    if block is missing_object:
        blocked.rename(blocked.with_name(story.git("ls-tree", "HEAD~1", "api.py").split()[2][2:]))
    elif blocked.is_dir():
        (blocked / "folder").rmdir()
        blocked.rmdir()
    else:
        blocked.unlink()
    # Any next commit retries.
    story.commit("Next")
    assert [row["user_correction"]["commit"] for row in story.captured()] == [sha]
    assert not list((story.root / ".git").glob("**/*retry*"))
    assert story.settle() == 1


def test_a_damaged_outbox(story: Story) -> None:
    story.fix(1)
    path = story.root / ".git/errata/outbox.jsonl"
    path.write_bytes(b"\xff\xfe not json\n" + path.read_bytes() + b'{"id": "cor-torn')
    story.fix(2)
    assert len(path.read_bytes().splitlines()) == 3
    run(flush)
    assert len(story.log()) == 2
    assert path.read_bytes() == b""
    kept = (path.with_name("outbox.jsonl.torn")).read_bytes()
    assert sorted(kept.splitlines()) == [b'{"id": "cor-torn', b"\xff\xfe not json"]


def test_outside_a_repository_and_without_commits(tmp_path: Path, repo: Any) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for place in (outside, repo.root):
        done = hook("capture", place)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_shallow_clone(story: Story, tmp_path: Path) -> None:
    """Lines from before the cut have no known writer; later ones do."""
    story.repo.write("README.md", "x\n")
    story.commit("docs: readme")
    shallow = tmp_path / "shallow"
    story.git("clone", "-q", "--depth", "1", story.root.as_uri(), str(shallow))
    install(shallow)
    (shallow / "api.py").write_text(CODE.replace(limit(1), fixed(1)))
    story.git("-C", str(shallow), "commit", "-qam", "fix: wrong limit")
    assert lines(shallow / ".git/errata/outbox.jsonl") == []
    (shallow / "more.py").write_text(CODE)
    story.git("-C", str(shallow), "add", "-A")
    story.git("-C", str(shallow), "commit", "-qm", "feat: more", "-m", CLAUDE)
    (shallow / "more.py").write_text(CODE.replace(limit(1), fixed(1)))
    story.git("-C", str(shallow), "commit", "-qam", "fix: wrong limit")
    assert len(lines(shallow / ".git/errata/outbox.jsonl")) == 1


@pytest.mark.parametrize("module", ["capture", "rewrite"])
def test_an_internal_error_is_one_line(repo: Any, module: str) -> None:
    assert repo
    code = (
        "import errata.core.git\n"
        "def broken(*args, **named): raise RuntimeError('a bug of\\nours')\n"
        "errata.core.git.spawn_stream = errata.core.git.run_status = broken\n"
        f"from errata.githooks import {module} as hook\nraise SystemExit(hook.main(['amend']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("\n") == 1
    assert "a bug of ours" in done.stderr
