"""Repositories to be disturbed: sealed, made once, copied for each fault, looked at as a whole."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DATE = "2025-01-15T12:00:00 +0000"
NOW = 1_740_787_200  # 2025-03-01T00:00:00Z
# git's own, or files that say nothing: locks, and what can be made again at any time. Whether a
# cache is right is seen in what is made from it.
_PASSED_OVER = (
    *(".git/objects", ".git/objects/*", ".git/logs", ".git/logs/*", ".git/index", ".git/refs/*"),
    *(
        ".git/errata/*.lock",
        ".git/errata/occurrences",
        ".git/errata/figures",
        ".git/errata/naming",
        ".git/errata/unnamed",
        ".git/errata/log-sizes",
        ".git/errata/errors.log",
        "*/lock",
    ),
    # The state database is looked at row by row, with its journal.
    *(".git/errata/state.db", ".git/errata/state.db-journal"),
    # Fragments of lines are set aside there: looked at by themselves.
    "*.torn",
)


@contextlib.contextmanager
def sealed() -> Iterator[Path]:
    """A folder, in memory where that can be, and an environment with nothing from outside."""
    fast = Path("/dev/shm")
    where = fast if os.access(fast, os.W_OK) else None
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="errata-faults-", dir=where) as folder:
        home = Path(folder, "home")
        home.mkdir()
        (home / ".gitconfig").write_text(
            "[init]\n\tdefaultBranch = main\n\ttemplateDir =\n"
            # Copies have other inodes and times, and git must not take their files for changed.
            "[core]\n\tcheckStat = minimal\n\ttrustCtime = false\n"
        )
        kept = {name: before[name] for name in ("PATH", "LANG", "TMPDIR") if name in before}
        os.environ.clear()
        os.environ.update(kept, HOME=str(home), LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="100")
        os.environ.update(XDG_CONFIG_HOME=str(home / ".config"), GIT_CONFIG_NOSYSTEM="1")
        for who in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{who}_NAME"] = "Ann Author"
            os.environ[f"GIT_{who}_EMAIL"] = "ann@example.org"
            os.environ[f"GIT_{who}_DATE"] = _DATE
        try:
            yield Path(folder)
        finally:
            os.environ.clear()
            os.environ.update(before)


def stop_clock(seconds: float = NOW) -> None:
    """From here on it is always the same time in this process."""
    tell(lambda: seconds)


def tell(now: object) -> None:
    """From here on this process asks ``now`` for the time, in seconds."""
    assert callable(now)
    time.time = now
    time.time_ns = lambda: int(now() * 1_000_000_000)


def copy(source: Path, target: Path) -> None:
    """Put a copy of a repository in the place of the last one."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


@dataclass(frozen=True, slots=True)
class Look:
    """All that matters in a repository: path -> (bytes, executable); None for a folder.

    Each row of the state database stands there like a file, by its table and key.
    """

    files: dict[str, tuple[bytes, bool] | None]

    @classmethod
    def at(cls, root: Path) -> Look:
        """As it is now."""
        found: dict[str, tuple[bytes, bool] | None] = {}
        for folder, folders, files in os.walk(root):
            here = os.path.relpath(folder, root)
            folders[:] = [name for name in folders if not _passed(os.path.join(here, name))]
            for name in folders:
                found[os.path.normpath(os.path.join(here, name))] = None
            for name in files:
                path = os.path.normpath(os.path.join(here, name))
                if not _passed(path):
                    full = os.path.join(folder, name)
                    with open(full, "rb") as file:
                        mode = os.fstat(file.fileno()).st_mode
                        found[path] = file.read(), bool(mode & 0o100)
        found.update({path: (row, False) for path, row in _rows(root)})
        return cls(found)

    def replaced(self, old: bytes, new: bytes) -> Look:
        """This one with another text in its files."""
        changed = {
            path: found and (found[0].replace(old, new), found[1])
            for path, found in self.files.items()
        }
        return Look(changed)

    def differs(self, other: Look) -> list[str]:
        """How this one differs from what it should be, one line each."""
        said = []
        for path in sorted(self.files.keys() | other.files.keys()):
            if path not in other.files:
                said.append(f"{path}: left behind")
            elif path not in self.files:
                said.append(f"{path}: missing")
            elif self.files[path] != other.files[path]:
                said.append(f"{path}: differs: {_shown(self.files[path])}")
        return said

    def halves(self, *allowed: Look, torn: bool) -> list[str]:
        """Files that are neither as before nor as they were to be; new ones with odd names aside.

        A log may hold any of the whole lines, and at its end, if ``torn``, a part of one.
        """
        said = []
        for path, found in self.files.items():
            there = [look.files[path] for look in allowed if path in look.files]
            if found is None or found in there or not there or path == ".git/config":
                continue
            whole = [(look.files.get(path) or (b"", False))[0] for look in allowed]
            if not (path.endswith(".jsonl") and _lines_of(found[0], whole, torn)):
                said.append(f"{path}: half-written: {_shown(found)}")
        return said


def _rows(root: Path) -> Iterator[tuple[str, bytes]]:
    """The rows of the state database as the next process will find them."""
    database = root / ".git/errata/state.db"
    if not database.is_file():
        return
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        # What a killed process left is rolled back in a copy.
        for file in database.parent.glob("state.db*"):
            shutil.copyfile(file, Path(folder, file.name))
        with contextlib.closing(sqlite3.connect(Path(folder, "state.db"))) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE"
                                               " 'CREATE TABLE%'").fetchall():  # fmt: skip
                columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
                keys = [number for number, *_, key in columns if key]
                for row in connection.execute(f"SELECT * FROM {table}"):
                    key = " ".join(repr(row[number]) for number in keys)
                    yield f".git/errata/state.db/{table}/{key}", repr(row).encode()


def _passed(path: str) -> bool:
    path = os.path.normpath(path)
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in _PASSED_OVER)


def _lines_of(data: bytes, allowed: list[bytes], torn: bool) -> bool:
    """Whether these are whole lines of the allowed versions, and all that those have in common."""
    *lines, rest = data.split(b"\n")
    versions = [one.split(b"\n") for one in allowed]
    known = {line for one in versions for line in one}
    kept = set.intersection(*({*one[:-1]} for one in versions))
    ends = {one[-1] for one in versions}
    ended = any(line.startswith(rest) for line in known) if torn else rest in ends
    return known.issuperset(lines) and kept.issubset(lines) and ended


def torn(root: Path) -> set[bytes]:
    """Every fragment that was set aside."""
    return {line for path in root.rglob("*.torn") for line in path.read_bytes().split(b"\n")}


def _shown(found: tuple[bytes, bool] | None) -> str:
    return "a folder" if found is None else repr(found[0][-120:])
