"""Squash merges, picks and rewrites keep the authors of what they carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk import CODE, HookedDesk
from errata.corrections import carried
from errata.state import database

SIZES = CODE.replace('body["size"]', 'int(body["size"])').replace("return None", "return True")
LIMITS = SIZES.replace("int(body", "limited(body")
MESSAGE = "fix: sizes come as text (#3)"


class Branches(HookedDesk):
    """An agent's file on main, and a branch `topic`."""

    def __init__(self, repo: Any) -> None:
        super().__init__(repo)
        repo.write("api.py", CODE)
        self.agent_commits("feat: volumes")
        self.git("switch", "-qc", "topic")

    def agent_changes(self, text: str, path: str = "api.py") -> str:
        self.repo.write(path, text)
        return self.agent_commits("fix: sizes")

    def person_changes(self, text: str, message: str = MESSAGE) -> str:
        self.repo.write("api.py", text)
        return self.commit(message)

    def to_main(self, *args: str) -> None:
        self.git("switch", "-q", "main")
        self.git(*args)


@pytest.fixture
def branches(repo: Any) -> Branches:
    return Branches(repo)


def squash(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.to_main("merge", "-q", "--squash", "topic")


def squash_of_two_steps(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.agent_changes(LIMITS)
    branches.to_main("merge", "-q", "--squash", "topic")


def squash_of_a_deleted_branch(branches: Branches) -> None:
    squash(branches)
    branches.git("branch", "-qD", "topic")


def squash_of_a_fetched_commit(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.git("switch", "-q", "main")
    branches.git("fetch", "-q", ".", "topic")
    branches.git("branch", "-qD", "topic")
    branches.git("merge", "-q", "--squash", "FETCH_HEAD")


def pick_without_commit(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.to_main("cherry-pick", "-n", "topic")


def file_of_another_branch(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.to_main("checkout", "topic", "--", "api.py")


def restored_file(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.to_main("restore", "--source", "topic", "api.py")


def soft_reset(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.agent_changes(LIMITS)
    branches.git("reset", "-q", "--soft", "HEAD~2")


def applied_patch(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    patch = branches.repo.write(".git/patch", branches.repo.git("diff", "main", "topic") + "\n")
    branches.to_main("apply", str(patch))


def squash_with_other_work(branches: Branches) -> None:
    squash(branches)
    branches.repo.write("notes.md", "Sizes are numbers.\n")


def squash_of_a_branch_with_peoples_work(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.repo.write("notes.md", "Sizes are numbers.\n")
    branches.commit("docs: sizes")
    branches.to_main("merge", "-q", "--squash", "topic")


CARRIED = (
    squash, squash_of_two_steps, squash_of_a_deleted_branch, squash_of_a_fetched_commit,
    pick_without_commit, file_of_another_branch, restored_file, soft_reset, applied_patch,
    squash_with_other_work, squash_of_a_branch_with_peoples_work,
)  # fmt: skip


@pytest.mark.parametrize("carry", CARRIED, ids=lambda function: function.__name__)
def test_who_commits_an_agents_change_corrects_nothing(
    branches: Branches, carry: Callable[[Branches], None]
) -> None:
    carry(branches)
    branches.commit(MESSAGE)
    assert branches.records() == [] and branches.trailer() == ""
    # Nor is there a correction for those who look later, and the lines stay the agent's.
    assert branches.found_later() == {}
    line = "limited" if "limited" in branches.text() else "int"
    branches.replace(f"{line}(body", "parse_size(body")
    branches.replace("return True", "return volume")
    branches.commit("fix: sizes have units")
    (record,) = branches.records()
    assert record["agent"] == "api-dev"


def test_new_code_of_an_agent_stays_the_agents_in_a_squash(branches: Branches) -> None:
    branches.agent_changes(CODE, "other.py")
    branches.to_main("merge", "-q", "--squash", "topic")
    branches.commit("feat: more volumes (#4)")
    branches.replace('body["size"]', 'int(body["size"])', "other.py")
    branches.replace("return None", "return True", "other.py")
    branches.commit("fix: a size may come as text")
    (record,) = branches.records()
    assert record["agent"] == "api-dev" and record["user_correction"]["files"] == ["other.py"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_squash_of_a_persons_fix_is_a_correction_once(branches: Branches, keep: bool) -> None:
    branches.person_changes(SIZES)
    branches.to_main("merge", "-q", "--squash", "topic")
    branches.commit(MESSAGE)
    if not keep:
        branches.git("branch", "-qD", "topic")
    (record,) = branches.records()
    assert record["agent"] == "api-dev"
    assert len({id for ids in branches.found_later().values() for id in ids}) == 1


def test_a_person_who_changes_the_same_line_otherwise_corrects(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.git("switch", "-q", "main")
    branches.replace('body["size"]', "parse_size(body)")
    branches.replace("return None", "return volume")
    branches.commit("fix: sizes have units")
    assert len(branches.records()) == 1


def test_a_revert_of_an_agents_commit_is_a_correction(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.git("revert", "--no-edit", "HEAD")
    (record,) = branches.records()
    assert record["correction_type"] == "approach_rejection"


def test_a_line_that_a_person_wrote_elsewhere_is_not_the_agents(branches: Branches) -> None:
    """The agent squashes a person's branch; the person then fixes their own line."""
    branches.person_changes(SIZES)
    branches.to_main("merge", "-q", "--squash", "topic")
    branches.agent_commits("fix: sizes\n\nAgent: api-dev")
    before = len(branches.records())
    branches.person_changes(LIMITS, "fix: sizes have a limit")
    assert len(branches.records()) == before


# ------------------------------------------------------------------------------------- rewrites


def joined_by_a_rebase(branches: Branches) -> None:
    """A person joins the agent's commit and their own one, under their own message."""
    branches.agent_changes(SIZES)
    branches.repo.write("notes.md", "Sizes are numbers.\n")
    branches.commit("docs: sizes")
    branches.git("reset", "-q", "--hard", "HEAD")
    branches.git(
        *("rebase", "-qi", "main"),
        GIT_SEQUENCE_EDITOR="sed -i '1s/pick/reword/; 2s/pick/squash/'",
        GIT_EDITOR=f"printf '{MESSAGE}\\n' >",
    )


def amended_under_another_message(branches: Branches) -> None:
    branches.agent_changes(SIZES)
    branches.git("commit", "-q", "--amend", "-m", MESSAGE)


@pytest.mark.parametrize(
    "rewrite", [joined_by_a_rebase, amended_under_another_message], ids=["rebase", "amend"]
)
def test_a_rewritten_commit_keeps_its_authors(
    branches: Branches, rewrite: Callable[[Branches], None]
) -> None:
    rewrite(branches)
    assert branches.repo.git("log", "-1", "--format=%B").strip() == MESSAGE
    assert branches.records() == [] and branches.found_later() == {}
    branches.replace("int(body", "parse_size(body")
    branches.replace("return True", "return volume")
    branches.commit("fix: sizes have units")
    (record,) = branches.records()
    assert record["agent"] == "api-dev"


def test_what_a_person_adds_by_an_amend_is_not_the_agents(branches: Branches) -> None:
    own = "\n\ndef mine(value):\n    total = value + 1\n    return total\n"
    branches.agent_changes(SIZES)
    branches.repo.write("api.py", SIZES + own)
    branches.git("add", "api.py")
    branches.git("commit", "-q", "--amend", "--no-edit")
    branches.replace("value + 1", "value + 2")
    branches.replace("return total", "return total or 0")
    branches.commit("fix: wrong total")
    assert branches.records() == []


def test_a_squash_of_reported_edits(branches: Branches) -> None:
    """A person commits what the agent reports on a branch, then squashes that."""
    branches.revise('body["size"]', 'int(body["size"])')
    branches.revise("return None", "return True")
    branches.commit("fix: sizes")
    branches.to_main("merge", "-q", "--squash", "topic")
    branches.commit(MESSAGE)
    assert branches.records() == []


@pytest.mark.parametrize("branch_left", [True, False])
def test_a_clone_without_state_knows_of_a_squash_by_its_branch(
    branches: Branches, branch_left: bool
) -> None:
    squash(branches)
    branches.commit(MESSAGE)
    if not branch_left:
        branches.git("branch", "-qD", "topic")
        branches.git("reflog", "expire", "--expire=all", "--all")
    with database.transaction(branches.here()) as db:
        db.execute("DELETE FROM mixed_commits")
    assert bool(branches.found_later()) is not branch_left


def test_a_squash_is_known_by_its_branch_among_many_branches(
    branches: Branches, monkeypatch: pytest.MonkeyPatch
) -> None:
    squash(branches)
    branches.commit(MESSAGE)
    branches.git("switch", "-qc", "other")
    for number in range(3):
        branches.repo.write("other.md", f"Note {number}\n")
        branches.commit("docs: notes")
    branches.git("switch", "-q", "main")
    with database.transaction(branches.here()) as db:
        db.execute("DELETE FROM mixed_commits")
    monkeypatch.setattr(carried, "MAX_COMMITS", 2)
    assert branches.found_later() == {}
