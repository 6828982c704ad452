"""No line is ever torn or lost: many writers, killed writers, full disks, odd files."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.errors import LogError, RecordError
from errata.records.append import append, encode
from errata.records.log_lock import locked

LOG = Path(".claude/review-findings.jsonl")


def _records(data: bytes) -> list[dict[str, object]]:
    """Every line of a log; fails on one that is torn, blank or unfinished."""
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def _read(root: Path, log: Path = LOG) -> list[dict[str, object]]:
    return _records((root / log).read_bytes())


def _child(code: str, *args: object, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    )


def test_makes_the_log_and_its_folder(tmp_path: Path) -> None:
    assert append(LOG, [{"b": 1, "a": "é"}, {"n": 2}], root=tmp_path) == 2
    assert (tmp_path / LOG).read_bytes() == '{"b":1,"a":"é"}\n{"n":2}\n'.encode()


def test_lock_waits_in_the_git_directory_and_not_beside_the_log(repo) -> None:  # type: ignore[no-untyped-def]
    append(LOG, [{"n": 1}], root=repo.root)
    assert repo.git("status", "--porcelain", "-uall") == f"?? {LOG}"
    assert list((repo.root / ".git/errata").glob("*.lock"))


def test_outside_git_the_lock_is_hidden_beside_the_log(tmp_path: Path) -> None:
    append(LOG, [{"n": 1}], root=tmp_path)
    names = {entry.name for entry in (tmp_path / ".claude").iterdir()}
    assert names <= {LOG.name, f".{LOG.name}.lock"}


def test_linked_worktree_writes_its_own_log(repo) -> None:  # type: ignore[no-untyped-def]
    repo.commit()
    other = repo.root.parent / "other"
    repo.git("worktree", "add", "-q", str(other))
    append(LOG, [{"n": 1}], root=other)
    assert _read(other) == [{"n": 1}]
    assert not (repo.root / LOG).exists()


def test_errata_folder_of_the_git_directory_may_hold_a_log(repo) -> None:  # type: ignore[no-untyped-def]
    waiting = repo.root / ".git/errata/waiting.jsonl"
    append(waiting, [{"n": 1}], root=repo.root)
    assert _records(waiting.read_bytes()) == [{"n": 1}]


def _write_many(root: Path, writer: int, count: int) -> None:
    for number in range(count):
        append(LOG, [{"w": writer, "n": number, "text": "x" * 150}], root=root, wait=60)


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_32_processes_with_many_records_each(repo, count: int) -> None:  # type: ignore[no-untyped-def]
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=_write_many, args=(repo.root, n, count)) for n in range(32)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 32
    seen: dict[int, list[int]] = {}
    for record in _read(repo.root):
        seen.setdefault(record["w"], []).append(record["n"])  # type: ignore[arg-type]
    # Each writer's records are all there, once, and in its own order.
    assert seen == {n: list(range(count)) for n in range(32)}


def test_threads_of_one_process(tmp_path: Path) -> None:
    threads = [threading.Thread(target=_write_many, args=(tmp_path, n, 25)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_read(tmp_path)) == 200


_ENDLESS = """
import sys
from pathlib import Path
from errata.records.append import append
root, writer = Path(sys.argv[1]), sys.argv[2]
number = 0
while True:
    append(Path(".claude/review-findings.jsonl"),
           [{"w": writer, "n": number, "text": "x" * (number * 997 % 60_000)}], root=root)
    print(number, flush=True)
    number += 1
"""


def test_killed_at_any_instant_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(11)
    acknowledged: set[tuple[str, int]] = set()
    for round_ in range(20):
        names = [f"{round_}{letter}" for letter in "ab"]
        children = {name: _child(_ENDLESS, tmp_path, name) for name in names}
        for child in children.values():
            assert child.stdout is not None and child.stdout.readline()
        time.sleep(rng.random() * 0.05)
        for name, child in children.items():
            child.send_signal(signal.SIGKILL)
            out, _ = child.communicate()
            # The first line was read above; a last one without newline was never acknowledged.
            lines = out.decode().split("\n")[:-1]
            acknowledged |= {(name, 0), *((name, int(n)) for n in lines if n)}
        append(LOG, [{"w": "after", "n": round_}], root=tmp_path)
        acknowledged.add(("after", round_))
    found = [(record["w"], record["n"]) for record in _read(tmp_path)]
    assert acknowledged <= set(found)
    assert len(found) == len(set(found))
    assert len(acknowledged) > 60


BASE = b"".join(encode({"n": n, "text": "é" * n}) for n in range(6))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(0, len(BASE)), tail=st.binary(max_size=6))
def test_any_torn_line_is_repaired_and_kept(tmp_path: Path, cut: int, tail: bytes) -> None:
    log, torn = tmp_path / "a.jsonl", tmp_path / "a.jsonl.torn"
    torn.unlink(missing_ok=True)
    before = BASE[:cut] + tail
    log.write_bytes(before)
    append(log, [{"new": 1}], root=tmp_path)
    after = log.read_bytes()
    assert after.endswith(b'{"new":1}\n')
    kept = after.removesuffix(b'{"new":1}\n')
    whole = before[: before.rfind(b"\n") + 1]
    fragment = before[len(whole) :]
    if torn.exists():
        assert (kept, torn.read_bytes()) == (whole, fragment + b"\n")
    else:
        assert kept == whole + (fragment + b"\n" if fragment else b"")
        json.loads(fragment or b"{}")


def test_whole_last_line_gets_its_newline(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"n":1}\r\n{"n":2}')
    append(Path("a.jsonl"), [{"n": 3}], root=tmp_path)
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"n":1}\r\n{"n":2}\n{"n":3}\n'


def test_a_fragment_does_not_run_on_from_a_half_of_itself(tmp_path: Path) -> None:
    """As after a kill while it was set aside."""
    log, torn = tmp_path / "a.jsonl", tmp_path / "a.jsonl.torn"
    log.write_bytes(b'{"torn')
    torn.write_bytes(b'{"t')
    append(log, [{"n": 1}], root=tmp_path)
    assert torn.read_bytes() == b'{"t\n{"torn\n'


def test_torn_last_line_is_set_aside_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = b'{"text":"' + b"x" * 200_000
    (tmp_path / "a.jsonl").write_bytes(b'{"n":1}\n' + long)
    append(Path("a.jsonl"), [{"n": 2}], root=tmp_path)
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"n":1}\n{"n":2}\n'
    assert (tmp_path / "a.jsonl.torn").read_bytes() == long + b"\n"
    assert capsys.readouterr().err == (
        "errata: a.jsonl: its last line was torn; the fragment is now in a.jsonl.torn\n"
    )


def test_fragments_gather(tmp_path: Path) -> None:
    for number in range(2):
        with (tmp_path / "a.jsonl").open("ab") as log:
            log.write(b'{"torn":%d' % number)
        append(Path("a.jsonl"), [{"n": number}], root=tmp_path)
    assert (tmp_path / "a.jsonl.torn").read_bytes() == b'{"torn":0\n{"torn":1\n'


_FULL = """
import resource, sys
from pathlib import Path
from errata.core.errors import LogError
from errata.records.append import append
root, limit = Path(sys.argv[1]), int(sys.argv[2])
append(Path("warm.jsonl"), [{}], root=root)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    append(Path("a.jsonl"), [{"n": 2, "text": "x" * 5000}], root=root)
except LogError as error:
    print(error)
"""


@pytest.mark.parametrize("free_bytes", [0, 1, 100, 4999])
@pytest.mark.parametrize("end", ["", "\n"], ids=["unfinished", "finished"])
def test_full_disk_leaves_the_log_as_it_was(tmp_path: Path, free_bytes: int, end: str) -> None:
    before = b'{"n":1}' + end.encode()
    (tmp_path / "a.jsonl").write_bytes(before)
    out, err = _child(_FULL, tmp_path, len(before) + free_bytes).communicate()
    assert (out, err) == (b"a.jsonl: cannot be written: File too large; nothing was added\n", b"")
    assert (tmp_path / "a.jsonl").read_bytes() == before


def test_unique_leaves_out_what_is_there(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_bytes(b'{ "b": 2.0, "a": 1 }\r\nnot json\n{"id":"x","n":1}\n')
    new = [{"a": 1, "b": 2}, {"id": "x", "n": 9}, {"n": 5}, {"n": 5.0}]
    assert append(log, new, root=tmp_path, unique=True) == 1
    assert log.read_bytes().endswith(b'\n{"n":5}\n')
    assert append(log, new, root=tmp_path, unique=True) == 0
    assert append(log, [{"n": 5}], root=tmp_path) == 1


def test_replaced_log_gets_the_record_in_its_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git checkout puts a new file in the old one's place; a write to the old one would be lost."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(b'{"n":1}\n')
    real = os.fsync

    def checkout_meanwhile(fd: int) -> None:
        monkeypatch.setattr(os, "fsync", real)
        real(fd)
        log.unlink()
        log.write_bytes(b'{"other":1}\n')

    monkeypatch.setattr(os, "fsync", checkout_meanwhile)
    assert append(log, [{"n": 2}], root=tmp_path) == 1
    assert _records(log.read_bytes()) == [{"other": 1}, {"n": 2}]


def test_replaced_by_a_copy_that_has_the_record_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "a.jsonl"
    real = os.fsync

    def save_meanwhile(fd: int) -> None:
        real(fd)
        if log.exists() and log.stat().st_size:
            monkeypatch.setattr(os, "fsync", real)
            copy = log.with_name("copy")
            copy.write_bytes(log.read_bytes())
            copy.rename(log)

    monkeypatch.setattr(os, "fsync", save_meanwhile)
    assert append(log, [{"n": 2}], root=tmp_path) == 1
    assert _records(log.read_bytes()) == [{"n": 2}]


def test_a_writer_that_does_not_come_back_is_waited_for_only_so_long(tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(LOG, root=tmp_path):
            held.set()
            done.wait(10)

    (tmp_path / ".claude").mkdir()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    began = time.monotonic()
    with pytest.raises(LogError, match=r"another process has been writing to it for 0\.2 s"):
        append(LOG, [{"n": 1}], root=tmp_path, wait=0.2)
    assert time.monotonic() - began < 2
    done.set()
    holder.join()
    append(LOG, [{"n": 1}], root=tmp_path)


def test_whoever_holds_the_lock_may_append(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    with locked(LOG, root=tmp_path):
        append(LOG, [{"n": 1}], root=tmp_path, wait=0.1)
    assert _read(tmp_path) == [{"n": 1}]


def _directory(root: Path) -> None:
    (root / "a.jsonl").mkdir()


def _fifo(root: Path) -> None:
    os.mkfifo(root / "a.jsonl")


def _outside(root: Path) -> None:
    (root.parent / "outside.jsonl").write_bytes(b"")
    (root / "a.jsonl").symlink_to(root.parent / "outside.jsonl")


def _into_git(root: Path) -> None:
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / "a.jsonl").symlink_to(root / ".git/config")


def _loop(root: Path) -> None:
    (root / "a.jsonl").symlink_to("a.jsonl")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_directory, "a.jsonl: is a directory"),
        (_fifo, "a.jsonl: not a regular file"),
        (_outside, "a.jsonl: leads outside the repository"),
        (_into_git, "a.jsonl: leads into git's own files"),
        (_loop, "a.jsonl: cannot be written: Too many levels of symbolic links"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    make(root)
    with pytest.raises(LogError) as caught:
        append(Path("a.jsonl"), [{"n": 1}], root=root)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["../a.jsonl", "/etc/errata.jsonl", "."])
def test_paths_that_leave_the_repository_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(LogError):
        append(Path(path), [{"n": 1}], root=tmp_path)


def test_symlink_inside_the_repository_is_followed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "a.jsonl").symlink_to("logs/real.jsonl")
    append(Path("a.jsonl"), [{"n": 1}], root=tmp_path)
    assert _read(tmp_path, Path("logs/real.jsonl")) == [{"n": 1}]
    assert (tmp_path / "a.jsonl").is_symlink()


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / ".claude").write_bytes(b"")
    with pytest.raises(LogError, match="File exists"):
        append(LOG, [{"n": 1}], root=tmp_path)


def test_a_disk_that_fails_to_sync_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), fd)

    (tmp_path / "a.jsonl").touch()
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(LogError, match="not known to be on disk: Input/output error"):
        append(Path("a.jsonl"), [{"n": 1}], root=tmp_path)
    # The name of a new file is synced before anything is written into it.
    with pytest.raises(LogError, match="Input/output error; nothing was added"):
        append(Path("b.jsonl"), [{"n": 1}], root=tmp_path)
    assert not (tmp_path / "b.jsonl").read_bytes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_log_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch(0o400)
    with pytest.raises(LogError, match="Permission denied"):
        append(Path("a.jsonl"), [{"n": 1}], root=tmp_path)


@pytest.mark.parametrize("bad", [float("nan"), "\udcff", object()])
def test_a_record_that_is_no_json_stops_all(tmp_path: Path, bad: object) -> None:
    with pytest.raises(RecordError):
        append(LOG, [{"n": 1}, {"bad": bad}], root=tmp_path)
    assert not (tmp_path / LOG).exists()
