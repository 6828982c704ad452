"""Records that leave an append-only log: the hooks say so, and a person can put them back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from capture_builders import LOG, Story, call, install, lines, run, script

from errata.commands.doctor import command as doctor
from errata.commands.flush import command as flush
from errata.core.config import Logs
from errata.core.git import Repository
from errata.state import log_sizes, removed_records
from record_builders import FINDINGS, finding

WARNING = "`errata flush --restore` puts it back"


@pytest.fixture
def story(repo: Any) -> Story:
    """A log with one committed finding, and one that came with code."""
    story = Story(repo)
    repo.jsonl(FINDINGS, finding(1, id="f-1"))
    story.commit("chore: a finding")
    story.repo.write("code.py", "x = 1\n")
    repo.jsonl(FINDINGS, finding(2, id="f-2"))
    story.commit("feat: code and a finding")
    return story


def logged(story: Story, path: str = FINDINGS) -> list[str]:
    return [row["id"] for row in lines(story.root / path)]


def offers(story: Story) -> list[str]:
    """What the doctor offers to put back."""
    del story
    from click.testing import CliRunner

    done = CliRunner().invoke(doctor, ["--format", "json"], standalone_mode=False)
    found = json.loads(done.stdout)["found"]
    return [row["what"] for row in found if row["fix"] == "errata flush --restore"]


def checkout_old_log(story: Story) -> str:
    story.git("checkout", "-q", "HEAD~1", "--", FINDINGS)
    return story.output("commit", "-qm", "chore: an older log", "--no-verify")


def pick_of_a_revert(story: Story) -> str:
    story.git("-c", "core.hooksPath=/dev/null", "revert", "--no-edit", "HEAD")
    revert = story.head()
    story.git("reset", "-q", "--hard", "HEAD~1")
    story.repo.write("more.py", "y = 2\n")
    story.commit("feat: more")
    return story.output("cherry-pick", revert)


def rebase_without_a_commit(story: Story) -> str:
    story.repo.write("more.py", "y = 2\n")
    story.commit("feat: more")
    editor = script(story.root / ".git", "drop.py", "text = text.replace('pick', 'drop', 1)")
    return story.output("-c", f"sequence.editor={editor}", "rebase", "-q", "-i", "HEAD~2")


def rebase_that_drops_the_other_side(story: Story) -> str:
    """The log grows all the same, so that its size tells nothing."""
    story.git("switch", "-qc", "topic", "HEAD~1")
    story.repo.jsonl(FINDINGS, finding(3, id="f-3"), finding(4, id="f-4"))
    story.commit("chore: topic")
    story.git("rebase", "-q", "main", ok=False)
    story.git("checkout", "-q", "--theirs", "--", FINDINGS)
    story.git("add", "-A")
    return story.output("-c", "core.editor=true", "rebase", "--continue")


def merge_of_ours(story: Story) -> str:
    story.git("switch", "-qc", "topic")
    story.repo.jsonl(FINDINGS, finding(3, id="f-3"))
    story.commit("chore: topic")
    story.git("switch", "-q", "main")
    story.repo.write("more.py", "y = 2\n")
    story.commit("feat: more")
    return story.output("merge", "-q", "--no-edit", "-s", "ours", "topic")


def pull_of_a_revert(story: Story) -> str:
    story.git("switch", "-qc", "topic")
    story.git("-c", "core.hooksPath=/dev/null", "revert", "--no-edit", "HEAD")
    story.git("switch", "-q", "main")
    return story.output("merge", "-q", "--ff-only", "topic")


def revert_on_another_branch(story: Story) -> str:
    story.git("switch", "-qc", "old", "HEAD~2")
    story.repo.write("notes.txt", "x\n")
    story.commit("docs: notes")
    story.git("switch", "-q", "main")
    return story.output("revert", "--no-edit", "HEAD")


@pytest.mark.parametrize(
    ("remove", "count"),
    [
        (lambda story: story.output("revert", "--no-edit", "HEAD"), 1),
        (revert_on_another_branch, 1),
        (checkout_old_log, 1),
        (pick_of_a_revert, 1),
        (merge_of_ours, 1),
        (pull_of_a_revert, 1),
        (rebase_without_a_commit, 1),
        (rebase_that_drops_the_other_side, 1),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_removal_is_reported_and_undone(story: Story, remove: Any, count: int) -> None:
    before = set(logged(story))
    output = remove(story)
    (line,) = (line for line in output.splitlines() if WARNING in line)
    assert f"removed {count} record from {FINDINGS}" in line
    (offer,) = offers(story)
    how = "lost" if remove is rebase_without_a_commit else "removed by "
    assert offer.startswith(f"{FINDINGS}: 1 record {how}")
    assert "1 record put back" in run(flush, "--restore")
    assert before <= set(logged(story))
    assert offers(story) == []
    assert "No record was removed" in run(flush, "--restore")
    assert WARNING not in story.output("commit", "-qam", "chore: put back")


def test_what_is_no_removal(story: Story) -> None:
    install(story.root, **{"pre-commit": "validate_logs"})
    outputs = [
        story.output("commit", "-q", "--allow-empty", "-m", "empty"),
        story.output("switch", "-q", "-c", "old", "HEAD~2"),
        story.output("commit", "-q", "--allow-empty", "-m", "on a branch with a smaller log"),
        story.output("switch", "-q", "main"),
        story.output("revert", "--no-edit", "HEAD~1"),
        story.output("revert", "--no-edit", "HEAD"),
    ]
    assert ["removed" in output for output in outputs] == [False] * 4 + [True, False]
    assert offers(story) == []
    # On purpose, and in another form of the same record.
    rows = [json.dumps(row, indent=None, sort_keys=True) for row in lines(story.root / FINDINGS)]
    story.repo.write(FINDINGS, "".join(f"{row}\n" for row in rows))
    story.git("commit", "-qam", "style: sort keys", ERRATA_ALLOW_REWRITE="1")
    story.repo.write(FINDINGS, rows[0] + "\n")
    assert "removed" not in story.git("commit", "-am", "chore: one less", ERRATA_ALLOW_REWRITE="1")
    assert len(offers(story)) == 1


def test_moved_corrections_that_were_never_committed(story: Story) -> None:
    story.fix(1)
    run(flush)
    (id,) = logged(story, LOG)
    assert offers(story) == []
    story.git("checkout", "-q", "--", ".")
    output = story.output("commit", "-q", "--allow-empty", "-m", "anything")
    assert f"1 correction moved into {LOG} vanished" in output and WARNING in output
    (offer,) = offers(story)
    assert offer == f"{LOG}: 1 record lost: no branch, stash or work tree has it"
    assert "1 record put back" in run(flush, "--restore")
    assert (logged(story, LOG), offers(story)) == ([id], [])


@pytest.mark.parametrize(
    "commands",
    [
        ["stash -q"],
        ["switch -qc topic", "commit -qam log", "switch -q main"],
        ["worktree add -q ../linked", "stash -q", "-C ../linked stash pop -q"],
    ],
    ids=["in a stash", "on a branch", "in another work tree"],
)
def test_moved_corrections_that_are_elsewhere(story: Story, commands: list[str]) -> None:
    story.fix(1)
    run(flush)
    for command in commands:
        story.git(*command.split())
    assert logged(story, LOG) == []
    assert offers(story) == []
    assert "vanished" not in story.output("commit", "-q", "--allow-empty", "-m", "anything")


def test_records_of_a_commit_that_a_reset_dropped(story: Story) -> None:
    story.git("reset", "-q", "--hard", "HEAD~1")
    assert len(offers(story)) == 1
    story.git("branch", "elsewhere", "HEAD@{1}")
    assert offers(story) == []


def test_an_edit_by_amend_is_on_purpose(story: Story) -> None:
    text = (story.root / FINDINGS).read_text().replace('"id": "f-2", ', "").replace("f-2", "f-3")
    story.repo.write(FINDINGS, text)
    story.git("commit", "-qa", "--amend", "--no-edit")
    assert offers(story) == []


def test_a_damaged_line_is_not_offered(story: Story) -> None:
    path = story.root / FINDINGS
    path.write_bytes(path.read_bytes() + b"{torn\n")
    story.commit("chore: damage")
    path.write_bytes(path.read_bytes().replace(b"{torn\n", b""))
    story.commit("fix: damage")
    assert offers(story) == []


def test_search_in_a_history_without_logs_or_commits(repo: Any) -> None:
    config = removed_records.Config()
    assert removed_records.find_all(Repository.discover(repo.root), config) == []
    repo.write("a", "b")
    repo.commit("one")
    assert removed_records.find_all(Repository.discover(repo.root), config) == []


def test_sizes_of_logs(repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tuple(Logs().by_kind().values()) == log_sizes.DEFAULT_LOGS
    monkeypatch.chdir(repo.root)
    shrunk = log_sizes.may_have_shrunk
    assert not shrunk(".git")
    assert not Path(".git/errata").exists()
    repo.write(LOG, "x" * 9)
    assert shrunk(".git"), "nothing is known yet"
    assert not shrunk(".git")
    repo.write(LOG, "x" * 10)
    assert not shrunk(".git")
    repo.write(LOG, "x" * 9)
    assert shrunk(".git")
    repo.git("switch", "-qc", "other")
    assert shrunk(".git")
    (repo.root / LOG).unlink()
    assert shrunk(".git")
    assert not shrunk(".git")
    Path(".git", log_sizes.FILE).write_bytes(b"\xff ref\nmany x\n-1 y\n")
    assert shrunk(".git")


def test_flush_waits_for_the_end_of_a_merge(story: Story) -> None:
    story.fix(1)
    story.git("switch", "-qc", "topic", "HEAD~1")
    story.repo.write("code.py", "x = 2\n")
    story.commit("feat: topic")
    story.git("switch", "-q", "main")
    story.repo.write("code.py", "x = 3\n")
    story.commit("feat: main")
    story.git("merge", "-q", "topic", ok=False)
    with pytest.raises(Exception, match="a merge is not finished"):
        run(flush)
    assert call(doctor_corrections(), "--since", "3650", "--format", "json")["total"] == 1
    story.git("merge", "--abort")
    run(flush)
    assert len(logged(story, LOG)) == 1


def doctor_corrections() -> Any:
    from errata.commands.corrections import command

    return command


def test_flush_makes_no_second_log_in_a_sparse_checkout(story: Story) -> None:
    story.git("sparse-checkout", "set", "--no-cone", "/*.py")
    story.fix(1)
    with pytest.raises(Exception, match="not in the work tree"):
        run(flush)
    assert offers(story) == []
    story.git("sparse-checkout", "disable")
    run(flush)
    assert len(logged(story, LOG)) == 1
