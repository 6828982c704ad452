"""The outbox: adding, withdrawing, updating and flushing records, kills and concurrency."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capture_builders import CODE, LOG, Story, call, run
from hypothesis import given
from hypothesis import strategies as st

from errata.commands.corrections import command as corrections
from errata.commands.flush import command as flush
from errata.core.config import Config
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.corrections import fingerprint
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent
from errata.records import deduplication
from errata.state import outbox, retry_queue

CONFIG = Config()


@pytest.fixture
def story(repo: Any) -> Story:
    return Story(repo, hooks=False)


@pytest.fixture
def here(story: Story) -> Repository:
    return Repository.discover(story.root)


def record(n: int, **more: Any) -> dict[str, Any]:
    """A correction as capture makes it."""
    return {
        "id": f"cor-{n:020x}",
        "date": "2025-01-15",
        "timestamp": f"2025-01-15T12:00:{n % 60:02d}Z",
        "agent": "claude-code",
        "correction_type": "code_quality",
        "source": "implicit",
        "ai_action": {"summary": "committed: feat"},
        "user_correction": {"summary": f"fix {n}"},
        "marks": [f"{n:08x}"],
        **more,
    }


def by(commit: str, n: int, **more: Any) -> dict[str, Any]:
    return record(n, user_correction={"summary": "fix", "commit": commit}, **more)


def save(here: Repository, config: Config, rows: list[dict[str, Any]], **more: Any) -> int:
    """Add corrections; how many were new."""
    return len(outbox.add(here, config, rows, **more))


def total() -> int:
    return int(call(corrections, "--since", "3650", "--as-of", "2025-02-01", "--format", "json")[
        "total"
    ])  # fmt: skip


# Keep, withdraw, renew, flush


def test_record_is_kept_once(story: Story, here: Repository) -> None:
    assert save(here, CONFIG, [record(1), record(2), record(1)]) == 2
    assert save(here, CONFIG, [record(1)]) == 0
    assert outbox.flush(here, CONFIG) == 2
    assert save(here, CONFIG, [record(1)]) == 0
    assert save(here, CONFIG, [record(1), record(3)], direct=True) == 1
    assert [row["id"] for row in story.log()] == [record(n)["id"] for n in (1, 2, 3)]
    assert outbox.flush(here, CONFIG) == 0
    assert total() == 3


def test_record_can_be_withdrawn_and_added_again(story: Story, here: Repository) -> None:
    for turn in range(3):
        assert save(here, CONFIG, [record(1)]) == 1
        assert total() == 1
        if turn != 1:
            outbox.flush(here, CONFIG)
        assert outbox.withdraw(here, CONFIG, [record(1)]) == 1
        assert outbox.withdraw(here, CONFIG, [record(1)]) == 0
        assert total() == 0
    outbox.flush(here, CONFIG)
    ids = [row["id"] for row in story.log()]
    assert len(ids) == len(set(ids))
    assert total() == 0


def test_withdraw_prefers_the_record_of_the_commit(story: Story, here: Repository) -> None:
    first, second = story.fix(1), story.fix(2)
    assert save(here, CONFIG, [by(first, 1), by(second, 1)]) == 2
    assert outbox.withdraw(here, CONFIG, [by(first, 1)]) == 1
    assert [row["user_correction"]["commit"] for row in story.captured()] == [second]
    assert outbox.withdraw(here, CONFIG, [by(first, 1), by(second, 1)]) == 1
    assert story.captured() == []


ODD = [
    *(b"", b" ", b"[]", b"1", b"torn {", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}'),
    *(b'{"a": "\xff"}', b"\xef\xbb\xbf{}", b'{"a": 1.0e0, "a": 2}', b'{"a": "\x01"}'),
    *(b"{" * 5000, b'{"a": ' * 30 + b"1" + b"}" * 30, b'{"a": ' + b"9" * 5000 + b"}", b"{}"),
]


@pytest.mark.parametrize("line", ODD, ids=lambda line: repr(line)[:20])
def test_lines_are_counted_as_they_are_read(line: bytes, here: Repository) -> None:
    good = json.dumps(record(1)).encode()
    file = outbox.file_path(here)
    assert outbox.count(here) == 0
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\n".join([good, line, good]))
    assert outbox.count(here) == len(outbox.read(file)) >= 2


def test_count_does_not_import_msgspec(story: Story, here: Repository) -> None:
    outbox.add(here, CONFIG, [record(1)])
    code = (
        "import sys; from errata.state import outbox; from errata.core.git import Repository;"
        "print(outbox.count(Repository.discover()), 'msgspec' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=story.root, capture_output=True)
    assert done.stdout == b"1 False\n"


def test_updated_record_keeps_its_id(story: Story, here: Repository) -> None:
    first, second = story.fix(1), story.fix(2)
    save(here, CONFIG, [by(first, 1), by(second, 1), record(2)])
    moved = by("f" * 40, 1, timestamp=record(1)["timestamp"])
    assert outbox.follow_rewrite(here, CONFIG, [], [moved]) == (0, 0)
    rows = story.captured()
    assert [row["id"] for row in rows] == [record(1)["id"], record(1)["id"] + ".2", record(2)["id"]]
    assert sorted(row["user_correction"].get("commit", "") for row in rows)[-1] == "f" * 40


def test_rewrite_that_cannot_be_written_changes_nothing(story: Story, here: Repository) -> None:
    save(here, CONFIG, [record(1)])
    before = outbox.file_path(here).read_bytes()
    code = (
        "import resource; from errata.core.git import Repository; from errata.state import outbox\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))\n"
        "from errata.core.config import Config\n"
        f"outbox.follow_rewrite(Repository.discover(), Config(), [{record(1)}], [{record(2)}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=story.root, capture_output=True)
    assert b"LogError" in done.stderr
    assert outbox.file_path(here).read_bytes() == before
    assert outbox.follow_rewrite(here, CONFIG, [record(1)], [record(2)]) == (1, 1)
    assert story.captured() == [record(2)]


def test_agent_that_rewrites_adds_only_what_replaces_a_record(
    story: Story, here: Repository
) -> None:
    def rewrite(*numbers: int) -> tuple[int, int]:
        old, new = ([record(n)] for n in numbers)
        return outbox.follow_rewrite(here, CONFIG, old, new, by_agent=True)

    assert rewrite(1, 2) == (0, 0)
    save(here, CONFIG, [record(1)])
    assert rewrite(1, 2) == (1, 1)
    assert story.captured() == [record(2)]


def test_rewrite_sets_aside_lines_that_are_not_records(here: Repository) -> None:
    save(here, CONFIG, [record(1)])
    file = outbox.file_path(here)
    file.write_bytes(b'{"id": "torn\n' + file.read_bytes())
    assert outbox.follow_rewrite(here, CONFIG, [record(1)], [record(2)]) == (1, 1)
    assert file.with_name("outbox.jsonl.torn").read_bytes() == b'{"id": "torn\n'


def test_flush_does_not_restore_withdrawn_records(story: Story, here: Repository) -> None:
    """As after a kill between the two writes: the record stands in both, then it is withdrawn."""
    save(here, CONFIG, [record(1)], direct=True)
    outbox.file_path(here).write_bytes((story.root / LOG).read_bytes())
    assert outbox.withdraw(here, CONFIG, [record(1)]) == 1
    outbox.flush(here, CONFIG)
    assert save(here, CONFIG, []) == 0
    assert total() == 0
    assert [row["id"] for row in story.log()] == [record(1)["id"], record(1)["id"] + "-withdrawn"]


def test_find_by_the_beginning_of_an_id(story: Story, here: Repository) -> None:
    save(here, CONFIG, [record(0x10 << 72), record(0x11 << 72)])
    outbox.flush(here, CONFIG)
    save(here, CONFIG, [record(0x20 << 72)])
    one = record(0x10 << 72)
    assert outbox.find(here, CONFIG, one["id"]) == one
    assert outbox.find(here, CONFIG, "cor-2") == record(0x20 << 72)
    assert outbox.find(here, CONFIG, "cor-1") is None
    outbox.withdraw(here, CONFIG, [one])
    assert outbox.find(here, CONFIG, one["id"]) == one
    assert story.clean() is False


def test_unwritable_log_leaves_the_outbox_as_it_is(story: Story, here: Repository) -> None:
    save(here, CONFIG, [record(1)])
    (story.root / LOG).unlink()
    (story.root / LOG).mkdir()
    with pytest.raises(LogError, match="is a directory"):
        outbox.flush(here, CONFIG)
    assert len(story.captured()) == 1


# Known in another shape


def test_record_covered_by_others_is_known(story: Story, here: Repository) -> None:
    save(here, CONFIG, [record(1, marks=["aa", "bb"]), record(2, marks=["cc"])])
    assert save(here, CONFIG, [record(3, marks=["aa", "bb", "cc"])]) == 0
    assert save(here, CONFIG, [record(4, marks=["bb"])]) == 0
    assert save(here, CONFIG, [record(5, marks=["aa", "dd"])]) == 1
    assert save(here, CONFIG, [record(6, marks=["cc"], agent="codex")]) == 1
    assert save(here, CONFIG, [record(7, marks=[])]) == 1
    outbox.withdraw(here, CONFIG, [record(2)])
    assert save(here, CONFIG, [record(3, marks=["aa", "bb", "cc"])]) == 1
    assert len(story.captured()) == 5


def test_commit_that_builds_on_another_is_no_copy(story: Story, here: Repository) -> None:
    first, second = story.fix(1), story.fix(2)
    story.git("switch", "-qc", "aside", f"{first}~1")
    aside = story.fix(1)
    assert save(here, CONFIG, [by(first, 1, marks=["aa"])]) == 1
    assert save(here, CONFIG, [by(aside, 2, marks=["aa"])]) == 0
    assert save(here, CONFIG, [by(aside, 1, marks=["aa"])]) == 0
    assert save(here, CONFIG, [by(second, 2, marks=["aa"])]) == 1
    assert save(here, CONFIG, [by("e" * 40, 3, marks=["aa"])]) == 0


def commit_of(n: int) -> Commit:
    return Commit(str(n), (), 0, 0, CommitIdent("a", "b", "c", "d", "e"))


def touched(*lines: str, path: bytes = b"a.py") -> AttributedHunk:
    old = [line.encode() for line in lines]
    owners = tuple(commit_of(1) for _ in lines)
    return AttributedHunk(FileDiff([path], path), Hunk(0, old, []), owners, None, None)


names = st.lists(st.text("abc ", max_size=3), max_size=200)


@given(names, names)
def test_the_marks_of_a_union_are_covered_by_those_of_its_parts(a: list[str], b: list[str]) -> None:
    one, two = (
        fingerprint.fingerprint("x", [touched(*a)]),
        fingerprint.fingerprint("x", [touched(*b)]),
    )
    both = fingerprint.fingerprint("x", [touched(*a, *b)])
    stripped = {line for line in (*a, *b) if line.strip()}
    if stripped:
        assert set(both) <= set(one) | set(two) or not (
            any(map(str.strip, a)) and any(map(str.strip, b))
        )
    assert fingerprint.fingerprint("x", [touched(*a), touched(*b)]) == fingerprint.fingerprint(
        "x", [touched(*b), touched(*a)]
    )


def test_marks_are_of_agent_path_and_line_and_not_of_spaces() -> None:
    base = fingerprint.fingerprint("x", [touched("  limit = 1")])
    assert len(base) == 1
    assert base == fingerprint.fingerprint("x", [touched("limit = 1  ")])
    assert base != fingerprint.fingerprint("y", [touched("limit = 1")])
    assert base != fingerprint.fingerprint("x", [touched("limit = 1", path=b"b.py")])
    owners = (None, commit_of(1))
    removal = Hunk(0, [b"p", b"q"], [])
    other = AttributedHunk(FileDiff([b"a.py"], b"a.py"), removal, owners, None, None)
    assert fingerprint.fingerprint("x", [other]) == fingerprint.fingerprint("x", [touched("q")])
    assert len(fingerprint.fingerprint("x", [touched(*map(str, range(999)))])) == 64


# Kills and crowds


def flush_until(moment: int) -> bool:
    """Flush in a process that is killed at its n-th look at or change of a file; True if it ended.

    A fork, which patches only itself: starting an interpreter for each moment takes far longer.
    """
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
        return status == 0
    left = moment

    def counting(real: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        return call

    try:
        for name in ("write", "fsync", "open", "replace", "ftruncate"):
            setattr(os, name, counting(getattr(os, name)))
        Path.open = counting(Path.open)  # type: ignore[method-assign]
        outbox.flush(Repository.discover(), CONFIG)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
    finally:
        os._exit(1)


def test_flush_killed_at_any_moment_loses_nothing(story: Story, here: Repository) -> None:
    save(here, CONFIG, [record(1)])
    outbox.flush(here, CONFIG)
    save(here, CONFIG, [record(2), record(3)])
    outbox.withdraw(here, CONFIG, [record(1)])
    before = {path: path.read_bytes() for path in (story.root / LOG, outbox.file_path(here))}
    moment, both = 1, 0
    while not flush_until(moment):
        assert total() == 2, moment
        both += bool(story.captured() and len(story.log()) == 4)
        outbox.flush(here, CONFIG)
        assert total() == 2, moment
        ids = [row["id"] for row in story.log()]
        assert len(ids) == len(set(ids)) == 4, moment
        assert story.captured() == []
        for path, content in before.items():
            path.write_bytes(content)
        moment += 1
    assert moment >= 6
    # Among them were some with every record in both places.
    assert both


def test_concurrent_processes_lose_nothing(story: Story, here: Repository) -> None:
    code = (
        "import json, sys\n"
        "from errata.core.config import Config\nfrom errata.state import outbox\n"
        "from errata.core.git import Repository\n"
        "repo = Repository.discover()\n"
        "for line in sys.stdin:\n"
        "    outbox.add(repo, Config(), [json.loads(line)])\n"
        "    if sys.argv[1] == 'flush': outbox.flush(repo, Config())\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, how], stdin=subprocess.PIPE, text=True)
        for how in ("keep", "flush", "keep")
    ]
    for start, child in enumerate(children):
        # Every second record is one that another writer has as well.
        mine = "".join(
            json.dumps(record(n)) + "\n" for n in range(40) if n % 2 == 0 or n % 3 == start
        )
        assert child.stdin
        child.stdin.write(mine)
        child.stdin.close()
    assert [child.wait() for child in children] == [0, 0, 0]
    outbox.flush(here, CONFIG)
    assert sorted(row["id"] for row in story.log()) == [record(n)["id"] for n in range(40)]


# What is left for the next run


def test_retry_entries_are_added_and_removed(story: Story, here: Repository) -> None:
    first, second = story.head(), story.fix(1)
    for _ in range(2):
        retry_queue.add_commit(here, second)
        retry_queue.add_rewrite(here, [(first, second), (second, second)])
    one, two = retry_queue.entries(here)
    assert (one.sha, two.pairs) == (second, [(first, second), (second, second)])
    (story.root / ".git/errata-retry-queue").write_bytes(b"\xff rm -rf; x\n")
    assert len(retry_queue.entries(here)) == 2
    for each in (one, two):
        retry_queue.remove(here, each)
    assert retry_queue.entries(here) == []


def test_flush_drains_the_retry_queue(story: Story, here: Repository) -> None:
    sha = story.fix(1)
    retry_queue.add_commit(here, sha)
    retry_queue.add_commit(here, "0" * 40)
    name = story.git("rev-parse", "HEAD~1:api.py")
    blob = story.root / ".git/objects" / name[:2] / name[2:]
    blob.rename(blob.with_name("kept"))
    done = subprocess.run([sys.executable, "-m", "errata", "flush"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"not finished: {sha[:12]}" in done.stderr
    blob.with_name("kept").rename(blob)
    assert "1 correction moved" in run(flush)
    assert story.log()[0]["user_correction"]["commit"] == sha
    assert not list((story.root / ".git").glob("**/*retry*"))


def test_a_spare_file_where_the_state_folder_cannot_be_used(story: Story, here: Repository) -> None:
    (story.root / ".git/errata").write_text("in the way")
    first, second = story.head(), story.fix(1)
    retry_queue.add_commit(here, second)
    retry_queue.add_rewrite(here, [(first, second)])
    assert (story.root / ".git/errata-retry-queue").read_text() == f"{second}\n{first} {second}\n"
    (story.root / ".git/errata").unlink()
    one, two = retry_queue.entries(here)
    assert (one.sha, two.pairs) == (second, [(first, second)])
    assert not (story.root / ".git/errata-retry-queue").exists()
    retry_queue.remove(here, one)
    assert retry_queue.entries(here) == [two]


def test_spare_file_with_torn_lines(story: Story, here: Repository) -> None:
    """A part of a line must name no commit: git takes the beginning of an id for the whole."""
    (story.root / ".git/errata").write_text("in the way")
    first, second = story.head(), story.fix(1)
    spare = story.root / ".git/errata-retry-queue"
    spare.write_text(f"{first} {second[:20]}\n{first} {second} {first}\n{second[:16]}")
    retry_queue.add_commit(here, second)
    (story.root / ".git/errata").unlink()
    assert [entry.commits for entry in retry_queue.entries(here)] == [second]


@pytest.mark.parametrize("size", [1, 16, 40, 64])
def test_entry_that_does_not_fit_on_the_disk(here: Repository, size: int) -> None:
    (here.root / ".git/errata").write_text("in the way")
    code = (
        "import resource; from errata.core.git import Repository\n"
        "from errata.state import retry_queue\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        f"retry_queue.add_rewrite(Repository.discover(), [('{'a' * 40}', '{'b' * 40}')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=here.root, capture_output=True)
    assert b"File too large" in done.stderr
    assert (here.root / ".git/errata-retry-queue").read_bytes() == b""


def test_search_in_bytes_returns_whole_lines() -> None:
    text = bytearray(b'{"id": "a"}\n{"id": "b", "x": "a"}\nnot json a\n{"id": "c"}\n["a"]\n')
    assert [r["id"] for r in deduplication.search([text], ['"a"'])] == ["a", "b"]
    assert deduplication.search([text, Path("/nowhere")], ["zz", ""]) == []
    assert CODE
