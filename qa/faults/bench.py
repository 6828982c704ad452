"""One operation under test: disturbed in each way, and judged each time.

After a disturbance nothing may be half-written, and nothing said to be done that is not. After the
same operation once more, undisturbed, all must be as if nothing had happened.
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
from pathlib import Path

from qa.faults import trace, world
from qa.faults.operations import COMMAND, EVENT, Operation
from qa.faults.trace import Act, Call, Fault, How, Run
from qa.faults.world import Look
from tests.conftest import Repo

_SECONDS = 120.0
"""The longest that a run may take, on a busy machine too. Who waits for a lock gives up before."""
_NOBODY = 65534
_NOWHERE = ("file sizes", "permissions", "full disks")
_SIZES = (0, 1, 16, 40, 64, 100, 150, 200, 300, 400, 512, 700, 1000, 1500, 2000, 3000, 4096, 8192)
_FULL = {
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
    """One disturbance of one operation.

    Attributes:
        group: of what kind it is, for the counts.
        said: for messages.
        run: does it.
        killed: whether the process ends in the middle.
        judged: whether what it says and its status are looked at.
    """

    group: str
    said: str
    run: Callable[[], Run]
    killed: bool = False
    judged: bool = True


class Bench:
    """An operation with its repository; made once.

    Args:
        folder: for the repository and its template; in an environment of :func:`world.sealed`.
    """

    def __init__(self, operation: Operation, folder: Path) -> None:
        self.operation = operation
        self.root = folder / "repo"
        self._template = folder / "template"
        self._make()
        self._learn()
        self._reset()
        self._base = Look.at(self.root)
        self.undisturbed = self._go(None)
        self._final = Look.at(self.root)
        self._torn = world.torn(self.root)
        # Done once, it has nothing left to do; otherwise there would be nothing to compare with.
        trace.run(self.root, self.operation.again, how=_HOW)
        said = Look.at(self.root).differs(self._final)
        if said or self.undisturbed.status or self._final == self._base:
            what = f"{said} {self.undisturbed.status} {self.undisturbed.err}"
            raise AssertionError(f"{operation.name}: not fit to be disturbed: {what}")

    @property
    def calls(self) -> list[Call]:
        """What the undisturbed operation asks the system for."""
        return self.undisturbed.calls

    def trials(self) -> Iterator[Trial]:
        """Every disturbance there is."""
        yield from self._of_calls()
        yield from self._of_sizes()
        yield from self._of_permissions()
        yield from self._of_clocks()
        yield from self._of_full_disks()

    def judge(self, trial: Trial, thorough: bool = False) -> list[str]:
        """Do it, and say what is wrong then; one line each.

        Args:
            thorough: also ask git whether its files are in order.
        """
        said: list[str] = []
        self._reset()
        try:
            run = trial.run()
            now = Look.at(self.root)
            said += now.halves(self._base, self._final, torn=trial.killed)
            if trial.judged and not trial.killed:
                said += self._words(trial, run, now)
            said += self._after(trace.run(self.root, self.operation.again, how=_HOW))
            said += self._git() if thorough else []
        except trace.StuckError as error:
            said.append(f"stuck: {error}")
        finally:
            self._unmount()
        return [f"{self.operation.name}: {trial.said}: {one}" for one in said]

    # ---------------------------------------------------------------------------------- judging

    def _words(self, trial: Trial, run: Run, now: Look) -> list[str]:
        """What is wrong with what an operation said about what went wrong."""
        known = set(self.undisturbed.err.splitlines())
        lines = [line for line in run.err.splitlines() if line not in known]
        done = not now.differs(self._final)
        said = []
        if "Traceback" in run.err or "Exception ignored" in run.err:
            said.append(f"a traceback: {run.err[-700:]}")
        elif len(lines) > 1:
            said.append(f"more than one line: {lines}")
        if self.operation.kind == COMMAND:
            if run.status == 0 and not done and not (self.operation.leaves and lines):
                said.append(f"said to be done: {now.differs(self._final)}; {run.out[-200:]}")
            elif run.status < 0 or (run.status and not any("errata: " in one for one in lines)):
                said.append(f"status {run.status}, and no reason: {run.err!r}")
            return said
        if run.status:
            said.append(f"status {run.status}: {run.err}")
        if self.operation.kind == EVENT and run.err:
            said.append(f"an event said something: {run.err!r}")
        # An event has no other place to say it; `errata doctor` finds what cannot be written.
        noted = self.operation.kind == EVENT and (self._noted() or trial.group in _NOWHERE)
        if not (done or noted or lines):
            said.append(f"nothing was said: {now.differs(self._final)}")
        return said

    def _noted(self) -> bool:
        """Whether a whole line is in the log of errors."""
        log = self.root / ".git/errata/errors.log"
        return log.exists() and log.read_bytes().endswith(b"\n")

    def _after(self, again: Run) -> list[str]:
        """What is wrong after the same operation, once more and undisturbed."""
        said = Look.at(self.root).differs(self._final)
        lost = self._torn - world.torn(self.root)
        said += [f"lost: {sorted(lost)}"] if lost else []
        if again.status != self.undisturbed.status or "Traceback" in again.err:
            said.append(f"status {again.status}: {again.err[-500:]}")
        return [f"afterwards: {one}" for one in said]

    def _git(self) -> list[str]:
        asked = (["fsck", "--strict"], ["config", "--list"], ["status", "--porcelain"])
        said = []
        for words in asked:
            done = subprocess.run(
                ["git", *words], cwd=self.root, capture_output=True, text=True, check=False
            )
            if done.returncode:
                said.append(f"git {words[0]}: {done.stderr}")
        return said

    # ------------------------------------------------------------------------- disturbances

    def _of_calls(self) -> Iterator[Trial]:
        for number, call in enumerate(self.calls):
            for fault in _faults(number, call):
                yield Trial(
                    fault.act.value if fault.act is not Act.FAIL else "refused calls",
                    f"{fault} ({call})",
                    lambda f=fault: self._go(f),  # type: ignore[misc]
                    fault.act in (Act.KILL_BEFORE, Act.KILL_AFTER, Act.TEAR),
                )

    def _of_sizes(self) -> Iterator[Trial]:
        # Git dies of the signal and leaves its own lock in its way, which no caller can help.
        if any(call.path.startswith(".git/config") for call in self.calls) or self._writes_config():
            return
        for size in _SIZES:
            how = replace(_HOW, size=size)
            yield Trial("file sizes", f"files of {size} bytes", lambda h=how: self._go(None, h))  # type: ignore[misc]

    def _writes_config(self) -> bool:
        return self._base.files[".git/config"] != self._final.files[".git/config"]

    def _of_permissions(self) -> Iterator[Trial]:
        touched = {Path(call.path) for call in self.calls}
        places = {p for path in touched for p in (path, *path.parents) if p != Path()}
        for path in sorted({*places, Path()}):
            if (self._template / path).exists() and path != Path(".git"):
                yield Trial("permissions", f"{path} is read-only", lambda p=path: self._denied(p))  # type: ignore[misc]

    def _denied(self, path: Path) -> Run:
        root = os.getuid() == 0
        if root:
            for found in (self.root, *self.root.rglob("*")):
                os.chown(found, _NOBODY, _NOBODY, follow_symlinks=False)
        target = self.root / path
        was = target.stat()
        target.chmod(stat.S_IMODE(was.st_mode) & ~0o222)
        try:
            return self._go(None, replace(_HOW, uid=_NOBODY if root else None))
        finally:
            # Not what stands there now instead, or nothing does.
            if target.exists() and target.stat().st_ino == was.st_ino:
                target.chmod(stat.S_IMODE(was.st_mode))
            for found in (self.root, *self.root.rglob("*")) if root else ():
                os.chown(found, 0, 0, follow_symlinks=False)

    def _of_clocks(self) -> Iterator[Trial]:
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
            how = replace(_HOW, first=lambda n=now: world.tell(n))  # type: ignore[misc]
            yield Trial("clocks", f"clock {name}", lambda h=how: self._go(None, h), judged=False)  # type: ignore[misc]
        yield Trial("clocks", "files of the future", self._future)

    def _future(self) -> Run:
        for path in (self.root, *self.root.rglob("*")):
            os.utime(path, (world.NOW * 2, world.NOW * 2))
        return self._go(None)

    def _of_full_disks(self) -> Iterator[Trial]:
        if os.getuid() or not _can_mount(self.root.parent) or self._writes_config():
            return
        for pages in range(12):
            yield Trial("full disks", f"{pages} pages left", lambda n=pages: self._full(n))  # type: ignore[misc]

    def _full(self, pages: int) -> Run:
        """The repository on a disk of its own, nearly full."""
        subprocess.run(["mount", "-t", "tmpfs", "small", self.root], check=True)
        for path in self._template.iterdir():
            into = self.root / path.name
            _ = world.copy(path, into) if path.is_dir() else shutil.copy2(path, into)
        disk = os.statvfs(self.root)
        used = disk.f_blocks - disk.f_bfree
        _resize(self.root, (used + pages) * disk.f_frsize)
        run = self._go(None)
        _resize(self.root, 1 << 26)
        return run

    def _unmount(self) -> None:
        if os.path.ismount(self.root):
            subprocess.run(["umount", self.root], check=True)

    # -------------------------------------------------------------------------------- running

    def _go(self, fault: Fault | None, how: How | None = None) -> Run:
        return trace.run(self.root, self.operation.run, fault, how or _HOW)

    def _reset(self) -> None:
        world.copy(self._template, self.root)

    def _make(self) -> None:
        for folder in (self.root, self._template):
            subprocess.run(["rm", "-rf", folder], check=True)
        self.root.mkdir()
        self._apart(self._built)
        world.copy(self.root, self._template)

    def _built(self) -> None:
        repo = Repo(self.root)
        repo.git("init", "-q")
        self.operation.make(repo)

    def _learn(self) -> None:
        """Import here what the operation needs, so that its runs need not."""
        for name in self._apart(self.operation.run):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    def _apart(self, work: Callable[[], object]) -> list[str]:
        """Do something quietly in a child; the modules that it had in the end."""
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
            found = names.read().split("\n")
        if os.waitpid(child, 0)[1]:
            raise AssertionError(f"{self.operation.name}: cannot be prepared")
        return [name for name in found if name not in sys.modules]


_HOW = How(limit=_SECONDS)


def _faults(number: int, call: Call) -> Iterator[Fault]:
    yield Fault(number, Act.KILL_BEFORE)
    yield Fault(number, Act.KILL_AFTER)
    if call.size > 1:
        yield Fault(number, Act.TEAR)
        yield Fault(number, Act.SHORT)
    for name in _FULL.get(call.name, "").split():
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
