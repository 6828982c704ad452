"""Files are replaced atomically; also the guarantees that other packages build on this."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from errata import cli
from errata.core import atomic
from errata.core.config import Config, load
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.setup import uninstall_plan
from errata.setup.layout import Layout
from errata.state import outbox, retry_queue
from record_builders import CORRECTIONS, correction


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_leftover_goes_and_a_live_file_stays(tmp_path: Path) -> None:
    (tmp_path / ".other.0123456789ab.errata-tmp").write_bytes(b"half")
    (tmp_path / ".mine.errata").write_bytes(b"a person's")
    descriptor, live = atomic.create_temporary(str(tmp_path), "file", 0o666)
    atomic.write(tmp_path / "file", b"one")
    assert names(tmp_path) == sorted([".mine.errata", "file", Path(live).name])
    os.close(descriptor)
    atomic.sweep(tmp_path)
    assert names(tmp_path) == [".mine.errata", "file"]


def test_a_file_that_was_swept_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = atomic.fcntl.flock
    swept: list[Path] = []

    def late(descriptor: int, how: int) -> None:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        lock(descriptor, how)

    monkeypatch.setattr(atomic.fcntl, "flock", late)
    atomic.write(tmp_path / "file", b"x")
    assert names(tmp_path) == ["file"]


def test_without_locks_it_still_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(atomic.fcntl, "flock", none)
    atomic.write(tmp_path / "file", b"x")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("old", "how", "mode"),
    [
        (None, {}, 0o644),
        (None, {"executable": True}, 0o755),
        (0o640, {}, 0o640),
        (0o640, {"executable": True}, 0o740),
    ],
)
def test_modes(tmp_path: Path, old: int | None, how: dict[str, bool], mode: int) -> None:
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(b"old")
        path.chmod(old)
    mask = os.umask(0o022)
    atomic.write(path, b"new", **how)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_what_fails_in_the_middle_leaves_the_old_bytes_and_nothing_else(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"new" * 10_000
        raise OSError(errno.ENOSPC, "full")

    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OSError, match="full"):
        atomic.write(tmp_path / "file", parts())
    assert names(tmp_path) == ["file"] and (tmp_path / "file").read_bytes() == b"old"


def test_folders_are_made_and_a_file_in_their_place_is_said(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a/b/file", b"x")
    assert (tmp_path / "a/b/file").read_bytes() == b"x"
    with pytest.raises(NotADirectoryError):
        atomic.write(tmp_path / "a/b/file/c", b"x")


def test_a_lock_whose_file_is_removed_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    inside: list[int] = []

    def enter(number: int) -> int:
        with atomic.exclusive_lock(lock, 10, remove=True):
            inside.append(number)
            time.sleep(0.001)
            most = len(inside)
            inside.remove(number)
        return most

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(enter, range(60))) == {1}
    assert names(tmp_path) == []


def test_a_lock_is_waited_for_and_not_longer(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    start = time.monotonic()
    with (
        atomic.exclusive_lock(lock, 1),
        pytest.raises(TimeoutError),
        atomic.exclusive_lock(lock, 0.1),
    ):
        pass
    assert 0.1 <= time.monotonic() - start < 5
    with atomic.exclusive_lock(lock, 0):
        pass


# ---------------------------------------------------------------------------- who writes with it


def test_a_flush_that_was_stopped_remembers_all_that_it_moved(repo: Any) -> None:
    """Killed behind the log's write: the next one moves nothing, and must note it all the same."""
    record = {**correction(1), "id": "cor-1"}
    repo.jsonl(CORRECTIONS, record)
    repo.jsonl(".git/errata/outbox.jsonl", record)
    here = Repository.discover(repo.root)
    assert outbox.flush(here, Config()) == 0
    assert [json.loads(line)["id"] for line in outbox.moved(here).splitlines()] == ["cor-1"]


def test_what_cannot_be_left_for_later_is_not_said_to_be(repo: Any) -> None:
    repo.write(".git/errata", "in the way")
    (repo.root / ".git/errata-retry-queue").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        retry_queue.add_commit(Repository.discover(repo.root), "abc")


def test_a_marker_of_an_empty_queue_is_removed(repo: Any) -> None:
    """It costs every commit a look."""
    repo.write(".git/errata/retry-queue", "")
    assert retry_queue.entries(Repository.discover(repo.root)) == []
    assert not (repo.root / ".git/errata/retry-queue").exists()


def test_the_merge_driver_does_not_write_in_place(repo: Any, errata: Any) -> None:
    """Git takes what a driver that died had left in the file for its result."""
    for name, text in (("O", ""), ("A", "one\n"), ("B", "two\n")):
        repo.write(name, text)
    os.link(repo.root / "A", repo.root / "before")
    files = ("--ancestor", "O", "--ours", "A", "--theirs", "B")
    path = ".claude/patterns/promotion-log.jsonl"
    assert errata("merge-file", *files, "--path", path).returncode == 0
    assert (repo.root / "A").read_text() == "one\ntwo\n"
    assert (repo.root / "before").read_text() == "one\n"


def test_a_refusal_of_the_system_is_one_line(
    repo: Any,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")

    monkeypatch.setattr("errata.commands.place.load", full)
    assert cli.main(["evolve"]) == 2
    assert capsys.readouterr().err == "errata: /tmp/x: No space left on device\n"


def test_a_folder_that_cannot_go_is_said_and_can_go_later(
    repo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("Begin")
    assert cli.main(["init", "--yes", "--manager", "plain"]) == 0
    rmdir = Path.rmdir

    def refused(path: Path) -> None:
        if path.name == "commands":
            raise OSError(errno.EROFS, "Read-only file system")
        rmdir(path)

    monkeypatch.setattr(Path, "rmdir", refused)
    with pytest.raises(ErrataError, match=r"\.claude/commands: cannot be removed: Read-only"):
        uninstall_plan.plan_uninstall(Layout.discover(repo.root), load(repo.root)).apply()
    monkeypatch.undo()
    uninstall_plan.plan_uninstall(Layout.discover(repo.root), load(repo.root)).apply()
    assert not (repo.root / ".claude").exists()
