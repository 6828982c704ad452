"""Runs one operation with every fault, and checks the result each time.

After a fault no file may be half-written, and the operation must not claim work that is not done.
After a second run without a fault, the repository must be as if no fault had occurred.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from qa.faults import trace, world
from qa.faults.operations import COMMAND, EVENT, Operation
from qa.faults.trace import Act, Call, Fault, Run, RunOptions
from qa.faults.world import Look
from tests.conftest import Repo

_SECONDS = 120.0
"""The limit for one run, on a busy machine too. Waiting for a lock ends earlier."""
_NOBODY = 65534
_UNLOGGED = ("file sizes", "permissions", "full disks")
_SIZES = (0, 1, 16, 40, 64, 100, 150, 200, 300, 400, 512, 700, 1000, 1500, 2000, 3000, 4096, 8192)
_ERRORS = {
    **dict.fromkeys(("write", "pwrite64", "writev"), "ENOSPC EDQUOT EIO EINTR EACCES EROFS"),
    **dict.fromkeys(("fsync", "fdatasync"), "EIO ENOSPC EDQUOT EINTR EROFS"),
    **dict.fromkeys(
        ("rename", "renameat", "renameat2", "link", "linkat"), "EACCES EROFS ENOSPC EIO"
    ),
    **dict.fromkeys(
        ("open", "openat", "creat", "mkdir", "mkdirat"), "EACCES EROFS ENOSPC EDQUOT EIO"
    ),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "EACCES EROFS EIO"),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat"), "EPERM EROFS EIO"),
    **dict.fromkeys(("flock", "fcntl"), "EINTR ENOLCK EIO"),
    **dict.fromkeys(("truncate", "ftruncate"), "EIO EROFS EINTR"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault in one operation.

    Attributes:
        group: the kind of fault, for the counts.
        label: for messages.
        run: runs the operation with the fault.
        killed: whether the fault kills the process.
        checked: whether to check the messages and the exit status.
    """

    group: str
    label: str
    run: Callable[[], Run]
    killed: bool = False
    checked: bool = True


class Harness:
    """An operation with its repository, which is built once.

    Args:
        folder: holds the repository and its template; from :func:`world.sealed`.
    """

    def __init__(self, operation: Operation, folder: Path) -> None:
        self.operation = operation
        self.root = folder / "repo"
        self._template = folder / "template"
        self._make()
        self._find_imports()
        self._reset()
        self._base = Look.at(self.root)
        self.undisturbed = self._run(None)
        self._final = Look.at(self.root)
        self._allowed = [self._base, self._final]
        if operation.between:
            self._allowed.append(self._final.replaced(*operation.between))
        self._torn = world.torn(self.root)
        # A second run must change nothing; otherwise there is no result to compare with.
        trace.run(self.root, self.operation.again, options=_DEFAULTS)
        problems = Look.at(self.root).differs(self._final)
        if problems or self.undisturbed.status or self._final == self._base:
            details = f"{problems} {self.undisturbed.status} {self.undisturbed.err}"
            raise AssertionError(f"{operation.name}: not repeatable: {details}")

    @property
    def calls(self) -> list[Call]:
        """The system calls of the operation without a fault."""
        return self.undisturbed.calls

    def trials(self) -> Iterator[Trial]:
        """Every fault for this operation."""
        yield from self._call_trials()
        yield from self._size_trials()
        yield from self._permission_trials()
        yield from self._clock_trials()
        yield from self._full_disk_trials()

    def check(self, trial: Trial, thorough: bool = False) -> list[str]:
        """Run a trial; return the problems, one line each.

        Args:
            thorough: also check the repository with git.
        """
        problems: list[str] = []
        self._reset()
        try:
            run = trial.run()
            now = Look.at(self.root)
            problems += now.halves(*self._allowed, torn=trial.killed)
            if trial.checked and not trial.killed:
                problems += self._check_messages(trial, run, now)
            problems += self._check_second_run(
                trace.run(self.root, self.operation.again, options=_DEFAULTS)
            )
            problems += self._check_git() if thorough else []
        except trace.StuckError as error:
            problems.append(f"stuck: {error}")
        finally:
            self._unmount()
        return [f"{self.operation.name}: {trial.label}: {problem}" for problem in problems]

    # ---------------------------------------------------------------------------------- checks

    def _check_messages(self, trial: Trial, run: Run, now: Look) -> list[str]:
        """Problems of the messages and the exit status of a run."""
        expected = set(self.undisturbed.err.splitlines())
        lines = [line for line in run.err.splitlines() if line not in expected]
        done = not now.differs(self._final)
        problems = []
        if "Traceback" in run.err or "Exception ignored" in run.err:
            problems.append(f"a traceback: {run.err[-700:]}")
        elif len(lines) > 1:
            problems.append(f"more than one line: {lines}")
        if self.operation.kind == COMMAND:
            if run.status == 0 and not done and not (self.operation.leaves and lines):
                problems.append(f"reported as done: {now.differs(self._final)}; {run.out[-200:]}")
            elif run.status < 0 or (run.status and not any("errata: " in line for line in lines)):
                problems.append(f"status {run.status}, and no reason: {run.err!r}")
            return problems
        if run.status:
            problems.append(f"status {run.status}: {run.err}")
        if self.operation.kind == EVENT and run.err:
            problems.append(f"an event printed: {run.err!r}")
        # An event reports nowhere else; `errata doctor` finds files that cannot be written.
        noted = self.operation.kind == EVENT and (self._is_logged() or trial.group in _UNLOGGED)
        if not (done or noted or lines):
            problems.append(f"not reported: {now.differs(self._final)}")
        return problems

    def _is_logged(self) -> bool:
        """Whether the error log ends with a complete line."""
        log = self.root / ".git/errata/errors.log"
        return log.exists() and log.read_bytes().endswith(b"\n")

    def _check_second_run(self, again: Run) -> list[str]:
        """Problems after a second run without a fault."""
        problems = Look.at(self.root).differs(self._final)
        lost = self._torn - world.torn(self.root)
        problems += [f"lost: {sorted(lost)}"] if lost else []
        if again.status != self.undisturbed.status or "Traceback" in again.err:
            problems.append(f"status {again.status}: {again.err[-500:]}")
        return [f"afterwards: {problem}" for problem in problems]

    def _check_git(self) -> list[str]:
        commands = (["fsck", "--strict"], ["config", "--list"], ["status", "--porcelain"])
        problems = []
        for words in commands:
            done = subprocess.run(
                ["git", *words], cwd=self.root, capture_output=True, text=True, check=False
            )
            if done.returncode:
                problems.append(f"git {words[0]}: {done.stderr}")
        return problems

    # ------------------------------------------------------------------------- faults

    def _call_trials(self) -> Iterator[Trial]:
        for number, call in enumerate(self.calls):
            for fault in _faults(number, call):
                yield Trial(
                    fault.act.value if fault.act is not Act.FAIL else "refused calls",
                    f"{fault} ({call})",
                    partial(self._run, fault),
                    fault.act in (Act.KILL_BEFORE, Act.KILL_AFTER, Act.TEAR),
                )

    def _size_trials(self) -> Iterator[Trial]:
        # The signal kills git, which leaves its lock behind; no caller can prevent that.
        if any(call.path.startswith(".git/config") for call in self.calls) or self._writes_config():
            return
        for size in _SIZES:
            options = replace(_DEFAULTS, size=size)
            yield Trial("file sizes", f"files of {size} bytes", partial(self._run, None, options))

    def _writes_config(self) -> bool:
        return self._base.files[".git/config"] != self._final.files[".git/config"]

    def _permission_trials(self) -> Iterator[Trial]:
        touched = {Path(call.path) for call in self.calls}
        places = {p for path in touched for p in (path, *path.parents) if p != Path()}
        for path in sorted({*places, Path()}):
            if (self._template / path).exists() and path != Path(".git"):
                yield Trial(
                    "permissions", f"{path} is read-only", partial(self._run_read_only, path)
                )

    def _run_read_only(self, path: Path) -> Run:
        root = os.getuid() == 0
        if root:
            for entry in (self.root, *self.root.rglob("*")):
                os.chown(entry, _NOBODY, _NOBODY, follow_symlinks=False)
        target = self.root / path
        before = target.stat()
        target.chmod(stat.S_IMODE(before.st_mode) & ~0o222)
        try:
            return self._run(None, replace(_DEFAULTS, uid=_NOBODY if root else None))
        finally:
            # The operation may have replaced or removed it.
            if target.exists() and target.stat().st_ino == before.st_ino:
                target.chmod(stat.S_IMODE(before.st_mode))
            for entry in (self.root, *self.root.rglob("*")) if root else ():
                os.chown(entry, 0, 0, follow_symlinks=False)

    def _clock_trials(self) -> Iterator[Trial]:
        if self.operation.kind == EVENT:
            return
        back = iter(range(world.NOW, 0, -3600))
        clocks: dict[str, Callable[[], float]] = {
            "1990": lambda: 631_152_000.0,
            "2099": lambda: 4_070_908_800.0,
            "0": lambda: 0.0,
            "backwards": lambda: float(next(back)),
        }
        for name, now in clocks.items():
            options = replace(_DEFAULTS, first=partial(world.tell, now))
            yield Trial("clocks", f"clock {name}", partial(self._run, None, options), checked=False)
        yield Trial("clocks", "files of the future", self._run_in_the_past)

    def _run_in_the_past(self) -> Run:
        for path in (self.root, *self.root.rglob("*")):
            os.utime(path, (world.NOW * 2, world.NOW * 2))
        return self._run(None)

    def _full_disk_trials(self) -> Iterator[Trial]:
        if os.getuid() or not _can_mount(self.root.parent) or self._writes_config():
            return
        for pages in range(12):
            yield Trial("full disks", f"{pages} pages left", partial(self._run_on_full_disk, pages))

    def _run_on_full_disk(self, pages: int) -> Run:
        """Run on a file system that is nearly full."""
        subprocess.run(["mount", "-t", "tmpfs", "small", self.root], check=True)
        for path in self._template.iterdir():
            into = self.root / path.name
            _ = world.copy(path, into) if path.is_dir() else shutil.copy2(path, into)
        disk = os.statvfs(self.root)
        used = disk.f_blocks - disk.f_bfree
        _resize(self.root, (used + pages) * disk.f_frsize)
        run = self._run(None)
        _resize(self.root, 1 << 26)
        return run

    def _unmount(self) -> None:
        if os.path.ismount(self.root):
            subprocess.run(["umount", self.root], check=True)

    # -------------------------------------------------------------------------------- running

    def _run(self, fault: Fault | None, options: RunOptions | None = None) -> Run:
        return trace.run(self.root, self.operation.run, fault, options or _DEFAULTS)

    def _reset(self) -> None:
        world.copy(self._template, self.root)

    def _make(self) -> None:
        for folder in (self.root, self._template):
            subprocess.run(["rm", "-rf", folder], check=True)
        self.root.mkdir()
        self._in_child(self._built)
        world.copy(self.root, self._template)

    def _built(self) -> None:
        repo = Repo(self.root)
        repo.git("init", "-q")
        self.operation.make(repo)

    def _find_imports(self) -> None:
        """Import the modules of the operation here, so that its runs start faster."""
        for name in self._in_child(self.operation.run):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    def _in_child(self, work: Callable[[], object]) -> list[str]:
        """Run a function in a silent child process; return the modules that it imported."""
        read, into = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(read)
            status = 1
            try:
                os.chdir(self.root)
                for fd in (1, 2):
                    os.dup2(os.open(os.devnull, os.O_RDWR), fd)
                work()
                with os.fdopen(into, "w") as out:
                    out.write("\n".join(sys.modules))
                status = 0
            finally:
                os._exit(status)
        os.close(into)
        with os.fdopen(read) as names:
            imported = names.read().split("\n")
        if os.waitpid(child, 0)[1]:
            raise AssertionError(f"{self.operation.name}: cannot be prepared")
        return [name for name in imported if name not in sys.modules]


_DEFAULTS = RunOptions(limit=_SECONDS)


def _faults(number: int, call: Call) -> Iterator[Fault]:
    yield Fault(number, Act.KILL_BEFORE)
    yield Fault(number, Act.KILL_AFTER)
    if call.size > 1:
        yield Fault(number, Act.TEAR)
        yield Fault(number, Act.SHORT)
    for name in _ERRORS.get(call.name, "").split():
        yield Fault(number, Act.FAIL, getattr(errno, name))


def _resize(root: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", root], check=True)


def _can_mount(folder: Path) -> bool:
    place = folder / "try"
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "try", place], check=False, capture_output=True)
    if done.returncode == 0:
        subprocess.run(["umount", place], check=True)
    return done.returncode == 0
