"""What a person changes in an agent's lines before anything is committed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import API, UI, Desk
from errata.core.config import load
from errata.core.git import Repository
from errata.corrections.attribution import mixed_commit_lines
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.edit_authorship import OLD, PERSON, TooLargeError, compare
from errata.corrections.edit_trace import trace_authorship
from errata.githooks import capture as hook
from errata.provenance.commits import read_commits
from errata.state import agent_edits, database, mixed_commits
from errata.state.agent_edits import AgentEdit, Writer

CODE = (
    "def load(path):\n"
    "    data = open(path).read()\n"
    "    return parse(data)\n"
    "\n"
    "\n"
    "def limit():\n"
    "    return 10 * 1024\n"
)
FIXED = CODE.replace("10 * 1024", "10 * 1024 * 1024")


def micro() -> int:
    return int(time.time()) * 1_000_000


def step(before: str | None, after: str, writer: Writer = API) -> AgentEdit:
    return AgentEdit(writer, 1, None if before is None else before.encode(), after.encode())


@pytest.fixture
def desk(repo: Any) -> Desk:
    return Desk(repo)


def test_an_edit_before_the_first_commit_is_a_correction(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", FIXED)
    sha = desk.commit("feat: load files")
    assert "captured a correction: api-dev code_quality" in desk.capture()
    (record,) = desk.records()
    assert record["agent"] == "api-dev" and record["source"] == "implicit"
    assert record["ai_action"] == {
        "summary": "wrote files.py",
        "tool_used": "claude-code",
        "file": "files.py",
    }
    assert record["user_correction"]["commit"] == sha
    assert record["lines"] == {"removed": 1, "added": 1, "inserted": 0}
    assert desk.kept() == []
    assert desk.capture() == "" and len(desk.records()) == 1


def test_a_file_with_new_times_counts_as_committed(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", FIXED)
    desk.commit("feat: load files")
    os.utime(desk.root / "files.py", (1, 1))
    assert "captured a correction" in desk.capture()
    assert desk.kept() == []


def test_a_clock_that_is_ahead_does_not_expire_edits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", FIXED)
    desk.commit("feat: load files")
    monkeypatch.setattr(time, "time", lambda: 4_070_908_800.0)
    monkeypatch.setattr(time, "time_ns", lambda: 4_070_908_800 * 10**9)
    monkeypatch.delenv("GIT_AUTHOR_DATE")
    assert hook.main([]) == 0
    assert len(desk.records()) == 1


def test_an_unchanged_file_is_no_correction(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.commit("feat: load files")
    assert desk.capture() == ""
    assert desk.records() == [] and desk.kept() == []


def test_reformatting_is_no_correction(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", CODE.replace("10 * 1024", "10*1024").replace("    ", "\t"))
    desk.commit("feat: load files")
    assert desk.capture() == ""


@pytest.mark.parametrize(
    ("lines", "captured"),
    [
        ("    if not path:\n        raise ValueError(path)\n", True),
        ("\n\ndef mine(a):\n    b = a + 1\n    c = a * 2\n    return b, c\n", False),
    ],
    ids=["a missing check", "the next function"],
)
def test_insertions_between_the_agents_lines(desk: Desk, lines: str, captured: bool) -> None:
    desk.agent_writes("files.py", CODE)
    at = CODE.index("    data") if captured else CODE.index("\n\n\ndef limit")
    desk.repo.write("files.py", CODE[:at] + lines + CODE[at:])
    desk.commit("feat: load files")
    assert ("code_completeness" in desk.capture()) is captured


def test_lines_that_a_person_wrote_first_stay_theirs(desk: Desk) -> None:
    desk.repo.write("files.py", CODE)
    desk.agent_writes("files.py", CODE + "\n\ndef more():\n    return limit() * 2\n")
    desk.repo.write("files.py", (desk.root / "files.py").read_text().replace("10 *", "20 *"))
    desk.commit("feat: load files")
    assert desk.capture() == ""


def test_an_edit_between_two_agent_edits_is_a_correction(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", FIXED)
    desk.agent_writes("files.py", FIXED + "\n\ndef more():\n    return 2\n")
    desk.commit("feat: load files")
    assert "code_quality" in desk.capture()


def test_each_agent_gets_its_own_correction(desk: Desk) -> None:
    desk.agent_writes("a.py", CODE)
    desk.agent_writes("b.py", CODE.replace("load", "save"), UI)
    desk.repo.write("a.py", FIXED)
    desk.repo.write("b.py", FIXED.replace("load", "save"))
    desk.commit("feat: files")
    desk.capture()
    assert {record["agent"] for record in desk.records()} == {"api-dev", "frontend-dev"}


def test_agent_lines_in_a_persons_commit(desk: Desk) -> None:
    """A person commits the agent's function and an own one, and fixes both later."""
    desk.agent_writes("files.py", CODE)
    own = "\n\ndef mine(value):\n    total = value + 1\n    return total\n"
    desk.repo.write("files.py", CODE + own)
    first = desk.commit("feat: load files")
    desk.capture()
    already = len(desk.records())
    done = subprocess.run(
        [sys.executable, "-m", "errata", "who"], capture_output=True, text=True, check=True
    )
    assert "  person: Ann Author" in done.stdout and "  lines: api-dev 5, person 3" in done.stdout
    desk.repo.write("files.py", CODE + own.replace("value + 1", "value + 2"))
    desk.commit("fix: wrong total")
    assert desk.capture() == "" and len(desk.records()) == already
    desk.repo.write("files.py", FIXED + own.replace("value + 1", "value + 2"))
    second = desk.commit("fix: limit is in bytes")
    assert "api-dev code_quality" in desk.capture()
    record = desk.records()[-1]
    assert record["ai_action"]["commit"] == first
    assert record["user_correction"]["commit"] == second
    assert found_later(desk.root)[second] == [record["id"]]


def test_a_persons_lines_in_an_agents_commit(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    own = "\n\ndef mine(value):\n    total = value + 1\n    return total\n"
    desk.repo.write("files.py", CODE + own)
    desk.commit("feat: load files\n\nAgent: api-dev")
    desk.capture(ERRATA_AGENT="api-dev")
    desk.repo.write("files.py", CODE + own.replace("value + 1", "value + 2"))
    sha = desk.commit("fix: wrong total")
    assert desk.capture() == ""
    assert sha not in found_later(desk.root)


@pytest.mark.parametrize("how", ["amend", "rebase"])
def test_a_copy_of_the_commit_has_the_same_lines(desk: Desk, how: str) -> None:
    desk.agent_writes("files.py", CODE)
    desk.commit("feat: load files")
    desk.capture()
    if how == "amend":
        desk.repo.git("commit", "-q", "--amend", "-m", "feat: load the files")
    else:
        desk.repo.git("switch", "-qc", "side", "HEAD~1")
        desk.repo.write("other", "x\n")
        desk.commit("other")
        desk.repo.git("rebase", "-q", "side", "main")
    desk.repo.write("files.py", FIXED)
    desk.commit("fix: limit is in bytes")
    assert "api-dev" in desk.capture()


@pytest.mark.parametrize("new", [True, False])
def test_a_partly_committed_file_keeps_its_history(desk: Desk, new: bool) -> None:
    if not new:
        desk.repo.write("files.py", CODE[:20])
        desk.commit("first")
    desk.agent_writes("files.py", CODE)
    desk.repo.git("add", "files.py")
    desk.repo.write("files.py", FIXED)
    desk.commit("feat: load files", ".gitignore")
    assert desk.capture() == ""
    assert len(desk.kept()) == 1
    desk.commit("fix: the rest")
    desk.capture()
    assert len(desk.records()) == 1 and desk.kept() == []


def test_nothing_is_recorded_if_capture_is_disabled(desk: Desk) -> None:
    desk.repo.write("errata.toml", "[capture]\nenabled = false\n")
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", FIXED)
    desk.commit("feat: load files")
    assert desk.capture() == "" and desk.records() == []


def test_git_filters_and_line_endings_are_no_edits(desk: Desk) -> None:
    desk.repo.write(".gitattributes", "*.up filter=up\n*.py text eol=crlf\n")
    desk.repo.git("config", "filter.up.clean", "tr a-z A-Z")
    desk.agent_writes("a.up", CODE)
    desk.agent_writes("files.py", CODE.replace("\n", "\r\n"))
    desk.commit("feat: load files")
    assert desk.capture() == "" and desk.records() == []


def test_binary_and_large_files_are_not_kept(desk: Desk) -> None:
    desk.agent_writes("a", "x\0y\n")
    desk.agent_writes("b", "x\n" * agent_edits.LIMIT)
    assert desk.kept() == []


def test_only_the_owner_can_read_what_is_kept(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    assert desk.kept() == [b"files.py"]
    assert (desk.root / ".git/errata/state.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"{", "text", 5, zlib.compress(bytes(agent_edits.LIMIT + 1))])
@pytest.mark.parametrize("column", ["before", "after"])
def test_a_damaged_history_is_ignored(desk: Desk, damage: object, column: str) -> None:
    desk.agent_writes("files.py", CODE, API)
    desk.agent_writes("files.py", FIXED, UI)
    with database.transaction(desk.here()) as db:
        db.execute(f"UPDATE agent_edits SET {column} = ?", (damage,))
    assert agent_edits.edit_histories(desk.here(), micro(), 14) == {}
    desk.commit("feat: load files")
    assert desk.capture() == ""


def test_old_histories_are_removed(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    assert agent_edits.edit_histories(desk.here(), micro() + 15 * 86_400_000_000, 14) == {}
    assert desk.kept() == []


def test_no_code_is_kept_of_a_mixed_commit(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.commit("feat: load files")
    desk.capture()
    (row,) = mixed_commits.load(desk.here())
    assert row.agent == "api-dev" and all(len(line) == 12 for line in row.lines)
    (columns,) = database.fetch(desk.here(), "SELECT * FROM mixed_commits")
    assert "load" not in " ".join(map(str, columns))


def found_later(root: Path) -> dict[str, list[str]]:
    repo = Repository.discover(root)
    found: dict[str, list[str]] = {}
    for one in Backfill(repo, load(root), CommitRange.resolve(repo, [])):
        found.setdefault(one.person.sha, []).append(one.id)
    return found


TEXTS = st.lists(st.sampled_from([b"a", b"b", b"c", b"{", b"}", b""]), max_size=12)


@given(TEXTS, TEXTS)
def test_compare_leads_from_one_text_to_the_other(old: list[bytes], new: list[bytes]) -> None:
    got = old[:]
    for hunk in reversed(compare(old, new)):
        assert got[hunk.start : hunk.start + len(hunk.old)] == hunk.old
        got[hunk.start : hunk.start + len(hunk.old)] = hunk.new
    assert got == new


@given(TEXTS, st.lists(st.tuples(st.booleans(), TEXTS), max_size=5), TEXTS)
def test_every_committed_line_has_a_writer(
    parent: list[bytes], work: list[tuple[bool, list[bytes]]], committed: list[bytes]
) -> None:
    def text(lines: list[bytes]) -> bytes:
        return b"".join(line + b"\n" for line in lines)

    chain, before = [], parent
    for reported, after in work:
        chain.append(AgentEdit(API, 1, text(before) if reported else None, text(after)))
        before = after
    found = trace_authorship(text(parent), tuple(chain), text(committed))
    assert found.lines == committed and len(found.writers) == len(committed)
    assert all(writer in range(OLD, len(chain)) for writer in found.writers)
    assert chain or PERSON in found.writers or committed == parent or len(committed) < len(parent)
    for hunks, writers in found.person_edits:
        assert all(h.start + len(h.old) <= len(writers) for h in hunks)


def test_writers_of_an_example() -> None:
    found = trace_authorship(
        b"old\n", (step("old\nmine\n", "old\nmine\nits\n"),), b"old\nmine\nits\nlast\n"
    )
    assert found.writers == [OLD, PERSON, 0, PERSON]


def test_texts_that_are_too_large_to_compare() -> None:
    old = [b"%d" % n for n in range(3000)]
    with pytest.raises(TooLargeError):
        compare(old, [line + b"x" for line in old])


def test_a_line_of_both_has_no_owner(desk: Desk) -> None:
    desk.agent_writes("files.py", CODE)
    desk.repo.write("files.py", CODE + "\n\ndef mine(path):\n    return parse(data)\n")
    sha = desk.commit("feat: load files")
    desk.capture()
    mixed, commit = mixed_commit_lines.load(desk.here()), read_commits(desk.here(), [sha])[0]
    assert mixed.resolve_owner(commit, b"    return parse(data)") is None
    assert mixed.resolve_owner(commit, b"def mine(path):") is None
    assert mixed.resolve_owner(commit, None) is None
    mine = mixed.resolve_owner(commit, b"def limit():")
    assert mine is not None and mine.writer is not None and mine.writer.name == "api-dev"
