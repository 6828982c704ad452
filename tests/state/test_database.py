"""The state database: old files moved into it, damage, kills, crowds and file systems."""

from __future__ import annotations

import base64
import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errata.core.config import Config
from errata.core.git import Repository
from errata.state import (
    agent_edits,
    agent_sessions,
    database,
    error_log,
    exposures,
    markers,
    mixed_commits,
    outbox,
    retry_queue,
    running_commands,
)
from errata.state.agent_edits import AgentEdit, Writer
from errata.state.agent_sessions import Session
from errata.state.database import StateError
from errata.state.running_commands import Running

NOW = 1_740_787_200_000_000
API = Writer("api-dev", "claude-code", "s1")
UI = Writer("ui-dev", "cursor", "s2")


@pytest.fixture
def here(repo: Any) -> Repository:
    repo.write("a.py", "x\n")
    repo.commit("Begin")
    return Repository.discover(repo.root)


@pytest.fixture
def state(here: Repository) -> Path:
    assert here.state_dir is not None
    return here.state_dir


def fill(here: Repository) -> None:
    """Put something into every table."""
    agent_edits.add(here, "a.py", b"x\n", b"y\n", API, NOW)
    agent_sessions.add_file(here, "claude-code", "s1", "a.py", NOW)
    exposures.add(here, "2025-03-01T00:00:00Z", "s1", "claude-code", "api-dev", ["api-dev@1"])
    agent_sessions.put(here, "claude-code", "s1", Session(is_slow=True), NOW)
    running_commands.add(here, "claude-code", "s1", "c", Running("command", "api-dev", NOW))
    mixed_commits.save(here, "1 a@b", NOW, {("api-dev", "claude-code"): ["aa"], ("", ""): ["bb"]})
    retry_queue.add_commit(here, "abc")
    retry_queue.add_rewrite(here, [("a1", "b1"), ("a2", "b1")])


def content(here: Repository) -> list[Any]:
    """What the public functions find."""
    return [
        agent_edits.edit_histories(here, NOW, 14),
        sorted(mixed_commits.load(here)),
        [(entry.sha, entry.pairs) for entry in retry_queue.entries(here)],
        database.fetch(here, "SELECT time, session, tool, agent, runbook FROM exposures"),
    ]


FILLED = [
    {"a.py": (AgentEdit(API, NOW, b"x\n", b"y\n"),)},
    [
        mixed_commits.Row("1 a@b", "", "", frozenset({"bb"})),
        mixed_commits.Row("1 a@b", "api-dev", "claude-code", frozenset({"aa"})),
    ],
    [("abc", []), ("", [("a1", "b1"), ("a2", "b1")])],
    [("2025-03-01T00:00:00Z", "s1", "claude-code", "api-dev", "api-dev@1")],
]


def test_what_is_kept_is_found_again(here: Repository) -> None:
    fill(here)
    assert content(here) == FILLED
    assert agent_sessions.recent_files(here, "claude-code", "s1") == ["a.py"]


def test_reading_makes_no_database(here: Repository, state: Path) -> None:
    assert content(here) == [{}, [], [], []]
    assert agent_sessions.recent_files(here, "claude-code", "s1") == []
    assert agent_sessions.find(here, "claude-code", "s1") is None
    assert running_commands.finish(here, "claude-code", "s1", "c") is None
    running_commands.forget_session(here, "claude-code", "s1")
    agent_sessions.sweep(here, NOW)
    agent_edits.forget(here, "a.py")
    assert not state.exists()


def test_an_older_database_gets_the_tables_that_it_lacks(here: Repository, state: Path) -> None:
    fill(here)
    with contextlib.closing(sqlite3.connect(state / "state.db")) as db:
        for table in ("sessions", "running_commands", "files_before"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 2")
        db.commit()
    assert agent_sessions.find(here, "claude-code", "s1") is None
    agent_sessions.put(here, "claude-code", "s1", Session(is_slow=True), NOW)
    assert agent_sessions.find(here, "claude-code", "s1") == Session(is_slow=True)
    assert content(here) == FILLED


def test_only_the_owner_can_read_it(here: Repository, state: Path) -> None:
    os.umask(0)
    fill(here)
    for path in state.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_deleted_is_overwritten_and_the_file_shrinks(here: Repository, state: Path) -> None:
    agent_edits.add(here, "a.py", None, b"begin\n", API, NOW)
    size = (state / "state.db").stat().st_size
    secret = os.urandom(300_000).hex().encode()
    agent_edits.add(here, "b.py", None, secret, API, NOW)
    assert (state / "state.db").stat().st_size > size + 200_000
    agent_edits.forget(here, "b.py")
    assert (state / "state.db").stat().st_size <= size + 4096
    packed = zlib.compress(secret, 1)
    assert packed[100:200] not in (state / "state.db").read_bytes()


def test_a_commit_that_is_mixed_twice_has_the_lines_of_both(here: Repository) -> None:
    writer = "api-dev", "claude-code"
    for hashes in (["aa"], ["bb"], ["aa", "bb"]):
        mixed_commits.save(here, "1 a@b", NOW, {writer: hashes, ("", ""): []})
    assert mixed_commits.load(here) == [
        mixed_commits.Row("1 a@b", *writer, frozenset({"aa", "bb"}))
    ]


def test_old_mixed_commits_go_once_there_are_many(here: Repository) -> None:
    old = NOW - 121 * 86_400_000_000
    writer = {("api-dev", "claude-code"): ["aa"]}
    for number in range(3):
        mixed_commits.save(here, str(number), old, writer)
    with database.transaction(here) as db:
        rows = [(f"c{n}", "a", "t", NOW, "bb") for n in range(mixed_commits.MAX_ROWS)]
        db.executemany("INSERT INTO mixed_commits VALUES (?, ?, ?, ?, ?)", rows)
    mixed_commits.save(here, "new", NOW, writer)
    assert len(mixed_commits.load(here)) == mixed_commits.MAX_ROWS + 1


def test_a_session_remembers_its_last_files(here: Repository) -> None:
    for name in "abcdefgha":
        agent_sessions.add_file(here, "cursor", "s", name, NOW)
    agent_sessions.add_file(here, "cursor", "other", "z", NOW)
    agent_sessions.add_file(here, "cursor", "", "nameless", NOW)
    assert agent_sessions.recent_files(here, "cursor", "s") == list("ahgfe")
    assert agent_sessions.recent_files(here, "codex", "s") == []


def test_a_session_that_never_ended_is_forgotten_after_a_week(here: Repository) -> None:
    agent_sessions.add_file(here, "cursor", "s", "a.py", NOW)
    agent_sessions.sweep(here, NOW + 6 * 86_400_000_000)
    assert agent_sessions.recent_files(here, "cursor", "s") == ["a.py"]
    agent_sessions.sweep(here, NOW + 8 * 86_400_000_000)
    assert agent_sessions.recent_files(here, "cursor", "s") == []


def test_forgetting_nothing_waits_for_nobody(
    here: Repository, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent_sessions.add_file(here, "cursor", "s", "a.py", NOW)
    monkeypatch.setattr(database, "PATIENCE", 0)
    with contextlib.closing(sqlite3.connect(state / "state.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        agent_sessions.sweep(here, NOW)
        running_commands.forget_session(here, "cursor", "s")
        with pytest.raises(StateError):
            agent_sessions.sweep(here, NOW + 8 * 86_400_000_000)


def test_names_that_are_not_utf8(here: Repository) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    agent_edits.add(here, name, None, b"x\n", API, NOW)
    agent_sessions.add_file(here, "cursor", "s", name, NOW)
    assert list(agent_edits.edit_histories(here, NOW, 14)) == [name]
    assert agent_sessions.recent_files(here, "cursor", "s") == [name]


def test_the_last_edit_of_a_long_history_takes_in_what_follows(here: Repository) -> None:
    for number in range(20):
        writer = (API, UI)[number % 2]
        agent_edits.add(here, "a.py", None, b"%d\n" % number, writer, NOW)
    edits = agent_edits.edit_histories(here, NOW, 14)["a.py"]
    assert [edit.after for edit in edits[:-1]] == [b"%d\n" % number for number in range(15)]
    assert (edits[-1].before, edits[-1].after) == (b"14\n", b"19\n")


def test_an_edit_that_is_reported_twice_counts_once(here: Repository) -> None:
    for _ in range(2):
        agent_edits.add(here, "a.py", b"1\n", b"2\n", API, NOW)
        agent_edits.add(here, "a.py", b"2\n", b"3\n", UI, NOW)
        agent_edits.add(here, "a.py", b"2\n", b"3\n", UI, NOW)
    edits = agent_edits.edit_histories(here, NOW, 14)["a.py"]
    assert [(edit.before, edit.after) for edit in edits] == [
        (b"1\n", b"2\n"), (b"2\n", b"3\n"), (b"1\n", b"2\n"), (b"2\n", b"3\n"),
    ]  # fmt: skip


def test_an_edit_on_another_base_is_another_edit(here: Repository) -> None:
    agent_edits.add(here, "a.py", b"1\n", b"2\n", API, NOW, "")
    agent_edits.add(here, "a.py", b"2\n", b"3\n", API, NOW, "")
    agent_edits.add(here, "a.py", b"3\n", b"4\n", API, NOW, "aa")
    edits = agent_edits.edit_histories(here, NOW, 14)["a.py"]
    assert [(edit.after, edit.base) for edit in edits] == [(b"3\n", ""), (b"4\n", "aa")]


# Worktrees


def linked(repo: Any, path: Path) -> Repository:
    repo.git("worktree", "add", "-q", "--detach", str(path))
    return Repository.discover(path)


def test_each_worktree_has_its_own_edits(here: Repository, repo: Any, tmp_path: Path) -> None:
    other = linked(repo, tmp_path / "linked")
    agent_edits.add(here, "a.py", None, b"1\n", API, NOW)
    agent_edits.add(other, "a.py", None, b"2\n", UI, NOW)
    assert agent_edits.edit_histories(here, NOW, 14)["a.py"][0].after == b"1\n"
    assert agent_edits.edit_histories(other, NOW, 14)["a.py"][0].after == b"2\n"
    agent_edits.forget(other, "a.py")
    assert agent_edits.edit_histories(other, NOW, 14) == {}
    assert len(agent_edits.edit_histories(here, NOW, 14)) == 1


def test_a_new_worktree_does_not_inherit_the_edits_of_a_removed_one(
    here: Repository, repo: Any, tmp_path: Path
) -> None:
    agent_edits.add(linked(repo, tmp_path / "linked"), "a.py", None, b"1\n", API, NOW)
    repo.git("worktree", "remove", "--force", str(tmp_path / "linked"))
    other = linked(repo, tmp_path / "linked")
    assert agent_edits.edit_histories(other, NOW, 14) == {}
    agent_edits.add(other, "b.py", None, b"2\n", API, NOW)
    assert list(agent_edits.edit_histories(other, NOW, 14)) == ["b.py"]
    assert database.fetch(here, "SELECT count(*) FROM agent_edits") == [(1,)]


def test_a_repository_that_was_moved_keeps_its_state(
    here: Repository, repo: Any, tmp_path: Path
) -> None:
    fill(here)
    repo.root.rename(tmp_path / "moved #1? 100%")
    assert content(Repository.discover(tmp_path / "moved #1? 100%")) == FILLED
    (tmp_path / "moved #1? 100%").rename(repo.root)


# What older versions kept in files


def write_old_files(state: Path, other: Repository | None = None) -> None:
    """The content of :func:`fill` in the files of before, and some that are damaged."""

    def packed(data: bytes) -> str:
        return base64.b64encode(zlib.compress(data, 1)).decode()

    step = {"agent": "api-dev", "tool": "claude-code", "session": "s1", "time": NOW}
    chain = {"path": "a.py", "steps": [{**step, "before": packed(b"x\n"), "after": packed(b"y\n")}]}
    commit = {"commit": "1 a@b", "time": NOW}
    who = {"agent": "api-dev", "tool": "claude-code"}
    exposure = {"time": "2025-03-01T00:00:00Z", "session": "s1", "runbook": "api-dev@1", **who}
    files = {
        state / "written/lock": "",
        state / f"written/{'a' * 32}": json.dumps(chain),
        state / f"written/{'b' * 32}": "[" * 100_000,
        state / "authorship.jsonl": json.dumps({**commit, **who, "lines": ["aa"]})
        + "\nno record\n"
        + json.dumps({**commit, "agent": "", "tool": "", "lines": ["bb"]})
        + "\n",
        state / "deferred/abc": "abc\n",
        state / "deferred/junk": "rm -rf; x\n",
        state / "exposures.jsonl": json.dumps(exposure) + '\n{"time": 5}\n[]\n',
        state / "moved.jsonl": json.dumps({"id": "cor-1"}) + "\nnull\n",
        state / "sessions/x.json": '{"files": ["a.py"]}',
        state / "sessions.lock": "",
        state.parent / "errata-deferred/rewrite-1": "a1 b1\na2 b1\n",
    }
    if other is not None and other.git_dir is not None:
        files[other.git_dir / f"errata/written/{'c' * 32}"] = json.dumps(chain)
    for number, (path, text) in enumerate(files.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (number, number))


def left(state: Path) -> list[str]:
    """The names of what is in the state folder, and of old files beside it."""
    beside = [path.name for path in state.parent.glob("errata-*")]
    return sorted([path.name for path in state.iterdir()] + beside)


NEW_FILES = ["agent-edits", "mixed-commits", "retry-queue", "state.db"]


def test_old_files_are_moved_into_the_database(
    here: Repository, state: Path, repo: Any, tmp_path: Path
) -> None:
    other = linked(repo, tmp_path / "linked")
    write_old_files(state, other)
    # Even before that, their being there is what the markers say.
    assert markers.is_set(state.parent, markers.AGENT_EDITS)
    assert markers.is_set(state.parent, markers.RETRY_QUEUE)
    assert mixed_commits.any_known(here)
    assert content(here) == FILLED
    assert agent_edits.edit_histories(other, NOW, 14) == FILLED[0]
    assert outbox.moved(here) == b'{"id": "cor-1"}\n'
    assert left(state) == NEW_FILES
    assert not list((tmp_path / "linked").glob("**/written"))


def test_the_outbox_of_before_is_moved_under_its_lock(here: Repository, state: Path) -> None:
    state.mkdir()
    record = {"id": "cor-1", "agent": "x", "timestamp": "2025-01-15T12:00:00Z"}
    (state / "pending.jsonl").write_text(json.dumps(record))
    assert outbox.has_records(here)
    outbox.add(here, Config(), [{**record, "id": "cor-2"}], direct=True)
    assert [r["id"] for r in outbox.read(outbox.file_path(here))] == ["cor-1"]
    assert not (state / "pending.jsonl").exists()


CALLS = ("unlink", "rmdir", "open", "mkdir", "utime")


def in_a_child(work: Callable[[], object], moment: int) -> bool:
    """Do it in a process that is killed at its n-th change of a file; True if it ended.

    SQLite's own calls are disturbed by qa.faults; here, all that stands around them.
    """
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
        return status == 0
    remaining = moment

    def counting(real: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal remaining
            remaining -= 1
            if not remaining:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        return call

    class Connection(sqlite3.Connection):
        execute = counting(sqlite3.Connection.execute)
        executemany = counting(sqlite3.Connection.executemany)

    real_connect = sqlite3.connect
    try:
        for name in CALLS:
            setattr(os, name, counting(getattr(os, name)))
        sqlite3.connect = lambda *a, **n: real_connect(*a, factory=Connection, **n)  # type: ignore[assignment]
        work()
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
    finally:
        os._exit(1)


def test_killed_at_any_moment_of_the_move_nothing_is_lost(here: Repository, state: Path) -> None:
    moment = 1
    while True:
        shutil.rmtree(state, ignore_errors=True)
        write_old_files(state)
        ended = in_a_child(lambda: database.fetch(here, "SELECT 1"), moment)
        assert content(here) == FILLED, moment
        assert left(state) == NEW_FILES, moment
        if ended:
            break
        moment += 1
    assert moment > 30


def test_killed_at_any_moment_of_a_change_the_markers_are_right(
    here: Repository, state: Path
) -> None:
    def change() -> None:
        agent_edits.add(here, "b.py", None, b"x\n", API, NOW)
        agent_edits.forget(here, "b.py")
        retry_queue.add_commit(here, "abc")
        retry_queue.remove(here, retry_queue.entries(here)[0])

    moment = 1
    while True:
        shutil.rmtree(state, ignore_errors=True)
        ended = in_a_child(change, moment)
        rows = database.fetch(here, "SELECT 1 FROM agent_edits")
        assert not rows or (state / "agent-edits").exists()
        rows = database.fetch(here, "SELECT 1 FROM retry_queue")
        assert not rows or (state / "retry-queue").exists()
        # Whoever looks next removes a marker without rows.
        agent_edits.forget(here, "b.py")
        for entry in retry_queue.entries(here):
            retry_queue.remove(here, entry)
        assert not list(state.glob("*e[dt]*")) or left(state) == ["state.db"], moment
        if ended:
            break
        moment += 1
    assert moment > 20


# What may be in the way


@pytest.mark.parametrize("damage", [b"{}" * 999, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database_is_renamed_and_a_new_one_made(
    here: Repository, state: Path, damage: bytes
) -> None:
    state.mkdir()
    (state / "state.db").write_bytes(damage)
    (state / "state.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 100)
    fill(here)
    assert content(here) == FILLED
    assert (state / "state.db.damaged").read_bytes() == damage
    assert not (state / "state.db-journal").exists()
    (line,) = error_log.recent(state)
    assert "state.db: could not be used" in line and "state.db.damaged" in line


def test_damage_that_is_found_late_is_renamed_for_the_next_one(
    here: Repository, state: Path
) -> None:
    fill(here)
    with (state / "state.db").open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StateError, match="malformed"):
        agent_edits.add(here, "a.py", None, b"x\n", API, NOW)
    assert (state / "state.db.damaged").exists()
    agent_edits.add(here, "a.py", None, b"x\n", API, NOW)
    assert list(agent_edits.edit_histories(here, NOW, 14)) == ["a.py"]


def link(path: Path) -> None:
    (path.parent.parent / "elsewhere").write_text("precious")
    path.symlink_to(path.parent.parent / "elsewhere")


@pytest.mark.parametrize("block", [link, Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_renamed(
    here: Repository, state: Path, block: Callable[[Path], object]
) -> None:
    state.mkdir()
    block(state / "state.db")
    fill(here)
    assert content(here) == FILLED
    if block is link:
        assert (state.parent / "elsewhere").read_text() == "precious"
    assert len(error_log.recent(state)) == 1


def test_a_link_in_the_place_of_the_folder_is_refused(here: Repository, state: Path) -> None:
    (state.parent / "elsewhere").mkdir()
    state.symlink_to(state.parent / "elsewhere")
    retry_queue.add_commit(here, "abc")
    assert (state.parent / "errata-retry-queue").read_text() == "abc\n"
    assert list((state.parent / "elsewhere").iterdir()) == []


def test_a_newer_version_is_left_alone(here: Repository, state: Path) -> None:
    fill(here)
    with sqlite3.connect(state / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (state / "state.db").read_bytes()
    with pytest.raises(StateError, match="written by a newer version of errata"):
        agent_edits.add(here, "a.py", None, b"z\n", API, NOW)
    assert agent_sessions.recent_files(here, "claude-code", "s1") == []
    assert (state / "state.db").read_bytes() == before


def test_a_database_in_use_is_waited_for_and_not_longer(here: Repository) -> None:
    fill(here)
    with (
        database.transaction(here),
        pytest.raises(StateError, match="locked"),
        database.transaction(here),
    ):
        pass
    assert content(here) == FILLED


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anything")
def test_a_read_only_database_can_be_read(here: Repository, state: Path) -> None:
    fill(here)
    (state / "state.db").chmod(0o400)
    assert len(mixed_commits.load(here)) == 2
    with pytest.raises(StateError, match="readonly"):
        agent_edits.add(here, "a.py", None, b"z\n", API, NOW)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(
    here: Repository, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "lockf", refused)
    fill(here)
    with database.transaction(here):
        # Nothing keeps processes apart there, so nothing waits either.
        assert len(mixed_commits.load(here)) == 2
    assert content(here) == FILLED


# Crowds

CROWD = """
import sys
from errata.core.git import Repository
from errata.state import agent_edits, mixed_commits, retry_queue
here = Repository.discover()
me = sys.argv[1]
for n in range(15):
    agent_edits.add(here, f"{me}-{n}", None, b"x", agent_edits.Writer(me, "t"), 1740787200000000)
    mixed_commits.save(here, f"{n} a@b", 1740787200000000, {(me, "t"): [f"{me}{n}"]})
    retry_queue.add_commit(here, f"{me}{n}")
    retry_queue.remove(here, retry_queue.RetryEntry(f"{me}{n}"))
    if n % 2:
        agent_edits.forget(here, f"{me}-{n}")
"""


def test_many_processes_and_worktrees_lose_nothing(
    here: Repository, state: Path, repo: Any, tmp_path: Path
) -> None:
    write_old_files(state)
    other = linked(repo, tmp_path / "linked")
    root, far = repo.root, other.root
    children = [
        subprocess.Popen([sys.executable, "-c", CROWD, name], cwd=where)
        for name, where in (("a", root), ("b", root), ("c", far), ("d", far))
    ]
    assert [child.wait() for child in children] == [0] * 4
    for place, names in ((here, "ab"), (other, "cd")):
        paths = {path for path in agent_edits.edit_histories(place, NOW, 14) if path != "a.py"}
        assert paths == {f"{name}-{n}" for name in names for n in range(0, 15, 2)}
    assert len(mixed_commits.load(here)) == 4 * 15 + 2
    assert [entry.sha for entry in retry_queue.entries(here)] == ["abc", ""]
