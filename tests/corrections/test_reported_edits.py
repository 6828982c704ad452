"""Whose change is it: the agent's, as its tool reported, or the person's who commits?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk import API, CODE, UI, HookedDesk
from errata.core.git import Repository
from errata.corrections import unstaged
from errata.state import agent_edits
from errata.state.agent_edits import Writer

INT = CODE.replace('body["size"]', 'int(body["size"])')
AUDIT = CODE.replace(
    "    volume.remove()", "    audit(volume)\n    volume.remove()\n    log(volume)"
)
FORMATTED = CODE.replace("'", '"').replace(
    "Volume(name, size)", "Volume(\n        name,\n        size,\n    )"
)


@pytest.fixture
def person(repo: Any) -> HookedDesk:
    return HookedDesk(repo)


# ------------------------------------------------------------- nobody but the agent was there


def shell_edit_before_own_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.replace('body["size"]', 'int(body["size"])')
    person.replace("return None", "return True")
    person.agent_commits()


def new_function_by_shell_before_own_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.repo.write("api.py", CODE + "\n\ndef more(body):\n    return create(body)\n")
    person.agent_commits()


def shell_edit_between_two_edits(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.replace('body["size"]', 'int(body["size"])')
    person.revise("return None", "return True")
    person.agent_commits()


def agents_work_reset_by_its_shell(person: HookedDesk) -> None:
    """It tries something, takes it back by `git checkout`, and a person edits the line later."""
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.revise('body["size"]', 'parse(body["size"])')
    person.git("checkout", "-q", "--", "api.py")
    person.replace('body["size"]', 'body.get("size", 0)')
    person.commit("fix: no size")


def agent_revises_what_a_person_commits(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.revise('body["size"]', 'int(body["size"])')
    person.revise("return None", "return True")
    person.commit("fix: a size may come as text")


def agent_revises_its_own_commit(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.agent_commits()
    person.revise('    size = body["size"]\n', '    check(body)\n    size = int(body["size"])\n')
    person.revise("    volume.remove()\n", "")
    person.revise("    volume = find", "    audit(body)\n    volume = find")
    person.commit("fix: a size may come as text")


def another_agent_revises_it(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.revise('body["size"]', 'int(body["size"])', writer=UI)
    person.revise("return None", "return True", writer=API)
    person.commit("fix: a size may come as text")


def agent_renames_and_revises(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.git("mv", "api.py", "volumes.py")
    person.revise('body["size"]', 'int(body["size"])', "volumes.py")
    person.commit("fix: a size may come as text")


def person_renames_what_the_agent_revised(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.revise('body["size"]', 'int(body["size"])')
    person.git("mv", "api.py", "volumes.py")
    person.commit("fix: a size may come as text")


def edits_with_windows_line_ends(person: HookedDesk) -> None:
    person.git("config", "core.autocrlf", "true")
    person.agent_writes("api.py", CODE.replace("\n", "\r\n"))
    person.commit("feat: volumes")
    before = (person.root / "api.py").read_bytes()
    person.agent_writes("api.py", before.decode().replace("return None", "return True"))
    person.commit("fix: say that it worked")


# ----------------------------------------------------------------------- a tool, or git itself


def formatter_before_the_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE.replace('"', "'"))
    person.repo.write("api.py", FORMATTED)
    person.commit("feat: volumes")


def formatter_between_two_edits(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE.replace('"', "'"))
    person.repo.write("api.py", FORMATTED)
    person.revise("return None", "return True")
    person.repo.write("api.py", person.text() + "\n")
    person.commit("feat: volumes")


def formatter_before_the_agents_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE.replace('"', "'"))
    person.repo.write("api.py", FORMATTED)
    person.agent_commits()


def stash_around_another_fix(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.agent_writes("api.py", AUDIT)
    person.git("stash", "-q")
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: a size may come as text")
    person.git("stash", "pop", "-q")
    person.commit("feat: audit deletions")


def stash_and_a_fix_of_the_same_line(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.revise('body["size"]', 'parse(body["size"])')
    person.git("stash", "-q")
    person.replace('body["size"]', 'parse(body.get("size"))')
    person.commit("fix: no size")


def two_parts(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    both = AUDIT.replace('    size = body["size"]\n', '    check(body)\n    size = body["size"]\n')
    person.agent_writes("api.py", both)
    stage(person, AUDIT)
    person.git("commit", "-qm", "feat: audit deletions")
    person.commit("fix: check bodies")


def half_of_a_block(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    block = '    size = body["size"]\n    if size > 10:\n        raise TooLarge(size)\n'
    person.revise('    size = body["size"]\n', block)
    stage(person, CODE.replace('["size"]\n', '["size"]\n    if size > 10:\n'))
    person.git("commit", "-qm", "fix: sizes")
    person.commit("fix: the rest of it")


def part_of_a_new_file(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    stage(person, CODE[: CODE.index("\n\n\ndef delete") + 1])
    person.git("commit", "-qm", "feat: create volumes")
    person.commit("fix: delete volumes")


def another_branch(person: HookedDesk) -> None:
    """The agent's edit stays behind on its branch, and the same line is repaired elsewhere."""
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.git("switch", "-qc", "other")
    person.repo.write("api.py", CODE + "\n\nLIMIT = 1\n")
    person.commit("feat: a limit")
    person.git("switch", "-q", "main")
    person.revise('body["size"]', 'parse(body["size"])')
    person.git("switch", "-qf", "other")
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: a size may come as text")


def pulled_below_the_edit(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.git("switch", "-qc", "upstream")
    person.repo.write("api.py", CODE.replace("volume.remove()", "volume.remove(force=True)"))
    person.commit("fix: force")
    person.git("switch", "-q", "main")
    person.revise('body["size"]', 'parse(body["size"])')
    person.git("stash", "-q")
    person.git("merge", "-q", "--ff-only", "upstream")
    person.git("stash", "pop", "-q")
    person.commit("fix: a size may come as text")


def scratch_file(person: HookedDesk) -> None:
    person.agent_writes("check.py", CODE)
    (person.root / "check.py").unlink()
    person.repo.write("check.py", "import os\n\nprint(os.environ)\nprint('fixed')\n")
    person.commit("fix: a script to look at the environment")


def edit_of_a_branch_that_was_left(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.agent_writes("api.py", AUDIT)
    person.git("checkout", "-q", "--", "api.py")
    person.replace("    volume.remove()\n", "    volume.remove(force=True)\n")
    person.commit("fix: remove volumes in use")


def stash_applied_on_another_branch(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.git("switch", "-qc", "other")
    person.repo.write("api.py", "LIMIT = 1\n\n\n" + CODE)
    person.commit("feat: a limit")
    person.git("switch", "-q", "main")
    person.revise("return None", "return True")
    person.git("stash", "-q")
    person.git("switch", "-q", "other")
    person.git("stash", "apply", "-q")
    person.commit("fix: say that it worked")


def branch_of_a_stash(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.revise("return None", "return True")
    person.git("stash", "-q")
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: a size may come as text")
    person.git("stash", "branch", "other")
    person.commit("fix: say that it worked")


def conflict_with_a_stash(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.revise("return None", "return True")
    person.git("stash", "-q")
    person.replace("return None", "return volume")
    person.commit("fix: return the volume")
    person.repo.git("stash", "pop", "-q", ok=False)
    person.repo.write("api.py", CODE.replace("return None", "return volume, True"))
    person.commit("fix: say that it worked")


def unstaged_changes_are_stashed_by_a_hook(person: HookedDesk) -> None:
    """A post-commit hook of the team stashes what was not staged, before ours runs."""
    person.agent_writes("api.py", CODE)
    hook = person.root / ".git/hooks/post-commit"
    hook.write_text(hook.read_text().replace("exec", "git stash -q\nexec"))
    stage(person, CODE.replace("    volume = Volume(name, size)\n", ""))
    person.git("commit", "-qm", "feat: volumes")


def autostash_while_pulling(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.git("branch", "upstream")
    person.repo.write("notes.md", "1\n")
    person.commit("docs: notes")
    person.git("switch", "-q", "upstream")
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: a size may come as text")
    person.git("switch", "-q", "main")
    person.revise("return None", "return True")
    person.git("pull", "-q", "--rebase", "--autostash", ".", "upstream")
    person.commit("fix: say that it worked")


def amend_after_the_edit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.revise("return None", "return True")
    person.git("commit", "-qa", "--amend", "--no-edit")


def one_file_of_two(person: HookedDesk) -> None:
    for path in ("api.py", "other.py"):
        person.agent_writes(path, CODE)
    person.commit("feat: volumes")
    for path in ("api.py", "other.py"):
        person.revise("return None", "return True", path)
    person.git("commit", "-qm", "fix: say that it worked", "--only", "other.py")
    person.commit("fix: say so here, too")


def two_agents_in_one_file(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.revise("return None", "return True", writer=UI)
    person.revise('body["size"]', 'int(body["size"])', writer=API)
    person.revise("return True", "return volume", writer=UI)
    person.commit("fix: volumes")


def event_after_the_commit(person: HookedDesk) -> None:
    """The tool reports an edit once it is committed already."""
    person.repo.write("api.py", CODE)
    person.agent_commits()
    person.agent_writes("api.py", CODE, before=b"")
    person.repo.write("api.py", CODE + "\n\nLIMIT = 1\n")
    person.commit("feat: a limit")


def hunk_discarded_interactively(person: HookedDesk) -> None:
    """The same as `git checkout -p`: one of two blocks goes back to what it was."""
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    both = AUDIT.replace('    size = body["size"]\n', '    check(body)\n    size = body["size"]\n')
    person.agent_writes("api.py", both)
    person.repo.write("api.py", AUDIT)
    person.commit("feat: audit deletions")


def edit_carried_to_another_branch(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.revise("return None", "return True")
    person.git("switch", "-qc", "other")
    person.commit("fix: say that it worked")
    person.git("switch", "-q", "main")
    person.replace("return None", "return volume")
    person.commit("fix: return the volume")


def commit_split_in_two(person: HookedDesk) -> None:
    for path in ("api.py", "other.py"):
        person.repo.write(path, CODE)
    person.agent_commits()
    person.git("reset", "-q", "--soft", "HEAD~1")
    person.git("commit", "-qm", "feat: volumes", "--only", "api.py")
    person.commit("feat: other volumes")


def stage(person: HookedDesk, text: str) -> None:
    """Stage a version of api.py that is not the one in the work tree."""
    blob = person.repo.write(".git/staged", text)
    oid = person.repo.git("hash-object", "-w", str(blob))
    person.repo.git("update-index", "--add", "--cacheinfo", f"100644,{oid},api.py")


NOT_BY_A_PERSON = (
    shell_edit_before_own_commit, new_function_by_shell_before_own_commit,
    shell_edit_between_two_edits, agents_work_reset_by_its_shell,
    agent_revises_what_a_person_commits, agent_revises_its_own_commit, another_agent_revises_it,
    agent_renames_and_revises, person_renames_what_the_agent_revised, edits_with_windows_line_ends,
    formatter_before_the_commit, formatter_between_two_edits, formatter_before_the_agents_commit,
    stash_around_another_fix, stash_and_a_fix_of_the_same_line, two_parts, half_of_a_block,
    part_of_a_new_file, another_branch, pulled_below_the_edit, scratch_file,
    edit_of_a_branch_that_was_left, stash_applied_on_another_branch, branch_of_a_stash,
    conflict_with_a_stash, unstaged_changes_are_stashed_by_a_hook, autostash_while_pulling,
    hunk_discarded_interactively, edit_carried_to_another_branch, commit_split_in_two,
    amend_after_the_edit, one_file_of_two, two_agents_in_one_file, event_after_the_commit,
)  # fmt: skip


@pytest.mark.parametrize("happen", NOT_BY_A_PERSON, ids=lambda function: function.__name__)
def test_no_person_corrected_anything(
    person: HookedDesk, happen: Callable[[HookedDesk], None]
) -> None:
    happen(person)
    assert person.records() == []
    for sha in person.repo.git("rev-list", "HEAD").split():
        assert person.trailer(sha) == ""


# ------------------------------------------------------------------------- a person corrected it


def before_the_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.repo.write("api.py", INT)
    person.commit("feat: volumes")


def after_a_persons_commit(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE)
    person.commit("feat: volumes")
    person.repo.write("api.py", INT)
    person.commit("fix: a size may come as text")


def beside_an_edit_of_the_agent(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.agent_commits()
    person.revise("return None", "return True")
    person.repo.write("api.py", person.text().replace('body["size"]', 'int(body["size"])'))
    person.commit("fix: a size may come as text")


def after_the_formatter(person: HookedDesk) -> None:
    person.agent_writes("api.py", CODE.replace('"', "'"))
    person.repo.write("api.py", FORMATTED.replace('body["size"]', 'int(body["size"])'))
    person.commit("feat: volumes")


def lines_taken_out_of_a_block(person: HookedDesk) -> None:
    person.agent_writes(
        "api.py",
        CODE.replace(
            "    return volume\n",
            "    print(volume)\n    print(name)\n    print(size)\n    return volume\n",
        ),
    )
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")


def after_an_old_stash(person: HookedDesk) -> None:
    person.repo.write("notes.md", "1\n")
    person.commit("docs: notes")
    person.repo.write("notes.md", "2\n")
    person.git("stash", "-q")
    before_the_commit(person)


def after_the_agents_commit_under_its_role(person: HookedDesk) -> None:
    """The tool reports without a role; the commit names it."""
    person.agent_writes("api.py", CODE, writer=Writer("claude-code", "claude-code", "s1"))
    person.agent_commits()
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: a size may come as text")


def after_a_stash_around_another_branch(person: HookedDesk) -> None:
    """The stash is made on one branch and applied there, after a fix on another branch."""
    person.repo.write("api.py", CODE)
    person.commit("feat: volumes")
    person.git("branch", "release")
    person.revise("    volume.remove()", "    audit(volume)\n    volume.remove()")
    person.git("stash", "-q")
    person.git("switch", "-q", "release")
    person.replace("    volume.remove()", "    volume.detach()\n    volume.remove()")
    person.commit("fix: detach first")
    person.git("switch", "-q", "-")
    person.git("stash", "pop", "-q")
    person.commit("feat: audit")
    person.replace("audit(volume)", 'audit(volume, "delete")')
    person.commit("fix: say what is audited")


def while_an_agent_works_in_another_worktree(person: HookedDesk) -> None:
    person.repo.write("api.py", CODE)
    person.agent_commits()
    person.git("worktree", "add", "-q", "../other")
    other = Repository.discover(person.root.parent / "other")
    text = CODE.replace("return None", "return True").encode()
    agent_edits.add(other, "api.py", CODE.encode(), text, API, person.tick * 1_000_000)
    person.replace("return None", "return volume")
    person.replace('body["size"]', 'int(body["size"])')
    person.commit("fix: volumes")


def what_the_agent_takes_back_later(person: HookedDesk) -> None:
    after_a_persons_commit(person)
    person.revise('int(body["size"])', 'body["size"]')
    person.commit("fix: sizes are numbers")


BY_A_PERSON = (
    after_a_stash_around_another_branch,
    after_the_agents_commit_under_its_role, after_a_stash_around_another_branch,
    before_the_commit, after_a_persons_commit, beside_an_edit_of_the_agent, after_the_formatter,
    lines_taken_out_of_a_block, after_an_old_stash, while_an_agent_works_in_another_worktree,
    what_the_agent_takes_back_later,
)  # fmt: skip


@pytest.mark.parametrize("happen", BY_A_PERSON, ids=lambda function: function.__name__)
def test_a_person_corrected_the_agent(
    person: HookedDesk, happen: Callable[[HookedDesk], None]
) -> None:
    happen(person)
    (record,) = person.records()
    assert record["agent"] == "api-dev"


@pytest.mark.parametrize("folder", ["pre-commit", "prek/patches"])
@pytest.mark.parametrize("path", ["api.py", "other.py"])
def test_changes_that_a_framework_put_aside_may_hold_what_a_commit_lacks(
    person: HookedDesk, monkeypatch: pytest.MonkeyPatch, folder: str, path: str
) -> None:
    person.repo.write("api.py", CODE)
    cache = person.root / ".git/cache"
    patch = cache / folder / ("patch1-1" if folder == "pre-commit" else "1-1.patch")
    patch.parent.mkdir(parents=True)
    patch.write_text(f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+log(body)\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    committed, line = CODE.encode().splitlines(), [b"log(body)"]
    assert not unstaged.may_hold(person.here(), b"api.py", committed, line)
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert unstaged.may_hold(person.here(), b"api.py", committed, line) is (path == "api.py")
